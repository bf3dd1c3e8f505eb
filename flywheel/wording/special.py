"""Words of functions that need more than a phrase: what stands behind an id, and nested calls."""

from flywheel.chain.calldata import DecodedCall
from flywheel.chain.connection import ZERO_ADDRESS
from flywheel.wording import grants as grants
from flywheel.wording.kinds import Kind
from flywheel.wording.lexicon import same
from flywheel.wording.phrases import PHRASES
from flywheel.wording.registry import DESCRIBERS as DESCRIBERS
from flywheel.wording.registry import Words, describer

MAX_DEPTH = 3


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
