"""Builders and auditors: ape run energy report | attest | challenge | show | card."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flywheel.console import cli as shared
from flywheel.printable import on_lines

if TYPE_CHECKING:
    from flywheel.energy.figures import Figures
    from flywheel.grants.energy import Filed, Footprint

REPORT = click.argument("report_id", metavar="REPORT", type=click.IntRange(1))


@click.group()
def cli() -> None:
    """Builders file what a run used; auditors attest it; everybody reads it."""


@shared.command(cli)
@click.argument("grant_id", metavar="[GRANT]", type=int, required=False)
@click.argument("milestone", metavar="[MILESTONE]", type=int, required=False)
@click.option("--model", "model_id", type=int, help="Report on this model, not on a milestone.")
@click.option("--from", "file", type=shared.FILE, help="emissions.csv, power samples, estimate.")
@click.option(
    "--kind", type=click.Choice(["estimate", "codecarbon", "nvidia-smi"]), help="What FILE is."
)
@click.option("--phase", type=click.Choice(["training", "serving"]), default="training")
@click.option("--uri", required=True, help="Where the evidence is.")
@click.option("--hardware", default="", help="If the file does not name it.")
@click.option("--region", default="", help="If the file does not name it.")
@click.option("--pue", help="Of the data centre, such as 1.2, if the file has none.")
@click.option("--grid-grams", type=click.IntRange(0), help="gCO2e per kWh, if the file has none.")
@click.option("--note", default="", help="Why emissions are not energy x grid.")
@click.option("--market-grams", type=click.IntRange(0), help="Market-based gCO2e.")
@click.option("--renewable-bps", type=click.IntRange(0, 10_000), default=0)
@click.option("--renewable-proof", type=shared.FILE, help="Published proof, whose hash is filed.")
@click.option("--supersedes", type=click.IntRange(1), help="The report that this one corrects.")
@click.option("--gpu-hours", type=click.IntRange(1), help="Without a file: estimate by hours.")
@click.option("--gpu-watts", type=click.IntRange(1), help="Rated power of one GPU.")
@click.option("--pue-bps", type=click.IntRange(10_000), default=11_000, show_default=True)
@click.option("--duration", help="Wall-clock time, such as '9.5 days'.")
def report(session: shared.Session, **given: Any) -> None:
    """File what MILESTONE of GRANT, or a model, used: out of FILE, or GPU-hours x watts x PUE."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import energy

    suite = Suite.connected()
    account = session.account
    subject = _subject(given["grant_id"], given["milestone"], given["model_id"])
    told, basis = _from_file(given) if given["file"] else _by_hours(given)
    _tell(session.output, f"Report on {subject}", told, basis)
    shown = f"{told.energy_wh:,} Wh, {told.emissions_grams:,} gCO2e"
    if session.confirm(f"Report {shown} for {subject}"):
        report_id = energy.report(suite, account, subject, told, given["supersedes"] or 0)
        session.output.record("Report filed", {"Report": report_id, "Footprint": shown})


