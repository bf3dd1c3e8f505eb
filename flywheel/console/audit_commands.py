"""The command of `ape run license` for the arbiter: what an audit found, and what it cost."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flywheel.console import cli as shared
from flywheel.console.license_commands import FILE, LICENCE

if TYPE_CHECKING:
    from flywheel.amounts import Unit
    from flywheel.deploy.suite import Suite
    from flywheel.licensing.enforcing import Finding

NEW_FILE = shared.NEW_FILE


def attach(cli: click.Group) -> None:
    """Adds the command to a script's group."""

    @shared.command(cli)
    @LICENCE
    @click.argument("period", type=int)
    @click.argument("revenue")
    @click.option("--units", type=click.IntRange(0), default=0, help="Metered units it had.")
    @click.option("--evidence", type=FILE, required=True, help="The report; its hash is sent.")
    @click.option("--auditor", type=shared.ACCOUNT, help="Who is paid back for the audit.")
    @click.option("--audit-cost", help="What it cost, in the licence's asset.")
    @click.option("--out", type=NEW_FILE, help="Actions file where the DAO decides.")
    def assess(
        session: shared.Session,
        license_id: int,
        period: int,
        revenue: str,
        units: int,
        evidence: Path,
        auditor: str | None,
        audit_cost: str | None,
        out: Path | None,
    ) -> None:
        """Say after an audit what the REVENUE of a PERIOD of LICENCE was.

        The arbiter of its terms sends it; where that is the DAO it is written as an action for
        'ape run vote propose'. Only the DAO names an auditor: if the bond is lost by it, the
        auditor gets the cost out of it, at most half. Nobody owes the cost.
        """
        from eth_utils import keccak

        from flywheel.deploy.suite import Suite
        from flywheel.errors import fix
        from flywheel.licensing import enforcing, licenses, views

        suite = Suite.connected()
        licence = licenses.get(suite, license_id)
        unit = views.unit_of_licence(suite, licence)
        if (auditor is None) != (audit_cost is None):
            raise fix("Half of an audit is named", "Give both --auditor and --audit-cost")
        finding = enforcing.Finding(
            license_id=license_id,
            period=period,
            revenue=unit.units(revenue),
            units=units,
            evidence_hash=bytes(keccak(evidence.read_bytes())),
            auditor=auditor or "",
            audit_cost=0 if audit_cost is None else unit.units(audit_cost),
        )
        if finding.auditor and not finding.audit_cost:
            raise fix("The audit cost nothing", "Leave out --auditor and --audit-cost")
        fields = _fields(suite, finding, licence.bond, unit)
        arbiter = str(suite.catalog.arbiter_of(licence.terms_id))
        if licenses.same_account(arbiter, suite.timelock.address):
            path = out or Path(f"assess-licence-{license_id}-period-{period}.yaml")
            _by_vote(session, suite, finding, path, fields)
            return
        account = session.account
        if not licenses.same_account(arbiter, account.address):
            raise fix(f"{arbiter} decides about licence {license_id}", "Only its account assesses")
        if session.confirm(f"Assess period {period} of licence {license_id}"):
            enforcing.assess(suite, account, finding)
            session.output.record("Assessed", fields)


def _fields(suite: "Suite", finding: "Finding", bond: int, unit: "Unit") -> dict[str, Any]:
    """What the period owes now and by the audit, and what the audit would cost the licensee."""
    from flywheel.chain import connection
    from flywheel.licensing import enforcing
    from flywheel.shown import Shown

    key = (finding.license_id, finding.period)
    due = int(connection.call(suite.market.due_for, *key, finding.revenue, finding.units))
    owed, is_estimate, _ = connection.call(suite.market.reported, *key)
    fields: dict[str, Any] = {
        "Licence": finding.license_id,
        "Period": finding.period,
        "Owes now": Shown(
            unit.show(int(owed)) + (", by estimate" if is_estimate else ""), int(owed), unit.symbol
        ),
        "By the audit": unit.show(due),
        "Bond": unit.show(bond),
    }
    if finding.audit_cost:
        fields["Auditor"] = finding.auditor
        fields["Audit cost"] = unit.show(finding.audit_cost)
        fields["Of the bond, if it is lost"] = unit.show(
            min(finding.audit_cost, bond // enforcing.AUDIT_PARTS)
        )
    return fields


def _by_vote(
    session: shared.Session, suite: "Suite", finding: "Finding", out: Path, fields: dict[str, Any]
) -> None:
    from flywheel.governance import named
    from flywheel.licensing import enforcing

    title = f"Audit of period {finding.period} of licence {finding.license_id}"
    if not session.dry_run:
        named.write(out, title, [enforcing.as_named_action(suite, finding)])
    written = "not in a dry run" if session.dry_run else str(out)
    further = {"Written to": written, "Next": f"ape run vote propose {out}"}
    session.output.record("The DAO decides about the licence", fields | further)
