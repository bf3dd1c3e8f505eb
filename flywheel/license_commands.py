"""The commands of `ape run license` about late licensees: what anyone may do, and their answers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flywheel import cli as shared

if TYPE_CHECKING:
    from ape.api import AccountAPI

    from flywheel.offer_terms import Unit
    from flywheel.suite import Suite

LICENCE = click.argument("license_id", metavar="LICENCE", type=int)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True)
class Act:
    """A command that names a licence and nothing else; `run` returns what to print."""

    name: str
    text: str
    question: str
    run: "Callable[[Suite, AccountAPI, int, Unit], dict[str, Any]]"


def _enforce(suite: "Suite", account: "AccountAPI", number: int, unit: "Unit") -> dict[str, Any]:
    from flywheel.actions import enforcing

    booked, amount = enforcing.enforce(suite, account, number)
    return {"Periods estimated": booked, "Paid from the bond": unit.show(amount)}


def _terminate(suite: "Suite", account: "AccountAPI", number: int, unit: "Unit") -> dict[str, Any]:
    from flywheel.actions import enforcing

    enforcing.terminate(suite, account, number)
    return {"Ended": "now; what it owes stays owed"}


def _surrender(suite: "Suite", account: "AccountAPI", number: int, unit: "Unit") -> dict[str, Any]:
    from flywheel.actions import enforcing
    from flywheel.words.lexicon import show_time

    return {"Ends": show_time(enforcing.surrender(suite, account, number))}


def _release(suite: "Suite", account: "AccountAPI", number: int, unit: "Unit") -> dict[str, Any]:
    from flywheel.actions import enforcing, licensing

    holder = licensing.get(suite, number).licensee
    amount = enforcing.release_bond(suite, account, number)
    return {"Licensee": holder, "Got": unit.show(amount)}


def _conclude(suite: "Suite", account: "AccountAPI", number: int, unit: "Unit") -> dict[str, Any]:
    from flywheel.actions import enforcing

    return {"Due in addition": unit.show(enforcing.conclude(suite, account, number))}


def _expire(suite: "Suite", account: "AccountAPI", number: int, unit: "Unit") -> dict[str, Any]:
    from flywheel.actions import enforcing

    enforcing.expire(suite, account, number)
    return {"Escrow": "went to the model"}


ACTS = (
    Act(
        "enforce",
        "Book the periods that LICENCE did not report, and pay what is overdue from its bond.",
        "Enforce licence {}",
        _enforce,
    ),
    Act(
        "terminate",
        "End a LICENCE that was not cured in time and has no bond left. Anybody may.",
        "Terminate licence {}",
        _terminate,
    ),
    Act(
        "surrender",
        "Give your perpetual LICENCE up, with the end of its running period.",
        "Give licence {} up for ever",
        _surrender,
    ),
    Act(
        "release-bond",
        "Return the bond of a LICENCE to its holder, one period after its end.",
        "Return the bond of licence {} to its holder",
        _release,
    ),
    Act(
        "conclude",
        "Make an assessment of LICENCE due that nobody disputed; its holder may accept it earlier.",
        "Make the assessment of licence {} due",
        _conclude,
    ),
    Act(
        "expire",
        "End a dispute about LICENCE that no vote decided in time.",
        "End the undecided dispute of licence {}",
        _expire,
    ),
)


def attach(cli: click.Group) -> None:
    """Adds the commands to a script's group."""
    for act in ACTS:
        _attach(cli, act)
    _attach_disputes(cli)
    _attach_in_kind(cli)


def _attach(cli: click.Group, act: Act) -> None:
    def run(session: shared.Session, license_id: int) -> None:
        from flywheel import license_views
        from flywheel.actions import licensing
        from flywheel.suite import Suite

        suite = Suite.connected()
        unit = license_views.unit_of_licence(suite, licensing.get(suite, license_id))
        account = session.account
        if session.confirm(act.question.format(license_id)):
            fields = act.run(suite, account, license_id, unit)
            session.output.record(f"Licence {license_id}", {"Licence": license_id, **fields})

    run.__doc__ = act.text
    shared.command(cli, act.name)(LICENCE(run))