@shared.command(cli)
@click.argument("report_id", metavar="[REPORT]", type=click.IntRange(1), required=False)
@click.option("--sign", "out", type=shared.NEW_FILE, help="Send nothing: sign into this file.")
@click.option("--signature", "file", type=shared.FILE, help="Submit what another signed.")
def attest(
    session: shared.Session, report_id: int | None, out: Path | None, file: Path | None
) -> None:
    """Stand by REPORT as it is on chain. No power follows from it."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.grants import attestations, energy

    suite = Suite.connected()
    if (report_id is None) == (file is None) or (out and file):
        raise fix("One report is to be attested", "Give REPORT, with --sign FILE or not, or a file")
    account = session.account
    signed = attestations.load(file) if file else None
    number = signed.report_id if signed else report_id
    assert number is not None
    found = energy.read(suite, number)
    _tell(session.output, f"Report {number} on {found.subject}", found.figures)
    if out:
        if session.confirm(f"Sign that report {number} is true", rehearse=False):
            attestations.sign(suite, account, number).save(out)
            following = f"anybody: ape run energy attest --signature {out}"
            session.output.record("Attestation signed", {"File": str(out), "Next": following})
        return
    who = signed.attester if signed else str(account.address)
    if session.confirm(f"Record that {who} stands by report {number}"):
        count = (
            attestations.submit(suite, account, signed)
            if signed
            else attestations.attest(suite, account, number)
        )
        session.output.record(f"Report {number}", {"Attester": who, "Attestations": count})


@shared.command(cli)
@REPORT
@click.option("--reason", required=True, help="Published; its hash goes on chain.")
@click.option("--out", type=shared.NEW_FILE, help="Send nothing: write the proposal of a vote.")
def challenge(session: shared.Session, report_id: int, reason: str, out: Path | None) -> None:
    """Mark REPORT as doubted: as the guardian, or by a proposal for 'ape run vote propose'."""
    from flywheel.deploy.suite import Suite
    from flywheel.governance import named
    from flywheel.grants import energy

    suite = Suite.connected()
    found = energy.read(suite, report_id)
    if out:
        from eth_utils import keccak

        arguments = {"report_id": report_id, "reason_hash": "0x" + keccak(text=reason).hex()}
        item = {"contract": "EnergyLedger", "function": "challenge", "arguments": arguments}
        named.write(out, f"Challenge energy report {report_id}: {reason}", [item])
        following = f"ape run vote propose {out}"
        session.output.record("Proposal written", {"File": str(out), "Next": following})
        return
    account = session.account
    if session.confirm(f"Challenge report {report_id} on {found.subject}"):
        energy.challenge(suite, account, report_id, reason)
        session.output.record(f"Report {report_id}", {"State": "CHALLENGED", "Reason": reason})


@shared.reading(cli)
@click.argument("report_id", metavar="[REPORT]", type=click.IntRange(1), required=False)
@click.option("--grant", "grant_id", type=click.IntRange(1), help="Its milestones.")
@click.option("--model", "model_id", type=click.IntRange(1), help="Alone and with its ancestors.")
def show(
    output: shared.Output, report_id: int | None, grant_id: int | None, model_id: int | None
) -> None:
    """Show REPORT, or all reports on a grant or a model and what they come to."""
    from flywheel.deploy.suite import Suite
    from flywheel.energy.figures import Phase
    from flywheel.errors import fix
    from flywheel.grants import energy
    from flywheel.grants.energy import SubjectKind

    suite = Suite.connected()
    if sum(item is not None for item in (report_id, grant_id, model_id)) != 1:
        raise fix("One thing is to be shown", "Give REPORT, --grant ID or --model ID")
    if report_id is not None:
        found = energy.read(suite, report_id)
        output.record(
            f"Report {report_id} on {found.subject}", _rows(found.figures) | _state(found)
        )
        return
    kind = SubjectKind.MODEL if model_id else SubjectKind.MILESTONE
    subject_id = model_id or grant_id
    assert subject_id is not None
    found_all = list(energy.reports_on(suite, kind, subject_id))
    name = "model" if model_id else "grant"
    columns = ("Report", "On", "Phase", "Wh", "gCO2e", "Market-based", "State", "Attested")
    rows = [_line(item) for item in found_all]
    output.table(f"Reports on {name} {subject_id}", columns, rows)
    if output.format != "table":
        # One document for programs: the sums are theirs to make, but for those with ancestors.
        return
    sums = [
        ("Training", energy.footprint(suite, kind, subject_id, Phase.TRAINING)),
        ("Serving, per million tokens", energy.footprint(suite, kind, subject_id, Phase.SERVING)),
    ]
    if model_id:
        sums.insert(
            1, ("Training, with ancestors", energy.footprint_with_ancestors(suite, model_id))
        )
    headings = ("Footprint", "Wh", "gCO2e", "Market-based")
    output.table(f"Footprint of {name} {subject_id}", headings, [_sum(*item) for item in sums])


@shared.reading(cli)
@click.argument("model_id", metavar="MODEL", type=click.IntRange(1))
@click.option(
    "--training-type", type=click.Choice(["pre-training", "fine-tuning"]), default="pre-training"
)
@click.option("--out", type=shared.NEW_FILE, help="Write it to this file.")
def card(output: shared.Output, model_id: int, training_type: str, out: Path | None) -> None:
    """The head of MODEL's card with its reported emissions, as Hugging Face reads it."""
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.energy import card_block
    from flywheel.grants import energy

    suite = Suite.connected()
    emissions = energy.card_emissions(suite, model_id, training_type)
    name = str(connection.call(suite.registry.model_name, model_id))
    text = card_block.block(name, emissions)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
        output.record(f"Card of model {model_id}", {"File": str(out)})
    else:
        click.echo(on_lines(text), nl=False)


# --- what is given and shown ---


def _subject(grant_id: int | None, milestone: int | None, model_id: int | None) -> Any:
    from flywheel.errors import fix
    from flywheel.grants.energy import Subject, SubjectKind

    if model_id is not None and grant_id is None:
        return Subject(SubjectKind.MODEL, model_id)
    if model_id is None and grant_id is not None and milestone is not None:
        return Subject(SubjectKind.MILESTONE, grant_id, milestone)
    raise fix("A report is on one thing", "Give GRANT and MILESTONE, or --model ID")


