"""What the attacks on holders' income share: the contracts, who holds and who attacks."""

from typing import Any

import boa

from tests.kits import treasury as kit
from tests.support import CAPS, account, deploy_asset, deployer_of, warp_to

POT = 4_000_000
# 40 % of the income are the holders'.
INCOME = POT * kit.BPS // kit.HOLDERS_BPS
HELD = 1_000 * kit.ONE


class World:
    """Treasury, HolderIncome and the real token, of deployers that may be mutants."""

    def __init__(self, treasury: Any = None, income: Any = None, asset: Any = None) -> None:
        self.owner = account("owner")
        self.holders = [account(f"holder {i}") for i in range(4)]
        self.attacker = account("attacker")
        self.token = kit.deploy_token(self.owner)
        with boa.env.prank(self.owner):
            self.treasury = (treasury or deployer_of("Treasury")).deploy(
                self.token.address, kit.HOLDERS_BPS, kit.GRANTS_BPS, *CAPS
            )
            self.income = (income or deployer_of("HolderIncome")).deploy(
                self.token.address, self.treasury.address
            )
            self.treasury.set_holder_income(self.income.address)
        self.asset = kit.accept(self.treasury, self.owner, asset or deploy_asset())
        self.router = kit.income_source(self.treasury, self.owner)

    def mint(self, to: str, amount: int = HELD) -> None:
        self.token.mint(to, amount, sender=self.owner)
        self.token.delegate(to, sender=to)

    def earn(self, amount: int = INCOME) -> int:
        return kit.earn(self.treasury, self.asset, self.router, amount)

    def close(self, epoch: int) -> None:
        self.treasury.close_epoch(epoch, self.asset.address)

    def earn_and_close(self, amount: int = INCOME) -> int:
        """Lets a whole epoch's income arrive, the epoch end, and closes it."""
        epoch = self.earn(amount)
        kit.end_epoch(self.treasury)
        self.close(epoch)
        return epoch

    def claim(self, who: str, first: int = 1, count: int = 1) -> int:
        return self.income.claim(who, self.asset.address, first, count)

    def last_second_of(self, epoch: int) -> None:
        warp_to(self.token.epoch_start(epoch + 1) - 1)
