"""A mining pool from a grant's compute budget to its miners' wallets, to the unit.

An order names the pool's campaign as payee. What the builder's vouchers draw is the campaign's
money; 2 of 3 validators sign what each machine has worked; the miners claim.
"""

from pathlib import Path
from types import SimpleNamespace

import boa
import pytest
from eth_utils import keccak

from flywheel.errors import FlywheelError
from flywheel.rewards import drop_files, publication, shards
from flywheel.rewards.unit_files import UnitFiles
from tests import support
from tests.kits import units as kit
from tests.kits.grants import COMPUTE_BUDGET, GPUS, HOUR, PRICE, make_world
from tests.kits.rewards import Kind, Pool, terms

VALIDATORS = [kit.validator(number) for number in range(3)]
# Machines, and whose they are: one miner has two.
OWNERS = {"rig-1": "ann", "rig-2": "bob", "rig-3": "bob", "rig-4": "cat"}
FIRST = {"rig-1": 7_001, "rig-2": 3, "rig-3": 12_345, "rig-4": 0}
SECOND = {"rig-1": 1, "rig-2": 1, "rig-3": 0, "rig-4": 1}


@pytest.fixture(scope="module")
def world():
    return make_world()


@pytest.fixture(scope="module")
def miners(world) -> dict[str, str]:
    return {name: support.account(name) for name in ("ann", "bob", "cat")}


@pytest.fixture
def pool(world, publisher, payer) -> Pool:
    """A compute pool's campaign, as empty as it begins."""
    rewards = world.rewards
    campaign_id = rewards.create_campaign(*terms(publisher, Kind.COMPUTE_POOL), sender=publisher)
    return Pool(rewards, world.asset, campaign_id, publisher, payer)


@pytest.fixture
def lease(world, pool) -> SimpleNamespace:
    """A grant's order of the pool's machines, and the way to draw on its vouchers."""
    grant_id = world.active()
    order_id = world.order(grant_id, world.offer(campaign_id=pool.campaign_id))
    delivered = 0

    def draw(seconds: int) -> int:
        nonlocal delivered
        support.pass_time(seconds)
        delivered += GPUS * seconds
        return world.draw_voucher(order_id, delivered)

    return SimpleNamespace(grant_id=grant_id, order_id=order_id, draw=draw)


class Office:
    """The publisher's desk: files in, a drop on chain, a folder that everybody can download."""

    def __init__(self, pool: Pool, miners: dict[str, str], folder: Path) -> None:
        self.pool, self.folder = pool, folder
        self.addresses = folder / "addresses.csv"
        lines = (f"{rig},{miners[name]}" for rig, name in OWNERS.items())
        self.addresses.write_text("\n".join(("worker,address", *lines)))

    def files(self, units: dict[str, int], *signers) -> UnitFiles:
        """The units of the pool's next drop with the signatures of those who are named."""
        room = self.folder / f"period-{self.pool.next_number}"
        room.mkdir(exist_ok=True)
        path = kit.write_units(room / "units.csv", units)
        rule = kit.write_rule(room / "rule.yaml", VALIDATORS, 2)
        signatures = room / "signatures.csv"
        signatures.unlink(missing_ok=True)
        kit.sign(self.pool.domain(), path, signatures, *signers)
        return UnitFiles(path, rule, signatures)

    def build(self, files: UnitFiles) -> Path:
        folder = self.folder / f"drop-{self.pool.next_number}"
        drop_files.build(folder, self.pool.domain(), self.pool.free, files, self.addresses)
        return folder

    def publish(self, folder: Path) -> int:
        """Proposes and activates the drop of a folder; returns its id."""
        manifest, found = publication.read_manifest(folder), drop_files.verify(folder)
        drop_id = self.pool.propose(
            found.tree.root,
            found.tree.total,
            leaves_hash=bytes.fromhex(manifest.keccak256[2:]),
            manifest_hash=bytes(keccak((folder / publication.MANIFEST_FILE).read_bytes())),
        )
        support.pass_time(6 * support.DAY)
        self.pool.rewards.activate_drop(drop_id, sender=self.pool.payer)
        return drop_id

    def claim(self, folder: Path, account: str) -> int:
        """A miner claims what its folder proves; returns what it got."""
        found = shards.find(folder, account)
        before = self.pool.asset.balanceOf(account)
        self.pool.rewards.claim(
            found.domain.drop_id, found.leaf.argument, found.proof, sender=account
        )
        return int(self.pool.asset.balanceOf(account)) - before


