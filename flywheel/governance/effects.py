"""What a proposal would change: its actions on a copy of the state, and the views that differ.

Views come from the ABIs: every setting (a view without arguments) of every contract, the views of
the called contracts that take what the calls name (a grant's state by its id, a flag by account),
the Treasury's buckets, and what contracts and named accounts hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, IntFlag
from typing import Any

from eth_abi import encode
from eth_utils import keccak

from flywheel.chain import connection, simulation
from flywheel.chain.calldata import Abi, DecodedCall, canonical, marked
from flywheel.chain.strict_abi import decode
from flywheel.deploy.suite import CONTRACTS, Suite
from flywheel.governance import proposals
from flywheel.governance.proposals import Action, Proposal
from flywheel.states import GrantState, MilestoneState, ProposalState, RoundState
from flywheel.wording.describe import Words, leaves
from flywheel.wording.kinds import Kind, kind_of

# The clock moves by itself.
IGNORED = {"clock", "eip712Domain", "DOMAIN_SEPARATOR", "next_floor_check"}
NO_VALUE = "none"
# States, which the ABI knows as numbers, by contract, view and name; '' for a view's only result.
STATES: dict[tuple[str, str, str], type[IntEnum] | type[IntFlag]] = {
    ("FundingRounds", "state", ""): RoundState,
    ("TrainingGrants", "state", ""): GrantState,
    ("TrainingGrants", "milestone", "state"): MilestoneState,
    ("Governor", "state", ""): ProposalState,
}


@dataclass(frozen=True)
class View:
    """One figure of the state: how to read it, and what it is called."""

    contract: str
    function: str
    label: str
    target: str
    data: bytes
    outputs: tuple[Abi, ...]
    asset: str | None = None
    # Of every result, where the ABI's names would mislead.
    kind: Kind | None = None

    @property
    def types(self) -> list[str]:
        return [canonical(item) for item in self.outputs]


@dataclass(frozen=True)
class Change:
    where: str
    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Effects:
    """`failed` is the number (from 1) of the first action that would fail, and `reason` why.

    `changes` is None where the node cannot run the actions one after the other.
    """

    engine: simulation.Engine
    outcomes: list[simulation.Outcome]
    changes: list[Change] | None

    @property
    def failed(self) -> int | None:
        for number, outcome in enumerate(self.outcomes, start=1):
            if not outcome.ok:
                return number
        return None

    @property
    def reason(self) -> str:
        return self.outcomes[self.failed - 1].reason if self.failed else ""


def of_proposal(suite: Suite, proposal: Proposal) -> Effects:
    """What its actions would do at the first moment they could be executed."""
    at = proposals.executable_from(suite, proposal)
    return _of_calls(suite, proposal.targets, proposal.values, proposal.calldatas, at)


def of_actions(suite: Suite, actions: list[Action]) -> Effects:
    """What actions would do if they were proposed now and executed as soon as they could be."""
    strict = proposals.is_strict(suite, actions)
    return _of_calls(
        suite,
        [item.target for item in actions],
        [item.value for item in actions],
        [item.calldata for item in actions],
        connection.now() + proposals.life_seconds(suite, strict),
    )


def _of_calls(
    suite: Suite, targets: Sequence[str], values: Sequence[int], calldatas: Sequence[bytes], at: int
) -> Effects:
    """Runs the calls from the Timelock at the time `at` and compares the views around them."""
    words = Words(suite)
    sender = str(suite.timelock.address)
    calls = [
        simulation.Call(sender, target, data, value)
        for target, value, data in zip(targets, values, calldatas, strict=True)
    ]
    decoded = [words.decode(call.target, call.data) for call in calls]
    views = list(_views(words, [item for item in decoded if item is not None], at))
    reads = [simulation.Call(connection.ZERO_ADDRESS, view.target, view.data) for view in views]
    outcomes, engine = simulation.run([*reads, *calls, *reads], at)
    before, done, after = (
        outcomes[: len(reads)],
        outcomes[len(reads) : len(reads) + len(calls)],
        outcomes[len(reads) + len(calls) :],
    )
    if engine == simulation.Engine.ALONE:
        return Effects(engine, done, None)
    return Effects(engine, done, list(_changes(words, views, before, after)))


def _changes(
    words: Words,
    views: list[View],
    before: list[simulation.Outcome],
    after: list[simulation.Outcome],
) -> Iterator[Change]:
    for view, old, new in zip(views, before, after, strict=True):
        if (old.ok, old.output) != (new.ok, new.output):
            yield Change(
                view.contract, view.label, _shown(words, view, old), _shown(words, view, new)
            )


def _shown(words: Words, view: View, outcome: simulation.Outcome) -> str:
    if not outcome.ok:
        return NO_VALUE
    try:
        values = decode(view.types, outcome.output)
        parts = list(zip(view.outputs, values, strict=True))
    except Exception:
        return "0x" + outcome.output.hex()
    if len(parts) == 1:
        return _part(words, view, *parts[0], "")
    return ", ".join(
        _part(words, view, item, value, str(item["name"] or number))
        for number, (item, value) in enumerate(parts)
    )


def _part(words: Words, view: View, item: Abi, value: Any, name: str) -> str:
    """One result, or one member of a struct, in its unit. `name` is '' for a view's only result."""
    if item["type"] == "tuple":
        members = zip(item["components"], value, strict=True)
        return ", ".join(
            f"{_member(part['name'])} {_part(words, view, part, found, part['name'])}"
            for part, found in members
        )
    states = STATES.get((view.contract, view.function, name))
    if states is not None:
        return str(states(value).name)
    abi_type = canonical(item)
    kind = view.kind or kind_of(view.contract, view.function, name, abi_type)
    return str(words.lexicon.show(marked(abi_type, value), kind, view.asset))


