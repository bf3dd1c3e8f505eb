"""The commands of `ape run license` about late licensees: what anyone may do, and their answers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flywheel.console import cli as shared

if TYPE_CHECKING:
    from ape.api import AccountAPI

    from flywheel.amounts import Unit
    from flywheel.deploy.suite import Suite

LICENCE = click.argument("license_id", metavar="LICENCE", type=int)
FILE = shared.FILE


@dataclass(frozen=True)
class Act:
    """A command that names a licence and nothing else; `run` returns what to print."""

    name: str
    text: str
    question: str
    run: "Callable[[Suite, AccountAPI, int, Unit], dict[str, Any]]"


def _enforce(suite: "Suite", account: "AccountAPI", number: int, unit: "Unit") -> dict[str, Any]:
    from flywheel.licensing import enforcing

    booked, amount = enforcing.enforce(suite, account, number)
    return {"Periods estimated": booked, "Paid from the bond": unit.show(amount)}


def _terminate(suite: "Suite", account: "AccountAPI", number: int, unit: "Unit") -> dict[str, Any]:
    from flywheel.licensing import enforcing

    if enforcing.terminate(suite, account, number):
        return {"Ended": "now; what it owes stays owed"}
    return {"Ended": "no: the bond paid all that was overdue"}


def _fill_bond(suite: "Suite", account: "AccountAPI", number: int, unit: "Unit") -> dict[str, Any]:
    from flywheel.licensing import enforcing

    return {"Paid": unit.show(enforcing.fill_bond(suite, account, number))}


def _surrender(suite: "Suite", account: "AccountAPI", number: int, unit: "Unit") -> dict[str, Any]:
    from flywheel.licensing import enforcing
    from flywheel.wording.lexicon import show_time

    return {"Ends": show_time(enforcing.surrender(suite, account, number))}


def _release(suite: "Suite", account: "AccountAPI", number: int, unit: "Unit") -> dict[str, Any]:
    from flywheel.licensing import enforcing, licenses

    holder = licenses.get(suite, number).licensee
    amount = enforcing.release_bond(suite, account, number)
    return {"Licensee": holder, "Got": unit.show(amount)}


ACTS = (
    Act(
        "enforce",
        "Book the periods that LICENCE did not report, and pay what is overdue from its bond.",
        "Enforce licence {}",
        _enforce,
    ),
    Act(
        "terminate",
        "End a LICENCE that was not cured, or whose bond was not filled up, in time. Anybody may.",
        "Terminate licence {}",
        _terminate,
    ),
    Act(
        "fill-bond",
        "Fill the bond of LICENCE up to what its terms ask for, after it paid or was lost.",
        "Fill the bond of licence {} up",
        _fill_bond,
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
)


def attach(cli: click.Group) -> None:
    """Adds the commands to a script's group."""
    for act in ACTS:
        _attach(cli, act)
    _attach_disputes(cli)
    _attach_period_acts(cli)
    _attach_reporter(cli)


def _attach(cli: click.Group, act: Act) -> None:
    def run(session: shared.Session, license_id: int) -> None:
        from flywheel.deploy.suite import Suite
        from flywheel.licensing import licenses, views

        suite = Suite.connected()
        unit = views.unit_of_licence(suite, licenses.get(suite, license_id))
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
        """Dispute AMOUNT of the assessment of a PERIOD of your LICENCE.

        It waits in escrow until the arbiter decides how much of it was owed. An estimate is
        answered by your own report.
        """
        from eth_utils import keccak

        from flywheel.deploy.suite import Suite
        from flywheel.licensing import enforcing, licenses, views

        suite = Suite.connected()
        unit = views.unit_of_licence(suite, licenses.get(suite, license_id))
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
    @click.option("--for", "receiver", type=shared.ACCOUNT, help="Who is paid; you if absent.")
    @click.option("--license", "license_id", type=int, help="Whose asset; the suite's if absent.")
    def refund(session: shared.Session, receiver: str | None, license_id: int | None) -> None:
        """Take back what decisions found was not owed, and what a lost bond paid for your audit."""
        from flywheel.chain import connection
        from flywheel.deploy.suite import Suite
        from flywheel.errors import fix
        from flywheel.licensing import enforcing, licenses, views
        from flywheel.treasury import assets

        suite = Suite.connected()
        unit = assets.unit_of(suite)
        if license_id is not None:
            unit = views.unit_of_licence(suite, licenses.get(suite, license_id))
        account = session.account
        owner = receiver or str(account.address)
        if not connection.call(suite.enforcement.refund, owner, unit.address):
            raise fix(f"Nothing waits for {owner}", "A vote decides disputes and audits first")
        if session.confirm(f"Pay {owner} what waits for it"):
            got = enforcing.withdraw(suite, account, owner, unit.address)
            session.output.record("Refund", {"Account": owner, "Got": unit.show(got)})


