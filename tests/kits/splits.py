"""Random splits of models, and the same splits for the reference of `flywheel.models.lineage`."""

import random
from collections.abc import Sequence
from itertools import pairwise

from flywheel.models import lineage
from flywheel.models.lineage import TREASURY
from tests.kits.models import (
    BPS,
    Receiver,
    Share,
    account_share,
    campaign_share,
    treasury_share,
)

Dataset = tuple[int, int]


def random_split(dice: random.Random, people: Sequence[str], campaigns: int) -> list[Share]:
    """Up to five shares of people, the Treasury, a campaign and the model's datasets."""
    takers = [treasury_share, lambda bps: campaign_share(0, bps)]
    takers += [lambda bps, who=who: account_share(who, bps) for who in people]
    takers.append(lambda bps: campaign_share(1 + bps % campaigns, bps))
    picked = dice.sample(takers, dice.randint(1, 5))
    parts = random_parts(dice, len(picked))
    return [take(part) for take, part in zip(picked, parts, strict=True)]


def random_datasets(dice: random.Random, campaigns: int) -> list[Dataset]:
    """Some of the campaigns, with weights."""
    picked = dice.sample(range(1, campaigns + 1), dice.randint(1, campaigns))
    return list(zip(picked, random_parts(dice, len(picked)), strict=True))


def random_parts(dice: random.Random, count: int) -> list[int]:
    """`count` numbers above zero that sum to BPS."""
    edges = [0, *sorted(dice.sample(range(1, BPS), count - 1)), BPS]
    return [high - low for low, high in pairwise(edges)]


def plain_split(split: list[Share], datasets: list[Dataset]) -> list[lineage.Share]:
    """The split as the reference has it: a campaign by its id, the datasets' share divided by their
    weights."""
    shares = []
    for share in split:
        if share.kind == Receiver.TREASURY:
            shares.append(lineage.Share(TREASURY, share.bps))
        elif share.kind == Receiver.ACCOUNT:
            shares.append(lineage.Share(share.account, share.bps))
        elif share.campaign_id:
            shares.append(lineage.Share(share.campaign_id, share.bps))
        else:
            parts = [share.bps * weight // BPS for _, weight in datasets]
            parts[0] += share.bps - sum(parts)
            named = zip(datasets, parts, strict=True)
            shares += [lineage.Share(campaign, part) for (campaign, _), part in named]
    return shares
