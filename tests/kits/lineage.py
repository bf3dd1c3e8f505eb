"""A wired suite whose LicenseRights is a mock that grants any licence."""

from tests.kits.licensing import deploy_suite, pay_router
from tests.kits.models import Kind, account_share, register, treasury_share
from tests.support import account, deploy

ANY_KIND = 255
NOTICE = 14 * 86_400


class World:
    """A wired suite whose LicenseRights is a mock that grants any licence."""

    def __init__(self, **deployers) -> None:
        self.owner, self.maker, self.thief, self.payer = map(
            account, ("owner", "maker", "thief", "payer")
        )
        self.suite = deploy_suite(self.owner, **deployers)
        self.registry, self.router = self.suite.registry, self.suite.router
        self.asset = self.suite.asset.address
        self.rights = deploy("MockDerivations")
        self.registry.set_rights(self.rights.address, sender=self.owner)

    def model(self, who=None, links=(), own=(), **changes) -> int:
        """A model of `who` with licensed (parent, share) `links` and parents of its own."""
        who = who or self.maker
        parents = [(p, self.rights.grant(p, who, bps, ANY_KIND)) for p, bps in links]
        kind = Kind.FINE_TUNE if links or own else Kind.FOUNDATION
        # The owner is the Timelock: the DAO's share has a kind of its own.
        split = treasury_share(10_000) if who == self.owner else account_share(who, 10_000)
        terms = {"split": [split], "kind": kind} | changes
        return register(self.registry, who, parents=[*parents, *((p, 0) for p in own)], **terms)

    def table(self, model_id) -> dict[int, int]:
        return {item.model_id: item.share_bps for item in self.registry.ancestors(model_id)}

    def earn(self, model_id, amount) -> None:
        pay_router(self.suite, self.payer, model_id, amount)

    def credit(self, who) -> int:
        return int(self.router.credit(who, self.asset))
