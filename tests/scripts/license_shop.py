"""A node with a licensor, its offers and a licensee with money, for the tests of licences."""

from typing import Any

from flywheel.chain import connection
from tests.scripts import nodes
from tests.scripts.safe_app import send_as

USDC = 10**6
OWNER, LICENSEE, OTHER, STRANGER = 3, 6, 7, 9
LEGAL = "--legal-uri ipfs://licence --legal-text LICENSE"


def address(number: int) -> str:
    from ape import accounts

    return str(accounts.test_accounts[number].address)


def register(node: nodes.Node, name: str) -> int:
    """A model of TEST::3 that no grant paid for; everything it earns is its owner's."""
    from ape import accounts

    owner = accounts.test_accounts[OWNER]
    digest, salt = name.encode().ljust(32, b"."), b"s" * 32
    with node.suite() as suite:
        registry = suite.registry
        commitment = registry.commitment(owner.address, digest, salt)
        connection.send(registry.commit, commitment, sender=owner)
        connection.pass_time(61)
        split = [(2, owner.address, 0, 10_000)]
        terms = (1, 0, digest, digest, "ipfs://card", name, split, [], [], bytes(32), salt)
        receipt = connection.send(registry.register, terms, sender=owner)
        return int(connection.event_of(receipt, registry.ModelRegistered).model_id)


def by_vote(node: nodes.Node, *calls: tuple[Any, bytes]) -> None:
    """Calls as an executed vote makes them."""
    with node.suite() as suite:
        timelock = str(suite.timelock.address)
    listed = [(str(target.address), f"0x{bytes(data).hex()}", "0") for target, data in calls]
    send_as(node, timelock, listed)


def open_shop(local: nodes.Node) -> nodes.Node:
    """Model 1 of TEST::3 with enterprise terms (1) and monthly ones (2); model 2 of the DAO."""
    from ape import accounts

    local.succeed("deploy $N --account TEST::0")
    for number in (LICENSEE, OTHER):
        local.succeed(f"devnet fund 200_000 $N --account TEST::{number}")
    register(local, "Open-7B")
    with local.suite() as suite:
        given = register(local, "Given-7B")
        owner = accounts.test_accounts[OWNER]
        method = connection.method(suite.registry, "transferFrom")
        connection.send(method, owner, suite.timelock, given, sender=owner)
    monthly = "--term perpetual --period '30 days' --grace '10 days' --cure '20 days'"
    local.succeed(f"license terms offer enterprise --model 1 {LEGAL} $N --account TEST::3")
    local.succeed(
        f"license terms offer enterprise --model 1 {LEGAL} {monthly} --fee 100 --bond 300 "
        "--minimum 200 --late-rate '36 %' $N --account TEST::3"
    )
    return local
