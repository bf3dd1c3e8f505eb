"""Words of functions that need more than a phrase: what stands behind an id, and nested calls."""

from typing import Any

from flywheel import amounts
from flywheel.chain.calldata import DecodedCall
from flywheel.chain.connection import ZERO_ADDRESS
from flywheel.states import ReceiverKind
from flywheel.wording.kinds import Kind
from flywheel.wording.lexicon import same
from flywheel.wording.phrases import PHRASES
from flywheel.wording.registry import DESCRIBERS as DESCRIBERS
from flywheel.wording.registry import Words, describer

MAX_DEPTH = 3


@describer("TrainingGrants", "approve")
def _approve(words: Words, call: DecodedCall) -> str:
    return _approval(words, call)


@describer("TrainingGrants", "approve_beyond_cap")
def _approve_beyond_cap(words: Words, call: DecodedCall) -> str:
    return f"BEYOND THE CAP of ordinary votes, {_approval(words, call)}"


def _approval(words: Words, call: DecodedCall) -> str:
    grant_id, voted = call.arguments["grant_id"], bytes(call.arguments["terms_hash"])
    grants = words.suite.grants
    if not 1 <= grant_id <= int(grants.grant_count()):
        return f"approve grant {grant_id}, WHICH DOES NOT EXIST (terms_hash 0x{voted.hex()})"
    if bytes(grants.terms_hash(grant_id)) != voted:
        return (
            f"approve grant {grant_id} under OTHER TERMS than it has now, which the contract "
            f"refuses (terms_hash 0x{voted.hex()})"
        )
    return approval_in_words(words, grant_id)


def approval_in_words(words: Words, grant_id: int) -> str:
    """What approving a grant against its terms of now means."""
    terms = words.suite.grants.terms(grant_id)
    total = sum(item.amount for item in terms.milestones) + terms.compute_budget
    asset = str(terms.asset)
    count = len(terms.milestones)
    compute = (
        f", {words.lexicon.money(terms.compute_budget, asset)} of it for compute"
        if terms.compute_budget
        else ""
    )
    split = ", ".join(f"{amounts.show_bps(item.bps)} to {_receiver(item)}" for item in terms.split)
    return (
        f"approve grant {grant_id}: {words.lexicon.money(total, asset)} of "
        f"{words.lexicon.show(int(terms.purpose), Kind.PURPOSE)} to {terms.recipient} in "
        f"{count} milestone{'s' if count != 1 else ''}{compute}; "
        f"its models' revenue goes {split or 'nowhere'}"
    )


def _receiver(share: Any) -> str:
    kind = ReceiverKind(share.kind)
    if kind == ReceiverKind.CAMPAIGN:
        return f"campaign {share.campaign_id}"
    return "the Treasury" if kind == ReceiverKind.TREASURY else str(share.account)


@describer("Timelock", "renounceRole")
@describer("Timelock", "revokeRole")
def _end_role(words: Words, call: DecodedCall) -> str:
    account = str(call.arguments["account"])
    role = words.lexicon.show(bytes(call.arguments["role"]), Kind.ROLE)
    holder = words.lexicon.show(account, Kind.ACCOUNT)
    said = f"take {role} of the Timelock from {holder}"
    if call.function.name == "renounceRole":
        said = f"give up {role} of the Timelock held by {holder}"
    last = {"PROPOSER_ROLE": words.suite["Governor"].address, "EXECUTOR_ROLE": ZERO_ADDRESS}
    if role in last and same(account, last[role]):
        return f"{said}: NO VOTE CAN BE CARRIED OUT AFTERWARDS, and no vote can undo this"
    return said


@describer("TrainingGrants", "decide")
def _decide(words: Words, call: DecodedCall) -> str:
    values = call.arguments
    grant_id, number = values["grant_id"], values["milestone"]
    verb = "accept" if values["accepted"] else "reject"
    said = f"{verb} milestone {number} of grant {grant_id}"
    grants = words.suite.grants
    if 1 <= grant_id <= int(grants.grant_count()) and (
        1 <= number <= int(grants.milestone_count(grant_id))
    ):
        item = grants.milestone(grant_id, number)
        said += f", {words.lexicon.money(item.amount, str(grants.terms(grant_id).asset))}"
    else:
        said += ", WHICH DOES NOT EXIST"
    return f"{said} (reason_hash 0x{values['reason_hash'].hex()})"


