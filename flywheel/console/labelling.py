"""Files of work: ape run rewards score | build | verify | sign-units, and what workers ask for."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flywheel.console import cli as shared

if TYPE_CHECKING:
    from flywheel.rewards.earnings import Files
    from flywheel.rewards.inputs import JobFiles

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
# Added to the group `rewards`.
group = click.Group()

FOLDER = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
CAMPAIGN = click.argument("campaign_id", metavar="CAMPAIGN", type=int)
JOB_FILES = {
    "rule": "YAML file with the rule, which says what kind of work it is; that of labels without.",
    "gold": "CSV task,label: experts' answers.",
    "tasks": "CSV task: those of the job; others are not paid.",
    "persons": "CSV worker,person: workers who are one and the same.",
    "appeals": "CSV worker,task,drop,ruling,reason: of the drop before.",
    "consent": "CSV worker,salt: who withdrew; private, never published.",
}
SIGNATURES = {"signatures": "CSV validator,signature: who signed units of work."}


def job_files(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives the function `files`, a `JobFiles`, made of LABELS and an option for each file."""

    @functools.wraps(function)
    def with_files(*args: Any, labels: Path, **options: Any) -> Any:
        from flywheel.errors import fix
        from flywheel.rewards import inputs
        from flywheel.rewards.inputs import JobFiles

        given = {name: options.pop(name) for name in JOB_FILES}
        if labels.is_dir():
            if any(given.values()):
                raise fix(f"{labels} is a publication, which has its own files", "Give no others")
            files = JobFiles.published(labels / inputs.FOLDER)
        else:
            files = JobFiles(labels, **given)
        return function(*args, files=files, **options)

    return _with_options(with_files, JOB_FILES)


