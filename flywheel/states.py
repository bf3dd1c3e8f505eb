"""The numbers that contracts give to states, choices and receivers, by the names of interfaces/."""

from enum import IntEnum, IntFlag


class ProposalState(IntEnum):
    PENDING = 0
    ACTIVE = 1
    CANCELED = 2
    DEFEATED = 3
    SUCCEEDED = 4
    QUEUED = 5
    EXPIRED = 6
    EXECUTED = 7


class Support(IntEnum):
    AGAINST = 0
    FOR = 1
    ABSTAIN = 2


class RoundState(IntFlag):
    PENDING = 1
    OPEN = 2
    SUCCEEDED = 4
    FINALIZED = 8
    FAILED = 16
    CANCELLED = 32


class GrantKind(IntFlag):
    TRAINING = 1
    DATA = 2
    EVALUATION = 4
    SERVING = 8


class CampaignKind(IntFlag):
    DATASET = 1
    COMPUTE_POOL = 2
    COMPETITION = 4
    TESTING = 8

    @property
    def label(self) -> str:
        """As people read and write it: "compute pool"."""
        return str(self.name).lower().replace("_", " ")


class GrantState(IntFlag):
    APPLIED = 1
    LAPSED = 2
    ACTIVE = 4
    COMPLETED = 8
    TERMINATED = 16
    EXPIRED = 32


class MilestoneState(IntFlag):
    LOCKED = 1
    SUBMITTED = 2
    OBJECTED = 4
    ACCEPTED = 8
    PAID = 16
    CANCELLED = 32


class ReceiverKind(IntFlag):
    """Who receives a share of a model's revenue."""

    TREASURY = 1
    ACCOUNT = 2
    CAMPAIGN = 4