def _member(name: str) -> str:
    """A name of the ABI as words; the unit stands in the value."""
    return name.removesuffix("_bps").removesuffix("_seconds").replace("_", " ")


# --- which views ---


def _views(words: Words, calls: list[DecodedCall], at: int) -> Iterator[View]:
    seen: set[tuple[str, bytes]] = set()
    announced = (*_next_policy(words, calls, at), *_next_floors(words, calls, at))
    for view in (*_all_views(words, calls), *announced):
        if (view.target, view.data) not in seen:
            seen.add((view.target, view.data))
            yield view


def _all_views(words: Words, calls: list[DecodedCall]) -> Iterator[View]:
    accounts = _accounts(words, calls)
    yield from _buckets(words)
    yield from _holdings(words, accounts)
    for name in CONTRACTS:
        for item in words.interface(name).views:
            if not item["inputs"] and item["name"] not in IGNORED and not item["name"].isupper():
                yield _view(words, name, item, (), str(item["name"]))
    yield from _carriers(words)
    for call in calls:
        name = call.function.contract
        if name in CONTRACTS:
            yield from _named_by(words, name, call, accounts)


def _next_policy(words: Words, calls: list[DecodedCall], at: int) -> Iterator[View]:
    """How income is split once a policy set at the time `at` is in force: a whole epoch passes."""
    if any(call.function.name == "set_policy" for call in calls):
        epoch = int(words.suite.token.epoch_at(at)) + 2
        (item,) = (
            view for view in words.interface("Treasury").views if view["name"] == "policy_at"
        )
        yield _view(words, "Treasury", item, (epoch,), f"income from epoch {epoch}")


def _next_floors(words: Words, calls: list[DecodedCall], at: int) -> Iterator[View]:
    """The floor of each asset that a call names, once one set at the time `at` is in force."""
    assets = [c.arguments["asset"] for c in calls if c.function.name == "set_holders_floor"]
    for asset in dict.fromkeys(map(str, assets)):
        epoch = int(words.suite.token.epoch_at(at)) + 2
        (item,) = (
            view for view in words.interface("Treasury").views if view["name"] == "holders_floor_at"
        )
        label = f"free grants for holders' income from epoch {epoch}{_of(words, asset)}"
        yield _view(words, "Treasury", item, (epoch, asset), label, asset)


