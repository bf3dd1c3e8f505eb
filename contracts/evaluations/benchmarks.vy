# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Benchmarks
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What is measured and on which scale, who may attest it, and how many of them it takes.
@dev Every change of an evaluator's standing gives it the next number. An odd number is an admission; what was attested
     or signed under an earlier number counts no more, and no later admission brings it back.
@custom:invariant All of a benchmark but its threshold never changes.
                  An evaluator's number only grows, and is odd exactly while it is admitted.
"""

from contracts.evaluations import packed_benchmark
from contracts.evaluations import scores
from interfaces import IEvaluations

# As many independent measurements as anybody would pay for; it bounds the list of a claim's attestors.
MAX_THRESHOLD: public(constant(uint256)) = 8

benchmark_count: public(uint256)
names: HashMap[uint256, String[64]]
task_hashes: HashMap[uint256, bytes32]
# Benchmark id => its figures, packed; zero for one that does not exist.
packed_figures: HashMap[uint256, uint256]
# Benchmark id => evaluator => how often its standing changed.
standing_number: HashMap[uint256, HashMap[address, uint256]]


@deploy
def __init__():
    pass


@internal
def _add(benchmark: IEvaluations.Benchmark) -> uint256:
    assert len(benchmark.name) > 0, "benchmark is not named"
    assert benchmark.task_hash != empty(bytes32), "task hash is empty"
    assert benchmark.min_score < benchmark.max_score, "scale is empty"
    self._check_threshold(benchmark.threshold)
    benchmark_id: uint256 = self.benchmark_count + 1
    self.benchmark_count = benchmark_id
    self.names[benchmark_id] = benchmark.name
    self.task_hashes[benchmark_id] = benchmark.task_hash
    self.packed_figures[benchmark_id] = packed_benchmark._pack(
        packed_benchmark.Figures(
            threshold=benchmark.threshold,
            higher_is_better=benchmark.higher_is_better,
            raised_min=scores._raised(benchmark.min_score),
            raised_max=scores._raised(benchmark.max_score),
        )
    )
    return benchmark_id


@internal
def _set_threshold(benchmark_id: uint256, new_threshold: uint256) -> uint256:
    """
    @dev Returns the old one.
    """
    packed: uint256 = self._figures(benchmark_id)
    self._check_threshold(new_threshold)
    self.packed_figures[benchmark_id] = packed_benchmark._with_threshold(packed, new_threshold)
    return packed_benchmark._threshold(packed)


@internal
def _set_evaluator(benchmark_id: uint256, account: address, admitted: bool) -> uint256:
    """
    @dev Returns the number of the account's standing; one that stays as it was keeps it.
    """
    self._figures(benchmark_id)
    assert account != empty(address), "account is zero"
    number: uint256 = self.standing_number[benchmark_id][account]
    if self._is_admission(number) != admitted:
        number += 1
        self.standing_number[benchmark_id][account] = number
    return number


@internal
@view
def _figures(benchmark_id: uint256) -> uint256:
    """
    @dev The packed figures of a benchmark that exists.
    """
    packed: uint256 = self.packed_figures[benchmark_id]
    assert packed != 0, "no such benchmark"
    return packed


@internal
@view
def _benchmark(benchmark_id: uint256) -> IEvaluations.Benchmark:
    """
    @dev Empty if there is none.
    """
    packed: uint256 = self.packed_figures[benchmark_id]
    if packed == 0:
        return empty(IEvaluations.Benchmark)
    figures: packed_benchmark.Figures = packed_benchmark._unpack(packed)
    return IEvaluations.Benchmark(
        name=self.names[benchmark_id],
        task_hash=self.task_hashes[benchmark_id],
        higher_is_better=figures.higher_is_better,
        min_score=scores._lowered(figures.raised_min),
        max_score=scores._lowered(figures.raised_max),
        threshold=figures.threshold,
    )


@internal
@view
def _raised_in_scale(benchmark_id: uint256, score: int256) -> uint256:
    """
    @dev `score` as it is kept. Refuses one that the scale of the benchmark does not have.
    """
    packed: uint256 = self._figures(benchmark_id)
    raised: uint256 = scores._raised(score)
    assert (
        raised >= packed_benchmark._raised_min(packed) and raised <= packed_benchmark._raised_max(packed)
    ), "score is outside of the scale"
    return raised


@internal
@view
def _is_as_good(benchmark_id: uint256, score: int256, required: int256) -> bool:
    if packed_benchmark._higher_is_better(self.packed_figures[benchmark_id]):
        return score >= required
    return score <= required


@internal
@view
def _threshold(benchmark_id: uint256) -> uint256:
    return packed_benchmark._threshold(self.packed_figures[benchmark_id])


@internal
@view
def _admission(benchmark_id: uint256, account: address) -> uint256:
    """
    @dev The number of the account's admission, zero while it is not admitted.
    """
    number: uint256 = self.standing_number[benchmark_id][account]
    if not self._is_admission(number):
        return 0
    return number


@internal
@pure
def _is_admission(number: uint256) -> bool:
    return number % 2 == 1


@internal
@pure
def _check_threshold(threshold: uint256):
    assert threshold > 0 and threshold <= MAX_THRESHOLD, "threshold is out of range"
