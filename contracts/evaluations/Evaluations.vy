# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Evaluations
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Claims about weights, and who attested them: `IEvaluations` says what each function does and refuses.
@dev Of a claim the contract keeps what others ask it for, and the hash of all of it; harness and evidence are in the
     event. Nothing lists the claims about a digest: anybody may file any number, and no call may grow with them.
@custom:invariant A claim never changes. It is attested once, at the moment its live attestors are as many as its
                  benchmark's threshold, and its attestors are final from then on; it is void once and for ever.
                  Every attestor of an attested claim was admitted to its benchmark at that moment.
@custom:halt Nothing here can be halted: a claim binds nobody, and a vote that removes all evaluators is a halt.
"""

from contracts.common import governed
from contracts.common import signature_checks
from contracts.evaluations import attestation_messages
from contracts.evaluations import benchmarks
from contracts.evaluations import packed_attestor
from contracts.evaluations import packed_claim
from contracts.evaluations import packed_standing
from contracts.evaluations import scores
from interfaces import IEvaluations

implements: IEvaluations

initializes: governed
initializes: benchmarks
initializes: attestation_messages

exports: (
    governed.__interface__,
    attestation_messages.__interface__,
    benchmarks.MAX_THRESHOLD,
    benchmarks.benchmark_count,
    scores.MAX_SCORE,
)

claim_count: public(uint256)
digests: HashMap[uint256, bytes32]
# Claim id => EIP-712 struct hash of the claim.
claim_hashes: HashMap[uint256, bytes32]
# Claim id => who claims which score, packed.
packed_claims: HashMap[uint256, uint256]
# Claim id => its benchmark and its times, packed.
packed_standings: HashMap[uint256, uint256]
# Claim id => its attestors, packed. While it is not attested, those who lost their admission leave with the next one.
packed_attestors: HashMap[uint256, DynArray[uint256, benchmarks.MAX_THRESHOLD]]


@deploy
def __init__():
    """
    @notice The deployer is the owner until it hands over.
    """
    governed.__init__()
    benchmarks.__init__()
    attestation_messages.__init__()


# --- claims ---


@external
def claim(data: IEvaluations.Claim) -> uint256:
    assert data.weights_digest != empty(bytes32), "weights digest is empty"
    assert len(data.harness) > 0, "harness is not named"
    assert data.evidence_hash != empty(bytes32), "evidence hash is empty"
    assert len(data.evidence_uri) > 0, "evidence uri is empty"
    raised: uint256 = benchmarks._raised_in_scale(data.benchmark_id, data.score)

    claim_id: uint256 = self.claim_count + 1
    self.claim_count = claim_id
    claim_hash: bytes32 = attestation_messages._claim_hash(data, msg.sender)
    self.digests[claim_id] = data.weights_digest
    self.claim_hashes[claim_id] = claim_hash
    self.packed_claims[claim_id] = packed_claim._pack(
        packed_claim.Claimed(claimant=msg.sender, raised_score=raised)
    )
    self.packed_standings[claim_id] = packed_standing._pack(
        packed_standing.Standing(
            benchmark_id=data.benchmark_id, claimed_at=block.timestamp, attested_at=0, voided_at=0
        )
    )
    log IEvaluations.Claimed(
        claim_id=claim_id,
        weights_digest=data.weights_digest,
        benchmark_id=data.benchmark_id,
        claimant=msg.sender,
        claim_hash=claim_hash,
        claim=data,
    )
    return claim_id


# --- attestations ---


@external
def attest(claim_id: uint256, claim_hash: bytes32):
    self._standing(claim_id)
    assert self.claim_hashes[claim_id] == claim_hash, "claim is another"
    self._attest(claim_id, msg.sender, self._admission_for(claim_id, msg.sender))


@external
def attest_by_signature(
    claim_id: uint256,
    evaluator: address,
    deadline: uint256,
    signature: Bytes[signature_checks.MAX_SIGNATURE_BYTES],
):
    self._standing(claim_id)
    assert block.timestamp <= deadline, "signature has expired"
    admission: uint256 = self._admission_for(claim_id, evaluator)
    digest: bytes32 = attestation_messages._digest(claim_id, admission, deadline, self.claim_hashes[claim_id])
    assert signature_checks._is_valid(evaluator, digest, signature), "signature is not the evaluator's"
    self._attest(claim_id, evaluator, admission)


# --- gated ---


@external
def void_claim(claim_id: uint256, reason_hash: bytes32):
    governed._only_owner()
    packed: uint256 = self._standing(claim_id)
    self._check_not_void(packed)
    self.packed_standings[claim_id] = packed_standing._with_voided_at(packed, block.timestamp)
    log IEvaluations.ClaimVoided(claim_id=claim_id, reason_hash=reason_hash)


@external
def add_benchmark(benchmark: IEvaluations.Benchmark) -> uint256:
    governed._only_owner()
    benchmark_id: uint256 = benchmarks._add(benchmark)
    log IEvaluations.BenchmarkAdded(benchmark_id=benchmark_id, benchmark=benchmark)
    return benchmark_id


@external
def set_threshold(benchmark_id: uint256, new_threshold: uint256):
    governed._only_owner()
    old_threshold: uint256 = benchmarks._set_threshold(benchmark_id, new_threshold)
    log IEvaluations.ThresholdChanged(
        benchmark_id=benchmark_id, old_threshold=old_threshold, new_threshold=new_threshold
    )


@external
def set_evaluator(benchmark_id: uint256, account: address, admitted: bool):
    governed._only_owner()
    number: uint256 = benchmarks._set_evaluator(benchmark_id, account, admitted)
    log IEvaluations.EvaluatorChanged(
        benchmark_id=benchmark_id, account=account, admitted=admitted, standing_number=number
    )


# --- views ---


@external
@view
def benchmark_of(benchmark_id: uint256) -> IEvaluations.Benchmark:
    return benchmarks._benchmark(benchmark_id)


@external
@view
def admission(benchmark_id: uint256, account: address) -> uint256:
    return benchmarks._admission(benchmark_id, account)


@external
@view
def claim_of(claim_id: uint256) -> IEvaluations.ClaimState:
    packed: uint256 = self.packed_standings[claim_id]
    if packed == 0:
        return empty(IEvaluations.ClaimState)
    return IEvaluations.ClaimState(
        weights_digest=self.digests[claim_id],
        benchmark_id=packed_standing._benchmark_id(packed),
        score=self._score(claim_id),
        claimant=packed_claim._claimant(self.packed_claims[claim_id]),
        claim_hash=self.claim_hashes[claim_id],
        claimed_at=packed_standing._claimed_at(packed),
        attested_at=packed_standing._attested_at(packed),
        voided_at=packed_standing._voided_at(packed),
    )


@external
@view
def attestors(claim_id: uint256) -> DynArray[address, benchmarks.MAX_THRESHOLD]:
    counting: DynArray[uint256, benchmarks.MAX_THRESHOLD] = self._counting(claim_id)
    found: DynArray[address, benchmarks.MAX_THRESHOLD] = []
    for packed: uint256 in counting:
        found.append(packed_attestor._account(packed))
    return found


@external
@view
def is_attested(claim_id: uint256) -> bool:
    return self._is_attested(claim_id)


@external
@view
def meets(
    claim_id: uint256,
    weights_digest: bytes32,
    benchmark_id: uint256,
    required_score: int256,
    builder: address,
    applicant: address,
) -> bool:
    if not self._is_attested(claim_id):
        return False
    for packed: uint256 in self.packed_attestors[claim_id]:
        if packed_attestor._account(packed) in [builder, applicant]:
            return False
    return (
        self.digests[claim_id] == weights_digest
        and packed_standing._benchmark_id(self.packed_standings[claim_id]) == benchmark_id
        and benchmarks._is_as_good(benchmark_id, self._score(claim_id), required_score)
    )


@external
@view
def attestation_digest(claim_id: uint256, evaluator: address, deadline: uint256) -> bytes32:
    admission: uint256 = self._admission_for(claim_id, evaluator)
    return attestation_messages._digest(claim_id, admission, deadline, self.claim_hashes[claim_id])


# --- internals ---


@internal
def _attest(claim_id: uint256, evaluator: address, admission: uint256):
    """
    @dev Counts anew who of the earlier attestors is still admitted. They are fewer than MAX_THRESHOLD: as many would
         have reached any threshold with the last of them.
    """
    packed: uint256 = self._standing(claim_id)
    self._check_not_void(packed)
    assert packed_standing._attested_at(packed) == 0, "claim is attested"
    counting: DynArray[uint256, benchmarks.MAX_THRESHOLD] = self._counting(claim_id)
    attestor: uint256 = packed_attestor._pack(packed_attestor.Attestor(account=evaluator, admission=admission))
    assert attestor not in counting, "already attested"

    counting.append(attestor)
    self.packed_attestors[claim_id] = counting
    log IEvaluations.ClaimAttested(claim_id=claim_id, evaluator=evaluator, attestations=len(counting))
    if len(counting) >= benchmarks._threshold(packed_standing._benchmark_id(packed)):
        self.packed_standings[claim_id] = packed_standing._with_attested_at(packed, block.timestamp)
        log IEvaluations.ThresholdReached(claim_id=claim_id)


@internal
@view
def _standing(claim_id: uint256) -> uint256:
    """
    @dev The packed standing of a claim that exists.
    """
    packed: uint256 = self.packed_standings[claim_id]
    assert packed != 0, "no such claim"
    return packed


@internal
@pure
def _check_not_void(packed: uint256):
    assert packed_standing._voided_at(packed) == 0, "claim is void"


@internal
@view
def _counting(claim_id: uint256) -> DynArray[uint256, benchmarks.MAX_THRESHOLD]:
    """
    @dev The attestors that count: all of an attested claim; of another one those who kept their admission since.
    """
    packed: uint256 = self.packed_standings[claim_id]
    if packed_standing._attested_at(packed) != 0:
        return self.packed_attestors[claim_id]
    benchmark_id: uint256 = packed_standing._benchmark_id(packed)
    counting: DynArray[uint256, benchmarks.MAX_THRESHOLD] = []
    for attestor: uint256 in self.packed_attestors[claim_id]:
        account: address = packed_attestor._account(attestor)
        if benchmarks._admission(benchmark_id, account) == packed_attestor._admission(attestor):
            counting.append(attestor)
    return counting


@internal
@view
def _admission_for(claim_id: uint256, evaluator: address) -> uint256:
    """
    @dev The number of the evaluator's admission to the benchmark of the claim; refuses whoever is not admitted.
    """
    benchmark_id: uint256 = packed_standing._benchmark_id(self.packed_standings[claim_id])
    admission: uint256 = benchmarks._admission(benchmark_id, evaluator)
    assert admission != 0, "evaluator is not admitted"
    return admission


@internal
@view
def _is_attested(claim_id: uint256) -> bool:
    packed: uint256 = self.packed_standings[claim_id]
    return packed_standing._attested_at(packed) != 0 and packed_standing._voided_at(packed) == 0


@internal
@view
def _score(claim_id: uint256) -> int256:
    return scores._lowered(packed_claim._raised_score(self.packed_claims[claim_id]))
