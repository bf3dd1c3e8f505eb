"""A round of which a half was spent: what the tests of Redemptions begin with."""

from dataclasses import dataclass

from tests.kits.funding import NOTICE_SECONDS, TERMS, TOKEN, USDC, RoundsSuite
from tests.support import account, pass_time

CAP = TERMS["hard_cap"]
# The round brings 2,000 for 4,000 tokens: 3,000 of the contributor, 1,000 of the holder.
MINTED = 4_000 * TOKEN
LEFT = 1_000 * USDC


@dataclass
class Story:
    """A round of which a half was spent and a part is promised to a grant."""

    suite: RoundsSuite
    round_id: int

    @property
    def purpose(self) -> int:
        return int(self.suite.opened[self.round_id]["purpose"])

    @property
    def free(self) -> int:
        return int(self.suite.treasury.free(self.purpose, self.suite.asset))

    def announce(self, min_pool: int = 1) -> None:
        suite, owner = self.suite, self.suite.owner
        suite.treasury.allow_wind_down(self.purpose, suite.asset, suite.redemptions, sender=owner)
        suite.redemptions.announce(self.round_id, min_pool, sender=owner)

    def begin(self) -> int:
        self.announce()
        pass_time(NOTICE_SECONDS)
        return int(self.suite.redemptions.begin(self.round_id))

    def redeem(self, who: str, tokens: int, min_out: int = 0, receiver: str | None = None) -> int:
        suite = self.suite
        suite.token.approve(suite.redemptions, tokens, sender=who)
        return int(
            suite.redemptions.redeem(
                self.round_id, who, tokens, min_out, receiver or who, sender=who
            )
        )


def tell(suite: RoundsSuite, contributor: str, holder: str, left: int = LEFT) -> Story:
    round_id = suite.open_now()
    suite.pay(round_id, contributor, 1_500 * USDC)
    suite.pay(round_id, holder, 500 * USDC)
    suite.rounds.finalize(round_id)
    story = Story(suite, round_id)
    if left < CAP:
        suite.treasury.spend_beyond_cap(
            story.purpose, suite.asset, account("spent"), CAP - left, sender=suite.owner
        )
    return story
