"""Builders and evaluators: ape run evaluate benchmarks | scores | claim | show | attest | sign."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flywheel.console import cli as shared
from flywheel.errors import fix

if TYPE_CHECKING:
    from flywheel.evaluations.claims import Claim

CLAIM = click.argument("claim_id", metavar="CLAIM", type=int)
DIGEST = click.option("--digest", help="SHA-256 of the weights, 64 hexadecimal digits.")


@click.group()
def cli() -> None:
    """Measured scores of weights: claim what a harness measured, attest what others claim."""


@shared.reading(cli)
def benchmarks(output: shared.Output) -> None:
    """List the benchmarks and how many evaluators may attest each."""
    from flywheel.deploy.suite import Suite
    from flywheel.evaluations import claims, scores

    suite = Suite.connected()
    admitted = claims.evaluators(suite)
    rows = [
        (
            found.benchmark_id,
            found.name,
            scores.show(found.min_score),
            scores.show(found.max_score),
            found.direction,
            found.threshold,
            len(admitted.get(found.benchmark_id, ())),
            f"0x{found.task_hash.hex()}",
        )
        for found in claims.benchmarks(suite)
    ]
    columns = ("Benchmark", "Name", "From", "To", "Better", "Needs", "Evaluators", "Task hash")
    output.table("Benchmarks", columns, rows)


@shared.reading(cli)
@click.argument("results", metavar="FILE", type=shared.FILE)
@click.option("--task", help="Of one task only.")
@click.option("--metric", help="Of one metric: also tells what the task's hash is taken of.")
def scores(output: shared.Output, results: Path, task: str | None, metric: str | None) -> None:
    """What FILE, results of lm-evaluation-harness, says was measured. Needs no chain."""
    from flywheel.evaluations.harness import Results

    read = Results(results)
    if task is None:
        found = list(read.all())
    else:
        found = [read.read(task, one) for one in ([metric] if metric else read.metrics(task))]
    rows = [
        (
            one.task,
            one.metric,
            one.filter,
            f"{one.value:f}",
            "" if one.stderr is None else f"{one.stderr:f}",
            "" if one.shots is None else one.shots,
            {True: "higher", False: "lower", None: ""}[one.higher_is_better],
            f"0x{one.task_hash.hex()}",
        )
        for one in found
    ]
    columns = ("Task", "Metric", "Filter", "Value", "Stderr", "Shots", "Better", "Task hash")
    output.table(f"{found[0].harness}: {found[0].model}" if found else "", columns, rows)
    if metric and found:
        output.say(found[0].canonical)


@shared.command(cli)
@click.option("--from", "results", type=shared.FILE, required=True, help="The results file.")
@click.option("--task", required=True, help="As 'ape run evaluate scores' lists it.")
@click.option("--metric", required=True, help="Such as acc, or exact_match,strict-match.")
@click.option("--uri", required=True, help="Where the results file is, at most 128 bytes.")
@DIGEST
@click.option(
    "--model-weights",
    "weights",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Files of the weights, or their folder, in place of --digest.",
)
def claim(
    session: shared.Session,
    results: Path,
    task: str,
    metric: str,
    uri: str,
    digest: str | None,
    weights: tuple[Path, ...],
) -> None:
    """Claim the score that a results file has of a task. Anybody may; it counts once attested."""
    from flywheel.console.models import hash_weights
    from flywheel.deploy.suite import Suite
    from flywheel.evaluations import claims
    from flywheel.evaluations import scores as millionths
    from flywheel.evaluations.harness import Results

    if (digest is None) == (not weights):
        raise fix("The weights are named once", "Give --digest, or --model-weights")
    claims.check_uri(uri)
    measured = Results(results).read(task, metric)
    suite = Suite.connected()
    target = claims.fitting(suite, measured)
    named = claims.digest_of(digest) if digest else hash_weights(weights, session.output)
    shown = millionths.show(measured.score(target.higher_is_better))
    words = (
        f"Claim {shown} of benchmark {target.benchmark_id} ({target.name}) for the weights "
        f"{named.hex()}; the file was measured on '{measured.model}' by {measured.harness}"
    )
    if session.confirm(words):
        claim_id = claims.file_claim(suite, session.account, target, named, measured, uri)
        fields = {
            "Claim": claim_id,
            "Score": shown,
            "Standing": "claimed, attested by nobody",
            "Next": f"its evaluators: ape run evaluate attest {claim_id}",
        }
        session.output.record("Claim filed", fields)


@shared.reading(cli)
@click.argument("claim_id", metavar="[CLAIM]", type=int, required=False)
@DIGEST
@click.option("--model", "model_id", type=int, help="A registered model.")
@click.option("--card", type=shared.NEW_FILE, help="Write them as the head of a model's card, too.")
def show(
    output: shared.Output,
    claim_id: int | None,
    digest: str | None,
    model_id: int | None,
    card: Path | None,
) -> None:
    """Show CLAIM, or list the claims about weights, and who attested them."""
    from flywheel.deploy.suite import Suite
    from flywheel.evaluations import card_block, claims
    from flywheel.models import registry

    if [claim_id, digest, model_id].count(None) != 2:
        raise fix("One thing is shown at a time", "Give CLAIM, --digest or --model")
    suite = Suite.connected()
    if claim_id is not None:
        found = [claims.get(suite, claim_id)]
        name, weights = "", found[0].weights_digest
        output.record(f"Claim {claim_id}", _fields(found[0]))
    else:
        if model_id is not None:
            model = registry.get(suite, model_id)
            name, weights = model.name, model.weights_digest
        else:
            name, weights = "", claims.digest_of(digest or "")
        found = claims.about(suite, weights)
        list_claims(output, found, f"Claims about {weights.hex()}")
    if card is not None:
        card.parent.mkdir(parents=True, exist_ok=True)
        card.write_text(card_block.block(name or weights.hex(), found), encoding="utf-8")
        output.say(f"Head of a model's card in {card}")


def list_claims(output: shared.Output, found: "list[Claim]", title: str) -> None:
    """A table of claims; of those that nobody attested the newest only, if there are many."""
    from flywheel.evaluations import claims
    from flywheel.evaluations import scores as millionths

    kept = claims.shortened(found) if output.format == "table" else found
    rows = [
        (
            item.claim_id,
            item.benchmark.name,
            millionths.show(item.score),
            item.benchmark.direction,
            item.standing,
            item.harness,
            item.evidence_uri,
        )
        for item in kept
    ]
    columns = ("Claim", "Benchmark", "Score", "Better", "Standing", "Harness", "Evidence")
    output.table(title, columns, rows)
    if len(kept) < len(found):
        output.say(f"{len(found) - len(kept)} older claims that nobody attested are left out.")


def _fields(item: "Claim") -> dict[str, object]:
    from flywheel.evaluations import scores as millionths
    from flywheel.wording.lexicon import show_time

    return {
        "Benchmark": item.benchmark.benchmark_id,
        "Name": item.benchmark.name,
        "Score": millionths.show(item.score),
        "Better": item.benchmark.direction,
        "Standing": item.standing,
        "Attested by": ", ".join(item.attestors),
        "SHA-256 of the weights": item.weights_digest.hex(),
        "Harness": item.harness,
        "Evidence": item.evidence_uri,
        "Keccak-256 of the evidence": f"0x{item.evidence_hash.hex()}",
        "Claimed by": item.claimant,
        "Claimed at": show_time(item.claimed_at),
        "Task hash": f"0x{item.benchmark.task_hash.hex()}",
    }


@shared.command(cli)
@click.argument("claim_id", metavar="[CLAIM]", type=int, required=False)
@click.option("--signature", "signed_file", type=shared.FILE, help="A file of 'evaluate sign'.")
def attest(session: shared.Session, claim_id: int | None, signed_file: Path | None) -> None:
    """Attest CLAIM as its evaluator, or hand in what another evaluator signed."""
    from flywheel.deploy.suite import Suite
    from flywheel.evaluations import attestations, claims

    if (claim_id is None) == (signed_file is None):
        raise fix("One claim is attested at a time", "Give CLAIM, or --signature FILE")
    suite = Suite.connected()
    if signed_file is not None:
        signed = attestations.load(signed_file)
        found = attestations.check(suite, signed)
        by = signed.evaluator
    else:
        found = claims.get(suite, claim_id or 0)
        by = str(session.account.address)
        claims.require_open(suite, found, by)
    if not session.confirm(_words("Attest", found)):
        return
    if signed_file is not None:
        attestations.submit(suite, session.account, signed)
    else:
        claims.attest(suite, session.account, found)
    after = claims.get(suite, found.claim_id)
    session.output.record(
        f"Claim {found.claim_id}", {"Attested by": by, "Standing": after.standing}
    )


@shared.command(cli)
@CLAIM
@click.option("--out", type=shared.NEW_FILE, required=True, help="Where the signature is written.")
@click.option("--valid", default="30 days", show_default=True, help="How long it may be used.")
def sign(session: shared.Session, claim_id: int, out: Path, valid: str) -> None:
    """Sign an attestation of CLAIM into a file, which anybody may hand in. It costs no gas."""
    from flywheel import amounts
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.evaluations import attestations, claims
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    found = claims.get(suite, claim_id)
    deadline = connection.now() + amounts.seconds(valid)
    claims.require_open(suite, found, str(session.account.address))
    if session.confirm(_words("Sign", found), rehearse=False):
        signed = attestations.sign(suite, session.account, found, deadline)
        signed.save(out)
        fields = {
            "Evaluator": signed.evaluator,
            "Usable until": show_time(deadline),
            "File": str(out),
            "Next": f"anybody: ape run evaluate attest --signature {out}",
        }
        session.output.record(f"Claim {claim_id}", fields)


def _words(verb: str, item: "Claim") -> str:
    from flywheel.evaluations import scores as millionths

    return (
        f"{verb} that the weights {item.weights_digest.hex()} reach "
        f"{millionths.show(item.score)} of '{item.benchmark.name}', as claim {item.claim_id} says"
    )
