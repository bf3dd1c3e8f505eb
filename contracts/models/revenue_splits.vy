# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Revenue splits of models
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How a model's own revenue is shared now, how it will be after a notice, and the protocol fee it pays.
@dev Packed by `shares`. The first word of a split also carries the number of words, the fee that is in force for the
     model and, of a scheduled split, when it may take effect. What was received must be divided before either changes:
     the deployable sees to that.
@custom:invariant A split in force has 1 to 16 words of 10_000 bps in total and a fee of MAX_FEE_BPS at most.
"""

MAX_FEE_BPS: constant(uint256) = 500
# Longer than a license's grace at most is not needed: payees see the change coming and settle, or sell.
NOTICE_SECONDS: constant(uint256) = 14 * 86_400

MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_40: constant(uint256) = 2**40 - 1
SHARE_BITS: constant(uint256) = 184
SHARE_MASK: constant(uint256) = 2**184 - 1
COUNT_SHIFT: constant(uint256) = 184
FEE_SHIFT: constant(uint256) = 192
# Of a split in force: how many ancestors the model has, so that a settlement looks for them only where they are. Of a
# scheduled one: when it may take effect.
ANCESTORS_SHIFT: constant(uint256) = 208
EFFECTIVE_SHIFT: constant(uint256) = 208

_splits: HashMap[uint256, uint256[16]]
_scheduled: HashMap[uint256, uint256[16]]


@deploy
def __init__():
    pass


@internal
def _open(model_id: uint256, ancestors: uint256):
    """
    @dev Notes how many ancestors a new model has, before its first fee and its first split.
    """
    self._splits[model_id][0] = ancestors << ANCESTORS_SHIFT


@internal
def _set_fee(model_id: uint256, fee_bps: uint256):
    word: uint256 = self._splits[model_id][0]
    self._splits[model_id][0] = (word & ~(MASK_16 << FEE_SHIFT)) | (fee_bps << FEE_SHIFT)


@internal
def _set(model_id: uint256, words: DynArray[uint256, 16]):
    """
    @dev Puts a split in force. Words of a longer one before it stay behind unread.
    """
    head: uint256 = ((self._splits[model_id][0] >> FEE_SHIFT) << FEE_SHIFT) | (len(words) << COUNT_SHIFT)
    index: uint256 = 0
    for word: uint256 in words:
        self._splits[model_id][index] = (word & SHARE_MASK) | head
        head = 0
        index += 1


@internal
def _schedule(model_id: uint256, words: DynArray[uint256, 16]) -> uint256:
    """
    @dev Has `words` wait for their notice, in place of what waited before; none of them ends the waiting. Returns
         the unix time from which they may take effect, 0 for none.
    """
    if len(words) == 0:
        self._drop(model_id)
        return 0
    effective_at: uint256 = block.timestamp + NOTICE_SECONDS
    head: uint256 = (len(words) << COUNT_SHIFT) | (effective_at << EFFECTIVE_SHIFT)
    index: uint256 = 0
    for word: uint256 in words:
        self._scheduled[model_id][index] = word | head
        head = 0
        index += 1
    return effective_at


@internal
def _drop(model_id: uint256) -> bool:
    """
    @dev Has the scheduled split wait no more; whether there was one.
    """
    if self._scheduled[model_id][0] == 0:
        return False
    self._scheduled[model_id][0] = 0
    return True


@internal
def _take_due(model_id: uint256) -> DynArray[uint256, 16]:
    """
    @dev The scheduled split whose notice is over, which then waits no more; empty when there is none.
    """
    effective_at: uint256 = self._scheduled[model_id][0] >> EFFECTIVE_SHIFT
    if effective_at == 0 or block.timestamp < effective_at:
        return []
    words: DynArray[uint256, 16] = self._scheduled_words(model_id)
    self._drop(model_id)
    return words


@internal
@view
def _words(model_id: uint256) -> DynArray[uint256, 16]:
    """
    @dev The split in force, as it is stored.
    """
    words: DynArray[uint256, 16] = []
    word: uint256 = self._splits[model_id][0]
    count: uint256 = (word >> COUNT_SHIFT) & MASK_8
    words.append(word)
    for index: uint256 in range(1, 16):
        if index >= count:
            break
        words.append(self._splits[model_id][index])
    return words


@internal
@pure
def _ancestor_count(words: DynArray[uint256, 16]) -> uint256:
    """
    @dev Of a split in force.
    """
    return words[0] >> ANCESTORS_SHIFT


@internal
@view
def _scheduled_words(model_id: uint256) -> DynArray[uint256, 16]:
    words: DynArray[uint256, 16] = []
    count: uint256 = (self._scheduled[model_id][0] >> COUNT_SHIFT) & MASK_8
    for index: uint256 in range(16):
        if index >= count:
            break
        words.append(self._scheduled[model_id][index])
    return words


@internal
@view
def _effective_at(model_id: uint256) -> uint256:
    """
    @dev When the scheduled split may take effect, 0 when none waits.
    """
    return self._scheduled[model_id][0] >> EFFECTIVE_SHIFT