def work_files(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives the function `files`, those of the rule's kind, made of FILE and the same options."""
    known = JOB_FILES | SIGNATURES

    @functools.wraps(function)
    def with_files(*args: Any, file: Path, **options: Any) -> Any:
        from flywheel.rewards import kinds

        given = {name: options.pop(name) for name in known}
        return function(*args, files=kinds.given(file, **given), **options)

    return _with_options(with_files, known)


def _with_options(function: Callable[..., Any], known: dict[str, str]) -> Callable[..., Any]:
    for name, text in reversed(known.items()):
        function = click.option(f"--{name}", type=FILE, help=text)(function)
    return function


LABELS = click.argument("labels", type=click.Path(exists=True, path_type=Path))
WORK = click.argument("file", type=FILE)


@shared.reading(group)
@LABELS
@job_files
def score(output: shared.Output, files: "JobFiles") -> None:
    """How well the workers of LABELS agree, above chance, and who looks like one person.

    Needs no node. LABELS: CSV or Parquet worker,task,label and perhaps time; or the folder of a
    published drop.
    """
    from flywheel.rewards import score_views

    output.show(score_views.in_full(files))


@shared.reading(group)
@CAMPAIGN
@WORK
@FOLDER
@click.option(
    "--addresses",
    type=FILE,
    help="CSV with columns worker,address. Without it stand-in accounts (test chains only).",
)
@work_files
def build(
    output: shared.Output,
    campaign_id: int,
    files: "Files",
    folder: Path,
    addresses: Path | None,
) -> None:
    """Share what CAMPAIGN has free by the work in FILE, as its next drop; write to FOLDER.

    FILE, by the kind of the rule: labels, reports, entries of a ranking, or units.
    """
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.rewards import campaigns

    suite = Suite.connected()
    if addresses is None and not connection.is_test():
        raise fix(
            "Stand-in accounts have no keys; they are for test chains",
            "Give the workers' accounts with --addresses",
        )
    manifest, earned = campaigns.build(suite, campaign_id, files, folder, addresses)
    output.record(
        f"Drop {manifest.number} of campaign {campaign_id}",
        {
            "Workers": len(earned.points),
            "Paid": earned.workers,
            "Accounts": manifest.leaf_count,
            "Total": suite.money(manifest.total),
            "Root": manifest.root,
            "Written to": str(folder),
        },
    )


@shared.reading(group)
@FOLDER
@click.option(
    "--for",
    "receivers",
    metavar="WORKER",
    multiple=True,
    help="Show what a worker gets, and at which account; or an address.",
)
def verify(output: shared.Output, folder: Path, receivers: tuple[str, ...]) -> None:
    """Compute the amounts of FOLDER again from its inputs, and compare all of it with the chain."""
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import verifying

    output.show(verifying.in_full(Suite.connected(), folder, receivers))


@shared.command(group, "sign-units")
@CAMPAIGN
@click.argument("units", type=FILE)
@click.option(
    "--out",
    "signatures",
    type=shared.NEW_FILE,
    help="Where to add the line; signatures.csv beside UNITS if absent.",
)
def sign_units(
    session: shared.Session, campaign_id: int, units: Path, signatures: Path | None
) -> None:
    """Sign UNITS (CSV worker,units) as a validator, for the next drop of CAMPAIGN. Sends nothing.

    The signature is for this file as it is: whoever changes it later needs all of them again.
    """
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import campaigns, copies, unit_files

    suite = Suite.connected()
    account = session.account
    campaigns.require(suite, campaign_id)
    drop = campaigns.domain(suite, campaign_id, campaigns.next_number(suite, campaign_id))
    path = signatures or units.with_name(unit_files.SIGNATURES)
    name = f"drop {drop.number} of campaign {campaign_id}"
    # Somebody may replace the file while a person reads what it says.
    with copies.frozen(units) as copy:
        found = unit_files.read_units(copy)
        what = f"{sum(found.values()):,} units of {len(found)} workers"
        if not session.confirm(f"Sign {what} for {name}", rehearse=False):
            return
        count = unit_files.sign(drop, copy, path, account)
    fields = {"Validator": str(account.address), "Signed": what, "In": str(path), "Lines": count}
    session.output.record(f"Units of {name}", fields)


@shared.reading(group)
@click.argument("appeals", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("worker")
@click.argument("task")
@click.option("--drop", type=int, required=True, help="The number of the drop that refused it.")
@click.option("--reason", required=True, help="Why it should have been accepted.")
def appeal(
    output: shared.Output, appeals: Path, worker: str, task: str, drop: int, reason: str
) -> None:
    """Add to APPEALS that WORKER's judgement of TASK was wrongly refused, and why.

    The curator changes 'open' to 'accepted' or 'refused'; the next drop pays what was accepted.
    """
    from flywheel.rewards import appeals as room

    made = room.new_appeal(appeals, worker, task, drop, reason)
    fields = {"Worker": made.worker, "Task": made.task, "Drop": made.drop, "Ruling": made.ruling}
    output.record("Appeal", {**fields, "In": appeals})


@shared.reading(group, "withdraw-consent")
@click.argument("worker")
@click.option(
    "--to",
    "requests",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The curator's private file, to which the line is added.",
)
@click.option("--in", "in_list", type=FILE, help="The public list, in which to look it up.")
@click.option("--salt", default="", help="The salt that was drawn before.")
def withdraw_consent(
    output: shared.Output, worker: str, requests: Path | None, in_list: Path | None, salt: str
) -> None:
    """Draw the salt with which WORKER leaves a dataset, or look up whether it was heeded.

    Give worker and salt to the curator, who adds them to its private file with --to. Later, with
    --salt and --in suppression.csv, anybody who knows the salt sees whether the entry is there.
    """
    from flywheel.errors import fix
    from flywheel.rewards import consent
    from flywheel.shown import yes

    if in_list is not None and not salt:
        raise fix("An entry cannot be found without its salt", "Give it with --salt")
    request = consent.withdrawal(worker, consent.salt_of(salt) if salt else None)
    fields: dict[str, Any] = {"Worker": request.worker, "Salt": f"0x{request.salt.hex()}"}
    fields["Entry"] = request.entry
    if requests is not None:
        consent.new_request(requests, request)
        fields["Added to"] = str(requests)
    if in_list is not None:
        fields["Is listed"] = yes(consent.is_listed(in_list, worker, request.salt))
    output.record("Withdrawal of consent", fields)
