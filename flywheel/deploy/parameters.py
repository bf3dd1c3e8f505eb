"""Parameters of a deployment, in contract units, from a checked YAML file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils import keccak

from flywheel import amounts, documents
from flywheel.errors import FlywheelError, fix

TOKEN_DECIMALS = 18
# What is written in per cent is kept in basis points.
PERCENT_DECIMALS = 2
RESERVE_PURPOSE = 1
GRANTS_PURPOSE = 2
# What the first round raises; income flows to the two before, and no round does.
FIRST_ROUND_PURPOSE = 3
FIRST_ROUND_NAME = "models"
PURPOSES = {
    "reserve": RESERVE_PURPOSE,
    "grants": GRANTS_PURPOSE,
    FIRST_ROUND_NAME: FIRST_ROUND_PURPOSE,
}


@dataclass(frozen=True)
class AssetParameters:
    symbol: str
    decimals: int
    address: str | None  # None: a mock is deployed, on local chains and rehearsals only


@dataclass(frozen=True)
class GuardianParameters:
    """Who may pause new obligations and cancel proposals, and for how long."""

    account: str
    term_seconds: int


@dataclass(frozen=True)
class RoundParameters:
    """Amounts in units of the asset; times relative to the opening, in seconds."""

    price: int
    soft_goal: int
    hard_cap: int
    min_contribution: int
    max_contribution: int
    opens_in: int
    window: int
    purpose: int
    terms_uri: str
    is_pro_rata: bool = False
    allow_list_root: bytes = bytes(32)
    cliff_seconds: int = 0
    vesting_seconds: int = 0

    def terms(self, asset: str, starts_at: int) -> tuple[Any, ...]:
        """`RoundTerms` of a round in `asset` that opens at `starts_at`."""
        return (
            asset,
            self.price,
            self.soft_goal,
            self.hard_cap,
            self.min_contribution,
            self.max_contribution,
            starts_at,
            starts_at + self.window,
            self.purpose,
            self.is_pro_rata,
            self.allow_list_root,
            self.cliff_seconds,
            self.vesting_seconds,
            bytes(keccak(text=self.terms_uri)),
            self.terms_uri,
        )


# What a round promises, besides its times and its allow-list; the same names in `RoundTerms`.
FROZEN_TERMS = (
    *("price", "soft_goal", "hard_cap", "min_contribution", "max_contribution", "purpose"),
    *("terms_uri", "is_pro_rata", "cliff_seconds", "vesting_seconds"),
)


@dataclass(frozen=True)
class Parameters:
    """Everything `flywheel.deploy.deployment` needs. Token amounts in wei, times in seconds."""

    asset: AssetParameters
    token_name: str
    token_symbol: str
    round_cap: int
    epoch_seconds: int
    timelock_delay: int
    governor_name: str
    voting_delay: int
    voting_period: int
    proposal_threshold: int
    quorum_percent: int
    quorum_minimum: int
    late_quorum_extension: int
    max_live_proposals: int
    strict_quorum_bps: int
    strict_majority_bps: int
    strict_delay: int
    opens_after: int
    holders_bps: int
    grants_bps: int
    # What an ordinary vote may take within 30 days: of an asset directly, of a purpose by grants.
    spend_cap_bps: int
    grant_cap_bps: int
    # What the next grants must have free, in units of the asset, before holders get a part.
    holders_floor: int
    review_seconds: int
    objection_bps: int
    guardian: GuardianParameters
    genesis_round: RoundParameters

    @classmethod
    def read(cls, path: Path) -> "Parameters":
        """What a parameters file says. Raises `FlywheelError` with file, line and reason."""
        return load(path)


# What stands in parameters/mainnet.yaml where only its user knows what belongs there.
PLACEHOLDERS = (
    "0x000000000000000000000000000000000000dEaD",
    "ipfs://write-the-address-of-your-terms",
)


def check_filled_in(parameters: Parameters) -> None:
    """Raises `FlywheelError` where a file still has a placeholder: it can be studied, not sent."""
    for key, value in (
        ("guardian.account", parameters.guardian.account),
        ("genesis_round.terms_uri", parameters.genesis_round.terms_uri),
    ):
        if value in PLACEHOLDERS:
            raise fix(f"suite.{key} is still the placeholder {value}", "Write your own")


def load(path: Path) -> Parameters:
    """Reads a parameters file. Raises `FlywheelError` with file, line and reason."""
    return from_document(documents.load(path, "parameters")["suite"], str(path))


def from_document(suite: dict[str, Any], origin: str) -> Parameters:
    """The `suite` section of a checked document. Raises `FlywheelError` if its parts contradict."""
    asset = AssetParameters(
        suite["asset"]["symbol"], suite["asset"]["decimals"], suite["asset"].get("address")
    )
    token, governor, treasury = suite["token"], suite["governor"], suite["treasury"]
    guardian = suite["guardian"]
    timelock_delay = amounts.seconds(suite["timelock"]["delay"])

    def units(section: str, key: str, decimals: int, default: str | int = 0) -> int:
        return _units(suite[section].get(key, default), decimals, f"{origin}: {section}.{key}")

    # One delay of the Timelock to notice what was decided, and one to leave before it takes effect.
    strict_delay = governor.get("strict_delay", min(2 * timelock_delay, 30 * DAY))
    parameters = Parameters(
        asset=asset,
        token_name=token["name"],
        token_symbol=token["symbol"],
        round_cap=units("token", "round_cap", TOKEN_DECIMALS),
        epoch_seconds=amounts.seconds(token["epoch"]),
        timelock_delay=timelock_delay,
        governor_name=governor["name"],
        voting_delay=amounts.seconds(governor["voting_delay"]),
        voting_period=amounts.seconds(governor["voting_period"]),
        proposal_threshold=units("governor", "proposal_threshold", TOKEN_DECIMALS),
        quorum_percent=governor["quorum_percent"],
        quorum_minimum=units("governor", "quorum_minimum", TOKEN_DECIMALS),
        late_quorum_extension=amounts.seconds(governor.get("late_quorum_extension", 0)),
        max_live_proposals=governor.get("max_live_proposals", 0),
        strict_quorum_bps=units("governor", "strict_quorum_percent", PERCENT_DECIMALS, 20),
        strict_majority_bps=units("governor", "strict_majority_percent", PERCENT_DECIMALS, "66.67"),
        strict_delay=amounts.seconds(strict_delay),
        opens_after=amounts.seconds(governor.get("opens_after", 90 * DAY)),
        holders_bps=treasury["holders_bps"],
        grants_bps=treasury["grants_bps"],
        spend_cap_bps=units("treasury", "spend_cap_percent", PERCENT_DECIMALS, 5),
        grant_cap_bps=units("treasury", "grant_cap_percent", PERCENT_DECIMALS, 25),
        holders_floor=units("treasury", "holders_floor", asset.decimals),
        review_seconds=amounts.seconds(suite["grants"]["review"]),
        objection_bps=suite["grants"]["objection_bps"],
        guardian=GuardianParameters(guardian["account"], amounts.seconds(guardian["term"])),
        genesis_round=round_from(
            suite["genesis_round"], asset.decimals, f"{origin}: genesis_round"
        ),
    )
    _check(parameters, origin)
    return parameters


def _units(text: str | int, decimals: int, where: str) -> int:
    try:
        return amounts.to_units(text, decimals)
    except FlywheelError as error:
        raise FlywheelError(f"{where}: {error}") from None


def round_from(section: dict[str, Any], decimals: int, origin: str = "round") -> RoundParameters:
    """A `round` section of a checked document; amounts in units of an asset of `decimals`.

    `origin` is what a refusal calls the section.
    """
    vesting = section.get("vesting", {})

    def units(key: str) -> int:
        return _units(section.get(key, 0), decimals, f"{origin}.{key}")

    return RoundParameters(
        price=units("price"),
        soft_goal=units("soft_goal"),
        hard_cap=units("hard_cap"),
        min_contribution=units("min_contribution"),
        max_contribution=units("max_contribution"),
        opens_in=amounts.seconds(section["opens_in"]),
        window=amounts.seconds(section["window"]),
        purpose=purpose_id(section.get("purpose", FIRST_ROUND_NAME)),
        terms_uri=section["terms_uri"],
        is_pro_rata=section.get("mode") == "pro rata",
        allow_list_root=bytes.fromhex(section.get("allow_list_root", "0x" + "00" * 32)[2:]),
        cliff_seconds=amounts.seconds(vesting.get("cliff", 0)),
        vesting_seconds=amounts.seconds(vesting.get("length", 0)),
    )


def purpose_id(purpose: str | int) -> int:
    """Id of a Treasury purpose that is written as its name or its number."""
    return PURPOSES[purpose] if isinstance(purpose, str) else purpose


def check_round(first: RoundParameters, origin: str) -> None:
    """What the contract would refuse, said before. Raises `FlywheelError`."""
    if first.price == 0:
        raise fix(f"{origin}.price is zero", "Write the price of one token")
    if not 0 < first.soft_goal <= first.hard_cap:
        raise fix(
            f"{origin}.soft_goal must be above zero and at most the hard_cap",
            "Lower the goal or raise the cap",
        )
    least = max(1, -(-first.price // 10**TOKEN_DECIMALS))
    if not least <= first.min_contribution <= first.hard_cap:
        raise fix(
            f"{origin}.min_contribution must be above zero and at most the hard_cap",
            "Write the least that one contribution may be",
        )
    if first.max_contribution and first.max_contribution < first.min_contribution:
        raise fix(
            f"{origin}.max_contribution is below min_contribution",
            "Raise it, or leave it out for no maximum",
        )
    if first.cliff_seconds > first.vesting_seconds:
        raise fix(f"{origin}.vesting.cliff is longer than vesting.length", "Shorten the cliff")


DAY = 86_400
YEAR = 366 * DAY
# Field of Parameters => least and most that the contracts take, and the key in the file.
BOUNDS = {
    "epoch_seconds": (DAY, 90 * DAY, "token.epoch"),
    "timelock_delay": (1, 30 * DAY, "timelock.delay"),
    "voting_delay": (1, 30 * DAY, "governor.voting_delay"),
    "voting_period": (1, 60 * DAY, "governor.voting_period"),
    "late_quorum_extension": (0, 30 * DAY, "governor.late_quorum_extension"),
    "strict_delay": (0, 30 * DAY, "governor.strict_delay"),
    "opens_after": (0, YEAR, "governor.opens_after"),
    "review_seconds": (DAY, 30 * DAY, "grants.review"),
}


# Of TrainingGrants: from 500 on only a vote accepts a milestone.
MAX_OBJECTION_BPS = 500
# The same of shares in basis points, and why nothing else will do.
SHARES = {
    "spend_cap_bps": (
        *(0, 1_000, "treasury.spend_cap_percent"),
        "an ordinary vote spends 0 to 10 % of what is free within 30 days; more takes a strict one",
    ),
    "grant_cap_bps": (
        *(0, 5_000, "treasury.grant_cap_percent"),
        "an ordinary vote grants 0 to 50 % of what a purpose has free within 30 days; more takes "
        "a strict one",
    ),
    "strict_quorum_bps": (
        *(1_500, 4_000, "governor.strict_quorum_percent"),
        "below, whoever buys a tenth decides alone when few vote; above, it may never be reached",
    ),
    "strict_majority_bps": (
        *(6_000, 8_000, "governor.strict_majority_percent"),
        "below, it is hardly more than a majority; above, a fifth blocks every change for ever",
    ),
}


def _check_bounds(parameters: Parameters, origin: str) -> None:
    """What the constructors would refuse, said before anything is sent. Raises `FlywheelError`."""
    for name, (least, most, key) in BOUNDS.items():
        if not least <= getattr(parameters, name) <= most:
            raise fix(
                f"{origin}: {key} is {amounts.show_duration(getattr(parameters, name))}",
                f"Write a time from {amounts.show_duration(least)} to {most // DAY} days",
            )
    for name, (lowest, highest, key, why) in SHARES.items():
        if not lowest <= getattr(parameters, name) <= highest:
            raise fix(
                f"{origin}: {key} is {amounts.show_bps(getattr(parameters, name))}: {why}",
                f"Write a share from {lowest // 100} to {highest // 100}",
            )
    if not 0 < parameters.objection_bps <= MAX_OBJECTION_BPS:
        raise fix(
            f"{origin}: grants.objection_bps is {parameters.objection_bps}: without an objection "
            "what was submitted is paid, so one that nobody can make protects nobody",
            f"Write 1 to {MAX_OBJECTION_BPS} basis points of the tokens that could vote",
        )
    if parameters.quorum_minimum == 0:
        raise fix(f"{origin}: governor.quorum_minimum is zero", "Write a number of tokens")
    if not 0 < parameters.guardian.term_seconds <= YEAR:
        raise fix(
            f"{origin}: guardian.term is {parameters.guardian.term_seconds} seconds",
            "Write a time of at most 366 days: every such power ends",
        )


def _check(parameters: Parameters, origin: str) -> None:
    _check_bounds(parameters, origin)
    first = parameters.genesis_round
    check_round(first, f"{origin}: genesis_round")
    needed = first.hard_cap * 10**TOKEN_DECIMALS // first.price
    if needed > parameters.round_cap:
        needed_text = amounts.show(needed, TOKEN_DECIMALS, parameters.token_symbol)
        raise fix(
            f"{origin}: a full genesis round mints {needed_text}, above token.round_cap",
            f"Set token.round_cap to at least {needed_text}, or lower the cap of the round",
        )
    least = first.soft_goal * 10**TOKEN_DECIMALS // first.price
    for name, votes in (
        ("quorum_minimum", parameters.quorum_minimum),
        ("proposal_threshold", parameters.proposal_threshold),
    ):
        if votes > least // 2:
            raise fix(
                f"{origin}: governor.{name} is more than half of the "
                f"{amounts.show(least, TOKEN_DECIMALS, parameters.token_symbol)} that the soft "
                "goal mints: such a DAO may never pass a vote",
                "Lower it, or raise the goal",
            )
    if first.purpose != FIRST_ROUND_PURPOSE:
        raise fix(f"{origin}: genesis_round.purpose takes no rounds", f"Write '{FIRST_ROUND_NAME}'")
    if first.cliff_seconds:
        raise fix(
            f"{origin}: genesis_round.vesting has a cliff: until it ends nobody could vote",
            "Leave the cliff out; later rounds may have one",
        )
    if first.vesting_seconds and not first.is_pro_rata:
        raise fix(
            f"{origin}: genesis_round.vesting begins at the end of a round that may be full long "
            "before: until then nobody could vote",
            "Make the round pro rata, or leave the vesting out",
        )
    _check_votes(parameters, origin)
    if parameters.late_quorum_extension > parameters.voting_period:
        raise fix(
            f"{origin}: governor.late_quorum_extension is longer than the voting_period",
            "Shorten it: a day or two lets everybody answer a late vote",
        )
    if parameters.holders_bps + parameters.grants_bps > amounts.BPS:
        raise fix(
            f"{origin}: treasury.holders_bps and grants_bps sum to more than 10000",
            "Lower one of them; what they leave goes to the reserve",
        )
    if parameters.holders_floor > first.hard_cap:
        raise fix(
            f"{origin}: treasury.holders_floor is more than the first round can bring: holders "
            "would wait for ever",
            "Write what one typical grant costs, or 0 for no floor",
        )


def cautions(parameters: Parameters) -> list[str]:
    """What the contracts take and a DAO with real money should not have, one sentence each."""
    first = parameters.genesis_round
    found: list[str] = []
    for seconds, key in (
        (parameters.timelock_delay, "timelock.delay"),
        (parameters.voting_period, "governor.voting_period"),
    ):
        if seconds < DAY:
            found.append(
                f"{key} is {amounts.show_duration(seconds)}: nobody who sleeps can answer a vote"
            )
    if parameters.proposal_threshold == 0:
        found.append("governor.proposal_threshold is zero: anybody can propose without end")
    # Tokens are in proportion to what is paid.
    bought = first.max_contribution or first.hard_cap
    if bought * amounts.BPS >= parameters.strict_quorum_bps * first.soft_goal:
        found.append(
            "genesis_round.max_contribution lets one account buy the strict quorum of a round that "
            "just reaches its goal"
        )
    if parameters.holders_floor == 0:
        found.append(
            "treasury.holders_floor is missing: holders are paid while no grant can be, see "
            '"How long the wheel turns" in docs/ECONOMICS.md'
        )
    return found


def _check_votes(parameters: Parameters, origin: str) -> None:
    """Rules of strict proposals and of the first days that the contracts take and that protect
    nobody. Raises `FlywheelError`."""
    if parameters.strict_quorum_bps < min(parameters.quorum_percent * 100, 4_000):
        raise fix(
            f"{origin}: governor.strict_quorum_percent is below quorum_percent: what could take "
            "everything would need no more votes than a grant",
            "Raise it, or lower quorum_percent",
        )
    if parameters.strict_delay < parameters.timelock_delay:
        raise fix(
            f"{origin}: governor.strict_delay is shorter than timelock.delay, which then holds: "
            "there would be no more time to leave before a strict decision than before a grant",
            "Write a longer one, such as twice the delay of the timelock",
        )
    first = parameters.genesis_round
    if parameters.opens_after <= first.opens_in + first.window:
        raise fix(
            f"{origin}: governor.opens_after is over before the first round is: whoever claims "
            "first could propose while the tokens of all others wait",
            "Write the time until the round has ended and some weeks to claim",
        )