def _attach_disputes(cli: click.Group) -> None:
    @shared.command(cli)
    @LICENCE
    @click.argument("period", type=int)
    @click.argument("amount")
    @click.option("--evidence", type=FILE, required=True, help="Your answer; its hash is sent.")
    def dispute(
        session: shared.Session, license_id: int, period: int, amount: str, evidence: Path
    ) -> None:
        """Dispute AMOUNT of an assessed or estimated PERIOD of your LICENCE.

        It goes into escrow and counts as paid until a vote decides how much of it was owed.
        """
        from eth_utils import keccak

        from flywheel import license_views
        from flywheel.actions import enforcing, licensing
        from flywheel.suite import Suite

        suite = Suite.connected()
        unit = license_views.unit_of_licence(suite, licensing.get(suite, license_id))
        units = unit.units(amount)
        account = session.account
        digest = bytes(keccak(evidence.read_bytes()))
        if session.confirm(
            f"Put {unit.show(units)} of period {period} of licence {license_id} into escrow"
        ):
            enforcing.dispute(suite, account, license_id, period, units, digest)
            session.output.record(
                f"Licence {license_id}", {"Period": period, "In escrow": unit.show(units)}
            )

    @shared.command(cli)
    @click.option("--for", "receiver", help="Who is paid; yourself if absent.")
    @click.option("--license", "license_id", type=int, help="Whose asset; the suite's if absent.")
    def refund(session: shared.Session, receiver: str | None, license_id: int | None) -> None:
        """Take back what decisions found was not owed."""
        from flywheel import chain, license_views
        from flywheel.actions import assets, enforcing, licensing
        from flywheel.errors import fix
        from flywheel.suite import Suite

        suite = Suite.connected()
        unit = assets.unit_of(suite)
        if license_id is not None:
            unit = license_views.unit_of_licence(suite, licensing.get(suite, license_id))
        account = session.account
        owner = chain.address(receiver) if receiver else str(account.address)
        if not chain.call(suite.enforcement.refund, owner, unit.address):
            raise fix(f"Nothing waits for {owner}", "A vote decides disputes first")
        if session.confirm(f"Pay {owner} what decisions gave back"):
            got = enforcing.withdraw(suite, account, owner, unit.address)
            session.output.record("Refund", {"Account": owner, "Got": unit.show(got)})


def _attach_in_kind(cli: click.Group) -> None:
    @shared.command(cli)
    @LICENCE
    @click.argument("token")
    @click.argument("amount")
    @click.argument("credit")
    def offer_in_kind(
        session: shared.Session, license_id: int, token: str, amount: str, credit: str
    ) -> None:
        """Offer AMOUNT of TOKEN, an address, for CREDIT of what your LICENCE owes.

        The tokens wait until a vote takes them; until then you may take them back.
        """
        from flywheel import chain, license_views
        from flywheel.actions import assets, enforcing, licensing
        from flywheel.suite import Suite

        suite = Suite.connected()
        owed = license_views.unit_of_licence(suite, licensing.get(suite, license_id))
        own = assets.unit_of(suite, chain.address(token))
        offered, wanted = own.units(amount), owed.units(credit)
        account = session.account
        words = f"{own.show(offered)} for {owed.show(wanted)} of licence {license_id}"
        if session.confirm(f"Offer {words}"):
            enforcing.offer_in_kind(suite, account, license_id, own, offered, wanted)
            arguments = f"{license_id}, {own.address}, {offered}, {wanted}"
            session.output.record(
                f"Licence {license_id}",
                {
                    "Offered": own.show(offered),
                    "For": owed.show(wanted),
                    "Next": f"a vote for LicenseEnforcement.accept_in_kind({arguments})",
                },
            )

    @shared.command(cli)
    @LICENCE
    def withdraw_in_kind(session: shared.Session, license_id: int) -> None:
        """Take back what you offered in kind for LICENCE."""
        from flywheel.actions import assets, enforcing
        from flywheel.suite import Suite

        suite = Suite.connected()
        account = session.account
        if session.confirm(f"Take back what was offered for licence {license_id}"):
            token, amount = enforcing.withdraw_in_kind(suite, account, license_id)
            unit = assets.unit_of(suite, token)
            session.output.record(f"Licence {license_id}", {"Got": unit.show(amount)})