@describer("TrainingGrants", "terminate")
def _terminate(words: Words, call: DecodedCall) -> str:
    grant_id, reason = call.arguments["grant_id"], call.arguments["reason_hash"]
    grants = words.suite.grants
    if not 1 <= grant_id <= int(grants.grant_count()):
        return f"terminate grant {grant_id}, WHICH DOES NOT EXIST (reason_hash 0x{reason.hex()})"
    terms = grants.terms(grant_id)
    total = sum(item.amount for item in terms.milestones)
    asset = str(terms.asset)
    return (
        f"terminate grant {grant_id} of {terms.recipient}, of whose "
        f"{words.lexicon.money(total, asset)} {words.lexicon.money(grants.paid(grant_id), asset)} "
        f"are paid (reason_hash 0x{reason.hex()})"
    )


AUDITED = (
    ". If the bond is lost by that, {auditor}, who paid for the audit, gets {audit_cost} of it, at "
    "most half"
)


@describer("LicenseEnforcement", "assess")
def _assess(words: Words, call: DecodedCall) -> str:
    phrase = PHRASES["LicenseEnforcement"]["assess"]
    return words.fill(phrase + (AUDITED if "audit_cost" in call.arguments else ""), call, None)


# --- calls inside calls ---


def _nested(words: Words, call: DecodedCall, said: str, known: tuple[str, ...]) -> str:
    """`said`, the calls inside in words, and the arguments that are neither."""
    values = call.arguments
    if "targets" in values:
        payloads = values["payloads"] if "payloads" in values else values["calldatas"]
        calls = list(zip(values["targets"], values["amounts"], payloads, strict=False))
        whole = len(values["targets"]) == len(values["amounts"]) == len(payloads)
    else:
        payload = values.get("payload", values.get("data"))
        calls = [(values["target"], values.get("amount", values.get("value")), payload)]
        whole = True
    if words.depth >= MAX_DEPTH:
        inside = "CALLS TOO DEEPLY NESTED TO READ"
    else:
        inner = words.inside()
        inside = "; ".join(
            inner.call(target, bytes(data), amount) for target, amount, data in calls
        )
    rest = ", ".join(
        f"{name} {words.lexicon.show(value, Kind.DURATION if name == 'delay' else Kind.PLAIN)}"
        for name, value in values.items()
        if name not in ("targets", "target", "amounts", "amount", "payloads", "payload", *known)
    )
    warning = "" if whole else " [LISTS OF DIFFERENT LENGTH]"
    return f"{said}: [{inside or 'nothing'}]{warning}" + (f" ({rest})" if rest else "")


@describer("Timelock", "execute")
@describer("Timelock", "executeBatch")
def _execute(words: Words, call: DecodedCall) -> str:
    return _nested(words, call, "run in the Timelock", ())


@describer("Timelock", "schedule")
@describer("Timelock", "scheduleBatch")
def _schedule(words: Words, call: DecodedCall) -> str:
    return _nested(words, call, "schedule in the Timelock, WITHOUT A VOTE", ())


@describer("Governor", "propose")
def _propose(words: Words, call: DecodedCall) -> str:
    return _nested(words, call, "propose", ("calldatas",))


@describer("Governor", "queue")
def _queue(words: Words, call: DecodedCall) -> str:
    return _nested(words, call, "queue the proposal", ("calldatas",))


@describer("Governor", "execute")
def _execute_proposal(words: Words, call: DecodedCall) -> str:
    return _nested(words, call, "execute the proposal", ("calldatas",))


@describer("ProposalArchive", "keep")
def _keep(words: Words, call: DecodedCall) -> str:
    return _nested(words, call, "keep the calls of the proposal", ("calldatas",))


@describer("Governor", "cancel")
def _cancel(words: Words, call: DecodedCall) -> str:
    if "targets" not in call.arguments:
        return words.by_names(call)
    return _nested(words, call, "cancel the proposal", ("calldatas",))


@describer("Governor", "relay")
def _relay(words: Words, call: DecodedCall) -> str:
    return _nested(words, call, "have the Governor call", ("data", "value"))