def _attach_period_acts(cli: click.Group) -> None:
    @shared.command(cli)
    @LICENCE
    @click.argument("period", type=int)
    def conclude(session: shared.Session, license_id: int, period: int) -> None:
        """Make the assessment of PERIOD stand; the holder of LICENCE may, before its time."""
        from flywheel.deploy.suite import Suite
        from flywheel.licensing import enforcing, licenses, views

        suite = Suite.connected()
        unit = views.unit_of_licence(suite, licenses.get(suite, license_id))
        account = session.account
        if session.confirm(f"Make the assessment of period {period} of licence {license_id} stand"):
            raised = enforcing.conclude(suite, account, license_id, period)
            session.output.record(
                f"Licence {license_id}", {"Period": period, "Due in addition": unit.show(raised)}
            )

    @shared.command(cli)
    @LICENCE
    @click.argument("period", type=int)
    def expire(session: shared.Session, license_id: int, period: int) -> None:
        """End a dispute about PERIOD of LICENCE that nobody decided in time."""
        from flywheel.deploy.suite import Suite
        from flywheel.licensing import enforcing

        suite = Suite.connected()
        account = session.account
        if session.confirm(f"End the undecided dispute of period {period} of licence {license_id}"):
            enforcing.expire(suite, account, license_id, period)
            session.output.record(
                f"Licence {license_id}", {"Period": period, "Escrow": "went to the model"}
            )

    @shared.command(cli)
    @LICENCE
    @click.option("--evidence", type=FILE, required=True, help="Your answer; its hash is sent.")
    def answer(session: shared.Session, license_id: int, evidence: Path) -> None:
        """Answer the accusation that your LICENCE is misused."""
        from eth_utils import keccak

        from flywheel.deploy.suite import Suite
        from flywheel.licensing import enforcing

        suite = Suite.connected()
        account = session.account
        if session.confirm(f"Answer the accusation about licence {license_id}"):
            enforcing.answer(suite, account, license_id, bytes(keccak(evidence.read_bytes())))
            session.output.record(f"Licence {license_id}", {"Answered": "on record"})


def _attach_reporter(cli: click.Group) -> None:
    @shared.command(cli)
    @LICENCE
    @click.argument("reporter", type=shared.ACCOUNT, required=False)
    @click.option("--none", "nobody", is_flag=True, help="Take it back from whoever may.")
    def set_reporter(
        session: shared.Session, license_id: int, reporter: str | None, nobody: bool
    ) -> None:
        """Let REPORTER file the reports of your LICENCE."""
        from flywheel.chain import connection
        from flywheel.deploy.suite import Suite
        from flywheel.errors import fix
        from flywheel.licensing import licenses

        suite = Suite.connected()
        account = session.account
        if nobody == (reporter is not None):
            raise fix("Either a reporter or nobody may report", "Give an account, or --none")
        shown = reporter or "nobody but its holder"
        if session.confirm(f"Let {shown} report for licence {license_id}"):
            who = reporter or connection.ZERO_ADDRESS
            licenses.set_reporter(suite, account, license_id, who)
            session.output.record(f"Licence {license_id}", {"Reporter": shown})
