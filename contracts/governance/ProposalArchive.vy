# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Proposal archive
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Keeps the calls of those proposals that somebody pays to keep, so that a contract can read them, and anybody
        can queue and execute by id alone.
@dev OpenZeppelin's GovernorStorage writes every proposal to storage, at 22,100 gas for each 32 bytes. Here the encoded
     arguments become the code of a contract, at 200 gas a byte, and only if somebody asks for it. That contract is
     `RETURN_REST` twice and the arguments: the first copy runs at creation and returns all that follows it as the code;
     the second runs when the contract is called and returns the arguments. A proposal's id is their hash, so nothing
     false can be kept. The archive has no power over the Governor: it does only what anybody may do there.
@custom:invariant What is kept under an id hashes to that id and never changes.
@custom:halt Nothing halts it, and nothing depends on it.
"""

from contracts.governance import governor_errors as errors
from contracts.governance import limits
from interfaces import IGovernor
from interfaces import IProposalArchive

implements: IProposalArchive

# Returns the running code from byte 11 on, that is, all that follows these 11 bytes:
#     PUSH1 11  CODESIZE  SUB  DUP1  PUSH1 11  PUSH0  CODECOPY  PUSH0  RETURN
RETURN_REST: constant(Bytes[11]) = x"600b380380600b5f395ff3"
# The longest encoding, in units of 32 bytes: 4 for three offsets and the hash; a length and MAX_ACTIONS items each for
# targets and amounts; for the calldatas a length, and of each an offset and a length. Then the bytes of the calldatas.
MAX_ENCODED_BYTES: constant(uint256) = 32 * (4 + 2 * (1 + limits.MAX_ACTIONS) + 1 + 2 * limits.MAX_ACTIONS) + (
    limits.MAX_ACTIONS * limits.MAX_CALLDATA_BYTES
)
# The Governor is called with the encoded arguments as they were kept: to decode and encode them again would only cost.
QUEUE: constant(bytes4) = method_id("queue(address[],uint256[],bytes[],bytes32)", output_type=bytes4)
EXECUTE: constant(bytes4) = method_id("execute(address[],uint256[],bytes[],bytes32)", output_type=bytes4)

GOVERNOR: public(immutable(address))

# Proposal => the contract that keeps its calls.
keepers: HashMap[uint256, address]
# Ids of the proposals that are kept, in the order in which they were.
kept: DynArray[uint256, 2**32]


@deploy
def __init__(governor: address):
    """
    @param governor The Governor whose proposals are kept.
    """
    GOVERNOR = governor


@external
def keep(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    calldatas: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    description_hash: bytes32,
) -> uint256:
    encoded: Bytes[MAX_ENCODED_BYTES] = abi_encode(targets, amounts, calldatas, description_hash)
    proposal_id: uint256 = convert(keccak256(encoded), uint256)
    snapshot: uint256 = staticcall IGovernor(GOVERNOR).proposalSnapshot(proposal_id)
    if snapshot == 0:
        errors._nonexistent(proposal_id)
    assert self.keepers[proposal_id] == empty(address), "proposal is kept already"
    keeper: address = raw_create(concat(RETURN_REST, RETURN_REST, encoded))
    assert keeper.is_contract, "keeper has no code"
    self.keepers[proposal_id] = keeper
    self.kept.append(proposal_id)
    assert keccak256(self._encoded(proposal_id)) == convert(proposal_id, bytes32), "proposal was not kept"
    log IProposalArchive.ProposalKept(proposal_id=proposal_id, keeper=keeper)
    return proposal_id


@external
@reentrant
def queue(proposal_id: uint256):
    raw_call(GOVERNOR, concat(QUEUE, self._encoded(proposal_id)))


@external
@payable
@reentrant
def execute(proposal_id: uint256):
    raw_call(GOVERNOR, concat(EXECUTE, self._encoded(proposal_id)), value=msg.value)


# --- views ---

@external
@view
@reentrant
def proposalCount() -> uint256:
    return len(self.kept)


@external
@view
@reentrant
def proposalDetails(
    proposal_id: uint256,
) -> (
    DynArray[address, limits.MAX_ACTIONS],
    DynArray[uint256, limits.MAX_ACTIONS],
    DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    bytes32,
):
    return self._details(proposal_id)


@external
@view
@reentrant
def proposalDetailsAt(
    index: uint256,
) -> (
    uint256,
    DynArray[address, limits.MAX_ACTIONS],
    DynArray[uint256, limits.MAX_ACTIONS],
    DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    bytes32,
):
    assert index < len(self.kept), "no such proposal is kept"
    proposal_id: uint256 = self.kept[index]
    targets: DynArray[address, limits.MAX_ACTIONS] = []
    amounts: DynArray[uint256, limits.MAX_ACTIONS] = []
    calldatas: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS] = []
    description_hash: bytes32 = empty(bytes32)
    targets, amounts, calldatas, description_hash = self._details(proposal_id)
    return proposal_id, targets, amounts, calldatas, description_hash


@external
@view
@reentrant
def keeper_of(proposal_id: uint256) -> address:
    return self.keepers[proposal_id]


# --- internals ---

@internal
@view
def _details(
    proposal_id: uint256,
) -> (
    DynArray[address, limits.MAX_ACTIONS],
    DynArray[uint256, limits.MAX_ACTIONS],
    DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    bytes32,
):
    return abi_decode(
        self._encoded(proposal_id),
        (
            DynArray[address, limits.MAX_ACTIONS],
            DynArray[uint256, limits.MAX_ACTIONS],
            DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
            bytes32,
        ),
    )


@internal
@view
def _encoded(proposal_id: uint256) -> Bytes[MAX_ENCODED_BYTES]:
    """
    @dev Targets, amounts, calldatas and the description's hash, ABI encoded. Reverts if the proposal is not kept.
    """
    keeper: address = self.keepers[proposal_id]
    if keeper == empty(address):
        errors._nonexistent(proposal_id)
    return raw_call(keeper, b"", max_outsize=MAX_ENCODED_BYTES, is_static_call=True)
