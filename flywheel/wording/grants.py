"""Words of calls about grants: what stands behind the id of a grant."""

from typing import Any

from flywheel import amounts
from flywheel.chain.calldata import DecodedCall
from flywheel.states import ReceiverKind
from flywheel.wording.kinds import Kind
from flywheel.wording.registry import Words, describer

MISSING = "WHICH DOES NOT EXIST"


def _told(words: Words, grant_id: int) -> Any:
    """`Application` of a grant; None if nobody applied for one of this number."""
    applications = words.suite.applications
    if not 1 <= grant_id <= int(applications.application_count()):
        return None
    return applications.application(grant_id)


@describer("TrainingGrants", "approve")
def _approve(words: Words, call: DecodedCall) -> str:
    return _approval(words, call)


@describer("TrainingGrants", "approve_beyond_cap")
def _approve_beyond_cap(words: Words, call: DecodedCall) -> str:
    return f"BEYOND THE CAP of ordinary votes, {_approval(words, call)}"


def _approval(words: Words, call: DecodedCall) -> str:
    grant_id, voted = call.arguments["grant_id"], bytes(call.arguments["terms_hash"])
    told = _told(words, grant_id)
    if told is None:
        return f"approve grant {grant_id}, {MISSING} (terms_hash 0x{voted.hex()})"
    if bytes(told.terms_hash) != voted:
        return (
            f"approve grant {grant_id} under OTHER TERMS than it has now, which the contract "
            f"refuses (terms_hash 0x{voted.hex()})"
        )
    return approval_in_words(words, grant_id)


def approval_in_words(words: Words, grant_id: int) -> str:
    """What approving a grant against its terms means."""
    told, money = _told(words, grant_id), words.lexicon.money
    total = int(told.milestones_total) + int(told.compute_budget)
    asset, count = str(told.asset), int(told.milestone_count)
    compute = (
        f", {money(told.compute_budget, asset)} of it for compute" if told.compute_budget else ""
    )
    shares = words.suite.applications.split(grant_id)
    parts = ", ".join(f"{amounts.show_bps(item.bps)} to {_receiver(item)}" for item in shares)
    owed = int(words.suite.applications.max_owed_bps(grant_id))
    first = f"up to {amounts.show_bps(owed)} to their ancestors, of the rest " if owed else ""
    revenue = f"; its models' revenue goes {first}{parts}" if parts else ""
    return (
        f"approve grant {grant_id}: {money(total, asset)} of "
        f"{words.lexicon.show(int(told.purpose), Kind.PURPOSE)} to {told.recipient} in "
        f"{count} milestone{'s' if count != 1 else ''}{compute}, against a bond of "
        f"{money(told.bond, asset)}{revenue}"
    )


def _receiver(share: Any) -> str:
    kind = ReceiverKind(share.kind)
    if kind == ReceiverKind.CAMPAIGN:
        return f"campaign {share.campaign_id}"
    return "the Treasury" if kind == ReceiverKind.TREASURY else str(share.account)


@describer("TrainingGrants", "decide")
def _decide(words: Words, call: DecodedCall) -> str:
    values = call.arguments
    grant_id, number, part = values["grant_id"], values["milestone"], int(values["pay_bps"])
    verb = f"accept and pay {amounts.show_bps(part)} of" if part else "reject"
    said = f"{verb} submission {values['submission']} of milestone {number} of grant {grant_id}"
    told = _told(words, grant_id)
    if told is not None and 1 <= number <= int(told.milestone_count):
        amount = int(words.suite.applications.schedule(grant_id, number).amount)
        asset = str(told.asset)
        whole = words.lexicon.money(amount, asset)
        paid = words.lexicon.money(amount * part // amounts.BPS, asset)
        said += f", {paid}" if part else f", of {whole}"
    else:
        said += f", {MISSING}"
    return f"{said} (reason_hash 0x{values['reason_hash'].hex()})"


@describer("TrainingGrants", "terminate")
def _terminate(words: Words, call: DecodedCall) -> str:
    grant_id, reason = call.arguments["grant_id"], call.arguments["reason_hash"]
    told, money = _told(words, grant_id), words.lexicon.money
    if told is None:
        return f"terminate grant {grant_id}, {MISSING} (reason_hash 0x{reason.hex()})"
    grants, asset = words.suite.grants, str(told.asset)
    count = int(told.milestone_count)
    paid = sum(int(grants.milestone(grant_id, number + 1).paid) for number in range(count))
    bond = (
        f", whose bond of {money(told.bond, asset)} is lost"
        if grants.commitments(grant_id)[1]
        else ""
    )
    return (
        f"terminate grant {grant_id} of {grants.recipient(grant_id)}{bond}; of its milestones of "
        f"{money(told.milestones_total, asset)} {money(paid, asset)} are paid "
        f"(reason_hash 0x{reason.hex()})"
    )
