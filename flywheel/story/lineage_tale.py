"""One play of a scenario of lineages: what happened on the chain, and the reference beside it."""

from dataclasses import dataclass, field

from flywheel.models.lineage import Books, Earnings
from flywheel.royalties import router
from flywheel.story.lineage_scenario import Lineages
from flywheel.story.play import Play


@dataclass
class Tale:
    """`earned` is what the contracts say, `books` is told the same payments and nothing else."""

    play: Play
    lineages: Lineages
    books: Books = field(default_factory=Books)
    ids: dict[str, int] = field(default_factory=dict)
    derivative_terms: dict[str, int] = field(default_factory=dict)
    earned: dict[int, Earnings] = field(default_factory=dict)
    licences: int = 0
    payments: int = 0
    paid: int = 0
    settlements: int = 0
    withdrawn: dict[str, int] = field(default_factory=dict)
    income: int = 0

    def pay(self, name: str, amount: int) -> None:
        """Notes in the reference what somebody has paid for a model."""
        if amount:
            self.books.pay(self.ids[name], amount)
            self.payments += 1
            self.paid += amount

    def settle(self) -> None:
        """Divides all that waits, on the chain and in the reference; notes what the chain said."""
        suite, asset = self.play.suite, str(self.play.suite.asset.address)
        done = router.settle_all(suite, self.play.keeper, self.ids.values(), asset)
        self.settlements += len(done)
        self.books.settle_all()
        for model_id, settlement in done.items():
            earned = self.earned.setdefault(model_id, Earnings())
            earned.passed_on += sum(settlement.ancestors.values())
            earned.paid += settlement.amount
            for ancestor, part in settlement.ancestors.items():
                inherits = self.earned.setdefault(ancestor, Earnings())
                inherits.inherited += part
                # What was settled so far was paid for the model or inherited.
                inherits.paid -= part
        if suite.router.treasury_credit(asset):
            self.income += router.forward_income(suite, self.play.keeper, asset)
