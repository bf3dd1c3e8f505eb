"""Campaigns for people and programs: what is free, and the drops."""

from collections.abc import Iterator

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.rewards import campaigns
from flywheel.rewards.campaigns import DropState
from flywheel.shown import Part, Record, Shown, Table
from flywheel.states import CampaignKind
from flywheel.wording.lexicon import exact_duration, show_time


def in_full(suite: Suite, campaign_id: int) -> Iterator[Part]:
    """One campaign in the suite's asset. Raises `FlywheelError` if there is none of this number."""
    found = campaigns.drops(suite, campaign_id)
    campaign = connection.call(suite.rewards.campaign, campaign_id)
    described = campaign.description
    fields = {
        "Kind": CampaignKind(described.kind).label,
        "Publisher": str(campaign.publisher),
        "Describes": str(described.uri),
        "Content hash": f"0x{bytes(described.content_hash).hex()}",
        "Challenge": exact_duration(int(campaign.challenge_seconds)),
        "Free": suite.money(campaigns.free(suite, campaign_id)),
    }
    yield Record(f"Campaign {campaign_id}", fields)
    columns = ("Drop", "State", "Root", "Turns", "Id")
    yield Table("Drops", columns, [_row(drop) for drop in found])


def _row(drop: DropState) -> tuple[object, ...]:
    """`Turns`: when it can be activated, or when it ends."""
    root = f"0x{drop.root.hex()}"
    return (
        drop.number,
        drop.state,
        Shown(f"{root[:10]}...", root),
        show_time(drop.turns_at),
        Shown(f"{drop.drop_id:#x}", str(drop.drop_id)),
    )