@pytest.fixture
def office(pool, miners, tmp_path) -> Office:
    return Office(pool, miners, tmp_path)


def test_pool__from_the_grant_to_the_miners__is_conserved_to_the_unit(
    world, pool, lease, office, miners
):
    treasury = world.asset.balanceOf(world.treasury)
    drawn = lease.draw(5 * HOUR + 7) + lease.draw(HOUR)
    assert drawn == PRICE * GPUS * (6 * HOUR + 7) // HOUR == pool.free
    folder = office.build(office.files(FIRST, VALIDATORS[0], VALIDATORS[2]))
    office.publish(folder)
    assert pool.free == 0
    paid = {name: office.claim(folder, miners[name]) for name in ("ann", "bob")}
    work = sum(FIRST.values())
    assert sum(paid.values()) == drawn
    assert paid["ann"] == drawn * FIRST["rig-1"] // work
    with pytest.raises(FlywheelError):
        office.claim(folder, miners["cat"])
    with boa.reverts("claimed already"):
        office.claim(folder, miners["ann"])
    # The second period: new money, new work, new signatures; what was earned stays as it was.
    more = lease.draw(HOUR)
    assert pool.free == more
    again = office.build(office.files(SECOND, *VALIDATORS[1:]))
    office.publish(again)
    shared = {name: office.claim(again, account) for name, account in miners.items()}
    assert sum(shared.values()) == more
    assert max(shared.values()) - min(shared.values()) <= 1
    assert pool.free == world.asset.balanceOf(world.rewards) == 0
    assert treasury - world.asset.balanceOf(world.treasury) == drawn + more
    order = world.escrow.order_of(lease.order_id)
    assert order.paid == drawn + more
    budget = world.escrow.budget(lease.grant_id)
    left = world.treasury.commitment(budget.commitment_id).remaining
    assert left == COMPUTE_BUDGET - drawn - more


def test_pool__signed_by_one_validator__pays_nobody(pool, lease, office):
    drawn = lease.draw(HOUR)
    with pytest.raises(FlywheelError, match="has 1 of the 2 signatures"):
        office.build(office.files(FIRST, VALIDATORS[0]))
    assert not (office.folder / "drop-1").exists()
    assert pool.free == drawn
    office.build(office.files(FIRST, *VALIDATORS[:2]))


def test_pool__signatures_of_the_last_period__pay_nobody_in_the_next(lease, office):
    lease.draw(HOUR)
    files = office.files(FIRST, *VALIDATORS)
    office.publish(office.build(files))
    lease.draw(HOUR)
    with pytest.raises(FlywheelError, match="signature of this file for this drop"):
        office.build(files)


def test_pool__a_publisher_with_units_of_its_own__is_found_out(pool, lease, office):
    """It moves units to its machine and lets everything else fit: the signatures do not."""
    lease.draw(HOUR)
    folder = office.build(office.files(FIRST, *VALIDATORS[:2]))
    path = folder / "inputs" / "units.csv"
    path.write_text(path.read_text().replace("rig-2,3\n", "rig-2,9003\n"))
    leaves = publication.read_leaves(folder / publication.LEAF_FILE)
    (folder / publication.MANIFEST_FILE).unlink()
    publication.publish(folder, pool.domain(), leaves)
    with pytest.raises(FlywheelError, match="signature of this file for this drop"):
        office.publish(folder)
