"""The rules that the model plays by: those of a parameters file, as shares of one and seconds."""

from dataclasses import dataclass

from flywheel.amounts import BPS
from flywheel.deploy.parameters import Parameters

DAY = 86_400
YEAR = 365 * DAY
# A bond is forfeited for a shortfall above this part of what was due (LicenseEnforcement).
TOLERANCE = 0.1
# An audit reaches this far back (LicenseEnforcement).
STATUTE = 400 * DAY
# The licensee that is modelled reports each 30 days; terms of presets say 30 or 90.
PERIOD = 30 * DAY


@dataclass(frozen=True)
class Rules:
    """Quorums, majorities and caps as parts of one; times in seconds; money in whole assets."""

    quorum: float
    strict_quorum: float
    strict_majority: float
    voting_delay: int
    voting_period: int
    timelock_delay: int
    strict_delay: int
    extension: int
    spend_cap: float
    grant_cap: float
    holders: float
    grants: float
    floor: float
    start: float

    @classmethod
    def of(cls, parameters: Parameters) -> "Rules":
        """The rules that a deployment with `parameters` has."""
        return cls(
            quorum=parameters.quorum_percent / 100,
            strict_quorum=parameters.strict_quorum_bps / BPS,
            strict_majority=parameters.strict_majority_bps / BPS,
            voting_delay=parameters.voting_delay,
            voting_period=parameters.voting_period,
            timelock_delay=parameters.timelock_delay,
            strict_delay=parameters.strict_delay,
            extension=parameters.late_quorum_extension,
            spend_cap=parameters.spend_cap_bps / BPS,
            grant_cap=parameters.grant_cap_bps / BPS,
            holders=parameters.holders_bps / BPS,
            grants=parameters.grants_bps / BPS,
            floor=parameters.holders_floor / 10**parameters.asset.decimals,
            start=parameters.genesis_round.soft_goal / 10**parameters.asset.decimals,
        )

    @property
    def ordinary_seconds(self) -> int:
        """From an ordinary proposal to the earliest execution."""
        return self.voting_delay + self.voting_period + self.timelock_delay

    @property
    def strict_seconds(self) -> int:
        """From a strict proposal to the earliest execution."""
        longer = max(self.timelock_delay, self.strict_delay)
        return self.voting_delay + self.voting_period + longer
