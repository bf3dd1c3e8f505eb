"""One registration, from what a card says to the model's id: checked first, and resumable."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flywheel import amounts
from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import fix
from flywheel.grants.grant_terms import Share
from flywheel.models import lineage, parents, registry, revenue_shares, salts
from flywheel.models.cards import Description, ParentName
from flywheel.models.kinds import ModelKind
from flywheel.reading import texts
from flywheel.shown import Part, Record, Remark
from flywheel.states import ReceiverKind

if TYPE_CHECKING:
    from ape.api import AccountAPI

MAX_URI = 128
MAX_PARENTS = 4


@dataclass(frozen=True)
class Plan:
    """What will be registered. `words`: all of it in a sentence, to be confirmed."""

    described: Description
    digest: bytes
    links: tuple[parents.Parent, ...]
    owes: lineage.Table
    split: tuple[Share, ...]
    words: str


def parent_ids(texts: Sequence[str]) -> dict[str, int]:
    """NAME=MODEL, as --parent takes it."""
    found = {}
    for text in texts:
        name, mark, number = text.rpartition("=")
        if not mark or not name or not number.isdigit():
            raise fix(f"'{text}' says no model", "Write --parent NAME=MODEL, MODEL being a number")
        found[name] = int(number)
    return found


def dataset_weights(texts: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """CAMPAIGN=WEIGHT, as --dataset takes it."""
    found = []
    for text in texts:
        campaign, _, weight = text.partition("=")
        if not campaign.isdigit() or not weight.isdigit():
            raise fix(f"'{text}' is no dataset", "Write --dataset CAMPAIGN=WEIGHT, both numbers")
        found.append((int(campaign), int(weight)))
    if found and sum(weight for _, weight in found) != amounts.BPS:
        raise fix("The datasets' weights do not sum to 10000", "Make them sum to 10000")
    return tuple(found)


def kept(names: tuple[ParentName, ...], leave_out: Sequence[str]) -> tuple[ParentName, ...]:
    """The parents without those that --leave-out names."""
    unknown = [name for name in leave_out if name not in [str(item.model) for item in names]]
    if unknown:
        named = ", ".join(str(item.model) for item in names) or "none"
        raise fix(f"'{unknown[0]}' is no base model of it", f"Its base models: {named}")
    return tuple(item for item in names if str(item.model) not in leave_out)


def prepare(
    suite: Suite,
    account: str,
    described: Description,
    licenses: Sequence[int],
    ids: dict[str, int],
    hashed: Callable[[Sequence[Path]], bytes],
) -> Plan:
    """Finds the parents, hashes the weights with `hashed`, and checks all that can be checked
    before anything is sent by `account`."""
    if not described.card_uri:
        raise fix("The card's address is missing", f"Give --card-uri of 1 to {MAX_URI} bytes")
    texts.refuse_long(described.card_uri, MAX_URI, "The card's address")
    count = len(described.parents)
    if count > MAX_PARENTS:
        raise fix(
            f"{described.name} is made from {count} models, {MAX_PARENTS} can be its parents",
            "Leave some out with --leave-out, or register a merge of some first and name that",
        )
    if count and described.kind == ModelKind.FOUNDATION:
        raise fix("A foundation is made from no other model", "Give another --kind")
    if described.grant_id and described.split:
        raise fix("A grant's model has the split the grant was approved with", "Leave out --split")
    receiver = str(suite.registry.owner()) if described.grant_id else account
    links = parents.resolve(
        suite, account, receiver, described.kind, described.parents, licenses, ids
    )
    owes = parents.would_owe(suite, links)
    if described.grant_id and links:
        _require_within_terms(suite, described.grant_id, sum(owes.values()))
    digest = hashed(described.weights)
    known = int(connection.call(suite.registry.model_of_digest, digest))
    if known:
        raise fix(f"These weights are model {known} already", "Register other weights")
    split = revenue_shares.read_all(described.split)
    if not split and not described.grant_id:
        split = (Share(ReceiverKind.ACCOUNT, amounts.BPS, account=account),)
    return Plan(
        described, digest, tuple(links), owes, split, _words(described, digest, links, owes)
    )


def _require_within_terms(suite: Suite, grant_id: int, owed: int) -> None:
    allowed = int(connection.call(suite.applications.max_owed_bps, grant_id))
    if owed > allowed:
        raise fix(
            f"It would owe its ancestors {amounts.show_bps(owed)}; the terms of grant {grant_id} "
            f"allow {amounts.show_bps(allowed)}",
            "Name the parents for which the grant was voted",
        )


def _words(
    described: Description,
    digest: bytes,
    links: Sequence[parents.Parent],
    owes: lineage.Table,
) -> str:
    kind = described.kind.word
    parts = [f"Register {described.name}, a {kind}, with SHA-256 {digest.hex()}"]
    if described.grant_id:
        parts.append(f"of grant {described.grant_id}")
    if described.licence:
        parts.append(f"published under {described.licence}")
    if links:
        parts.append("made from " + " and ".join(item.words for item in links))
        share = amounts.show_bps(sum(owes.values()))
        parts.append(f"owing {share} of what is paid for it to {len(owes)} ancestors")
    return ", ".join(parts)


def carry_out(
    suite: Suite, account: "AccountAPI", plan: Plan, folder: Path, tell: Callable[[Part], None]
) -> None:
    """Commits unless that is done, waits out the minute, registers; tells the model's id.

    While transactions are recorded for a Safe, the commitment is all of the first run.
    """
    address, contract = str(account.address), str(suite.registry.address)
    file = salts.path_of(folder, connection.chain_id(), address, plan.digest)
    salt = salts.salt_of(file, connection.chain_id(), contract, address, plan.digest)
    committed = registry.committed_at(suite, address, plan.digest, salt)
    if not committed:
        registry.commit(suite, account, plan.digest, salt)
        if connection.is_recording():
            tell(
                Remark(
                    f"This is the commitment; its salt is in {file}. When the Safe has sent it, "
                    "run the same again for the registration."
                )
            )
            return
        committed = registry.committed_at(suite, address, plan.digest, salt)
        tell(Remark(f"Committed; the salt is in {file} until the model is registered."))
    commitment = registry.commitment(suite, address, plan.digest, salt)
    parents.require_approval(suite, plan.links, commitment)
    if not connection.is_recording():
        registry.await_reveal(suite, committed)
    described = plan.described
    model_id = registry.register(
        suite,
        account,
        described.grant_id,
        described.kind,
        described.name,
        plan.digest,
        described.card_uri,
        split=[item.argument for item in plan.split],
        parents=[(item.model_id, item.license_id) for item in plan.links],
        datasets=described.datasets,
        fingerprint=described.fingerprint,
        card_hash=described.card_hash,
        salt=salt,
    )
    if connection.is_recording():
        return
    os.remove(file)
    fields = {
        "Model": model_id,
        "Name": described.name,
        "Owner": str(suite.registry.ownerOf(model_id)),
        "SHA-256 of the weights": plan.digest.hex(),
        "Owes its ancestors": amounts.show_bps(sum(plan.owes.values())),
    }
    tell(Record("Model registered", fields))
