# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Settings book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Every version of the voting settings that ever held, and since when.
@dev A proposal notes the number of the version it was made under, and so keeps it. A version has two slots: one with
     the voting terms, one with the proposal threshold and the time at which the version began. Changes within one
     second make one version, unless a proposal was made in between.
@custom:invariant A version that a proposal was made under never changes, nor does one that began in an earlier second.
"""

from contracts.governance import packed_counters
from contracts.governance import packed_proposal
from contracts.governance import packed_threshold
from contracts.governance import packed_voting_terms

BPS: constant(uint256) = 10_000

# What fits a packed proposal. To make that many proposals takes 2 * 10**13 gas, that many versions a thousand votes.
MAX_PROPOSALS: constant(uint256) = packed_proposal.NUMBER_MASK
MAX_VERSIONS: constant(uint256) = packed_proposal.VERSION_MASK
# Ten halvings leave one of the versions 0 to 1,023.
MAX_SEARCH_STEPS: constant(uint256) = 10

# Packed counters of proposals and versions.
counters: uint256
# Version, from 1 => packed voting terms.
voting_terms: HashMap[uint256, uint256]
# Version, from 1 => packed threshold.
thresholds: HashMap[uint256, uint256]


@internal
def _number_proposal() -> (uint256, uint256):
    """
    @dev Numbers a new proposal, from 1, and freezes the current settings for it. Returns the number and the version of
         the settings.
    """
    counters: uint256 = self.counters
    number: uint256 = packed_counters._proposals(counters) + 1
    assert number <= MAX_PROPOSALS, "too many proposals"
    self.counters = packed_counters._add_proposal(counters)
    return number, packed_counters._version(counters)


@internal
def _write(voting_terms: uint256, threshold: uint256):
    """
    @dev Makes these the settings of all proposals from now on. It writes a new version, or overwrites the current one
         if that began in this second and no proposal has used it.
    """
    counters: uint256 = self.counters
    version: uint256 = packed_counters._version(counters)
    if version == 0 or packed_counters._is_used(counters) or self._since(version) != block.timestamp:
        version += 1
        assert version <= MAX_VERSIONS, "too many settings"
        self.counters = packed_counters._begin_version(counters, version)
    self.voting_terms[version] = voting_terms
    self.thresholds[version] = packed_threshold._from_now(threshold)


@internal
def _write_threshold(threshold: uint256) -> uint256:
    """
    @dev Changes the proposal threshold and returns the one before.
    """
    version: uint256 = self._current()
    old: uint256 = self._threshold(version)
    self._write(self.voting_terms[version], threshold)
    return old


@internal
def _write_field(offset: uint256, new: uint256) -> uint256:
    """
    @dev Changes the field of the voting terms at `offset` to `new`, which fits it, and returns what it was.
    """
    version: uint256 = self._current()
    voting_terms: uint256 = self.voting_terms[version]
    old: uint256 = packed_voting_terms._field(voting_terms, offset)
    self._write(packed_voting_terms._with_field_at(voting_terms, offset, old, new), self._threshold(version))
    return old


@internal
@view
def _count() -> uint256:
    return packed_counters._proposals(self.counters)


@internal
@view
def _current() -> uint256:
    """
    @dev The version that holds for the next proposal.
    """
    return packed_counters._version(self.counters)


@internal
@view
def _current_field(offset: uint256) -> uint256:
    return packed_voting_terms._field(self.voting_terms[self._current()], offset)


@internal
@view
def _voting_terms_at(timepoint: uint256) -> uint256:
    """
    @dev The packed voting terms that held at the end of the second `timepoint`; zero before the first version.
    """
    low: uint256 = 0
    high: uint256 = self._current()
    for _: uint256 in range(MAX_SEARCH_STEPS):
        if low >= high:
            break
        # Versions are below 2**10.
        middle: uint256 = unsafe_add(unsafe_add(low, high), 1) // 2
        if self._since(middle) <= timepoint:
            low = middle
        else:
            high = unsafe_sub(middle, 1)
    return self.voting_terms[low]


@internal
@pure
def _ordinary_quorum(voting_terms: uint256, counted: uint256) -> uint256:
    """
    @dev The quorum of an ordinary proposal: the votes for and abstentions that it needs together, token wei, if
         `counted` tokens could vote. It is their share or the quorum minimum, whichever is more. The minimum counts for
         at most half of them, or burning and redeeming could leave a supply that can pass nothing. Share and half are
         rounded up, and the quorum grows with `counted`.
    """
    return max(
        self._share(counted, packed_voting_terms._field(voting_terms, packed_voting_terms.QUORUM_BPS_OFFSET)),
        min(packed_voting_terms._min_quorum(voting_terms), (counted + 1) // 2),
    )


@internal
@pure
def _share(counted: uint256, bps: uint256) -> uint256:
    """
    @dev `bps` parts in 10,000 of `counted`, rounded up.
    """
    return (counted * bps + BPS - 1) // BPS


@internal
@view
def _threshold(version: uint256) -> uint256:
    return packed_threshold._votes(self.thresholds[version])


@internal
@view
def _since(version: uint256) -> uint256:
    return packed_threshold._since(self.thresholds[version])