def _from_file(given: dict[str, Any]) -> "tuple[Figures, tuple[str, ...]]":
    from flywheel import amounts
    from flywheel.energy import imported
    from flywheel.energy.figures import Filing, Market, Phase, evidence_of
    from flywheel.errors import fix
    from flywheel.reading import texts

    proof = given["renewable_proof"]
    market_grams, share = given["market_grams"], given["renewable_bps"]
    if proof is not None and market_grams is None:
        raise fix("A proof comes without its market-based figure", "Give --market-grams")
    if proof is None and (market_grams is not None or share):
        raise fix("Market-based figures come without a proof", "Give --renewable-proof FILE")
    market = None
    if proof is not None:
        market = Market(market_grams, share, evidence_of(texts.read_bytes(proof)))
    filing = Filing(
        given["uri"],
        Phase[given["phase"].upper()],
        given["hardware"],
        given["region"],
        given["note"],
        market,
    )
    pue_bps = amounts.to_units(given["pue"], 4) if given["pue"] else None
    place = imported.Place(pue_bps, given["grid_grams"])
    found = imported.read(given["file"], filing, place, given["kind"])
    return found.figures, found.remarks


def _by_hours(given: dict[str, Any]) -> "tuple[Figures, tuple[str, ...]]":
    from flywheel import amounts
    from flywheel.energy.estimate import METHOD, Estimate
    from flywheel.errors import fix
    from flywheel.grants import compute, energy

    needed = ("gpu_hours", "gpu_watts", "grid_grams", "duration", "hardware", "region")
    missing = [f"--{name.replace('_', '-')}" for name in needed if given[name] in (None, "")]
    if missing:
        raise fix("There is no file to report from", f"Give --from FILE, or {', '.join(missing)}")
    only_with_file = ("market_grams", "renewable_proof", "pue", "kind", "note")
    if any(given[name] for name in only_with_file) or given["phase"] != "training":
        raise fix("An estimate by hours has training alone", "Give --from FILE for the rest")
    seconds = given["gpu_hours"] * compute.SECONDS_PER_HOUR
    total = Estimate(seconds, given["gpu_watts"], given["pue_bps"], given["grid_grams"])
    duration = amounts.seconds(given["duration"])
    told = energy.estimated(
        total, duration, given["hardware"], given["region"], METHOD, given["uri"]
    )
    return told, ()


def _tell(output: shared.Output, title: str, told: "Figures", basis: tuple[str, ...] = ()) -> None:
    """What people are asked to confirm; programs get the result alone."""
    if output.format != "table":
        return
    output.record(title, _rows(told))
    if basis:
        output.table("Assumed and remarked", ("What",), [(line,) for line in basis])


def _rows(told: "Figures") -> dict[str, Any]:
    from flywheel.amounts import BPS, show_bps

    market = "not stated"
    if told.market_grams is not None:
        market = f"{told.market_grams:,} g, {show_bps(told.renewable_bps)} renewable"
    return {
        "Phase": told.phase.name,
        "Energy": f"{told.energy_wh:,} Wh, {'measured' if told.measured else 'estimated'}",
        "Emissions, location-based": f"{told.emissions_grams:,} gCO2e",
        "Emissions, market-based": market,
        "Grid": f"{told.grid_grams_per_kwh:,} gCO2e/kWh, within {show_bps(told.tolerance_bps)}",
        "PUE": str(told.pue_bps / BPS),
        "GPU time": f"{told.gpu_seconds:,} s, {told.duration_seconds:,} s by the clock",
        "Hardware": told.hardware,
        "Region": told.region,
        "Method": told.method,
        "Note": told.note,
        "Evidence": told.evidence_uri,
        "Evidence hash": "0x" + told.evidence_hash.hex(),
    }


def _state(found: "Filed") -> dict[str, Any]:
    return {
        "Reporter": found.reporter,
        "Supersedes": found.supersedes or "nothing",
        "State": _state_name(found),
        "Attestations": found.attestations,
    }


def _state_name(found: "Filed") -> str:
    live = f"superseded by {found.superseded_by}" if found.superseded_by else "live"
    return f"{live}, challenged" if found.is_challenged else live


def _line(found: "Filed") -> tuple[Any, ...]:
    told = found.figures
    market = "" if told.market_grams is None else f"{told.market_grams:,}"
    return (
        found.report_id,
        str(found.subject),
        told.phase.name,
        f"{told.energy_wh:,}",
        f"{told.emissions_grams:,}",
        market,
        _state_name(found),
        found.attestations,
    )


def _sum(name: str, found: "Footprint") -> tuple[str, str, str, str]:
    return (name, f"{found.energy_wh:,}", f"{found.emissions_grams:,}", f"{found.market_grams:,}")