def _named_by(words: Words, name: str, call: DecodedCall, accounts: list[str]) -> Iterator[View]:
    """Views of the called contract whose arguments the call names."""
    given = {
        leaf.name: leaf.of(call.arguments)
        for leaf in leaves(call.function.inputs)
        if leaf.element == leaf.type
    }
    for item in words.interface(name).views:
        inputs = item["inputs"]
        if not inputs or item["stateMutability"] == "pure" or item["name"].startswith("on"):
            continue
        if item["name"] in IGNORED:
            continue
        names = [str(part["name"]) for part in inputs]
        if all(part in given for part in names):
            yield _labelled(words, name, item, [given[part] for part in names])
        elif [part["type"] for part in inputs] == ["address"]:
            for account in accounts:
                yield _labelled(words, name, item, [account])
    if (name, call.function.name[-4:]) == ("Timelock", "Role"):
        yield _holding(words, given["role"], given["account"])


def _carriers(words: Words) -> Iterator[View]:
    """The roles without which no vote is carried out, whatever call takes them away."""
    roles = {role: identifier for identifier, role in words.lexicon.roles.items()}
    yield _holding(words, roles["PROPOSER_ROLE"], str(words.suite["Governor"].address))
    yield _holding(words, roles["EXECUTOR_ROLE"], connection.ZERO_ADDRESS)


def _holding(words: Words, role: bytes, account: str) -> View:
    (item,) = (view for view in words.interface("Timelock").views if view["name"] == "hasRole")
    label = f"{words.lexicon.show(role, Kind.ROLE)} of {words.lexicon.account(account)}"
    return replace(_view(words, "Timelock", item, (role, account), ""), label=label)


def _accounts(words: Words, calls: list[DecodedCall]) -> list[str]:
    """Addresses that the calls name, without the assets."""
    found = [
        str(leaf.of(call.arguments))
        for call in calls
        for leaf in leaves(call.function.inputs)
        if leaf.type == "address" and leaf.name != "asset"
    ]
    return list(dict.fromkeys(item for item in found if int(item, 16)))


def _buckets(words: Words) -> Iterator[View]:
    views = {item["name"]: item for item in words.interface("Treasury").views}
    for asset in words.lexicon.accepted:
        for number, purpose in words.lexicon.purposes.items():
            for what in ("free", "committed"):
                label = f"{purpose}, {what}{_of(words, asset)}"
                yield _view(words, "Treasury", views[what], (number, asset), label, asset)


def _holdings(words: Words, accounts: list[str]) -> Iterator[View]:
    """Balances of the asset and the token at the suite's contracts and at named accounts."""
    suite = words.suite
    balance: Abi = {
        "name": "balanceOf",
        "inputs": [{"name": "account", "type": "address"}],
        "outputs": [{"name": "", "type": "uint256"}],
    }
    holders = [str(suite[name].address) for name in CONTRACTS]
    for asset in (str(suite.token.address), *words.lexicon.accepted):
        for holder in dict.fromkeys((*holders, *accounts)):
            data = keccak(text="balanceOf(address)")[:4] + encode(["address"], [holder])
            label = f"holds{_of(words, asset)}"
            where = words.lexicon.account(holder)
            outputs = tuple(balance["outputs"])
            yield View(where, "balanceOf", label, asset, data, outputs, asset, Kind.MONEY)


def _of(words: Words, asset: str) -> str:
    """Which asset, where it is not the suite's."""
    return (
        "" if asset.lower() == str(words.suite.asset.address).lower() else f" {_name(words, asset)}"
    )


def _name(words: Words, asset: str) -> str:
    is_token = asset.lower() == str(words.suite.token.address).lower()
    return words.suite.token_symbol if is_token else asset


def _labelled(words: Words, name: str, item: Abi, values: list[Any]) -> View:
    shown = ", ".join(
        words.lexicon.show(value, kind_of(name, "", part["name"], part["type"]))
        for part, value in zip(item["inputs"], values, strict=True)
    )
    asset = next(
        (
            str(value)
            for part, value in zip(item["inputs"], values, strict=True)
            if part["name"] == "asset"
        ),
        None,
    )
    return _view(words, name, item, tuple(values), f"{item['name']} of {shown}", asset)


def _view(
    words: Words,
    name: str,
    item: Abi,
    values: tuple[Any, ...],
    label: str,
    asset: str | None = None,
) -> View:
    types = [canonical(part) for part in item["inputs"]]
    data = keccak(text=f"{item['name']}({','.join(types)})")[:4] + encode(types, list(values))
    return View(
        name,
        str(item["name"]),
        label.replace("_", " "),
        str(words.suite[name].address),
        bytes(data),
        tuple(item["outputs"]),
        asset,
    )
