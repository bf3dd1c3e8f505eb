"""Compute for people and programs: offers side by side, a grant's budget and its leases."""

from collections.abc import Iterator
from typing import Any

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.grants import greener
from flywheel.grants.compute import Budget, Lease, Offer, Registered
from flywheel.grants.greener import Run
from flywheel.grants.milestones import time_of
from flywheel.grants.vouchers import hours
from flywheel.shown import NEVER, Part, Record, Remark, Shown, Table
from flywheel.treasury import assets
from flywheel.wording.lexicon import show_time


def carbon(offer: Offer) -> Shown:
    """Grams per GPU-hour, rounded up."""
    grams = offer.grams_per_gpu_hour
    rounded = -(-grams.numerator // grams.denominator)
    return Shown(f"{rounded:,} gCO2e per GPU-hour", rounded)


def offers(
    suite: Suite, found: list[Registered], runs: list[Run], hardware: str | None = None
) -> Iterator[Part]:
    """Those of `hardware`, capitals or not, with what each of `runs` would emit on each."""
    fitting = [item for item in found if hardware is None or _same(item.offer.hardware, hardware)]
    rows: list[tuple[Any, ...]] = []
    for item in fitting:
        offer, unit = item.offer, assets.unit_of(suite, item.asset)
        grams = carbon(offer)
        paid = f"campaign {offer.campaign_id}" if offer.campaign_id else item.provider
        rows.append(
            (
                item.offer_id,
                offer.hardware,
                offer.region,
                unit.show(offer.price_per_gpu_hour),
                Shown(f"{grams.data:,}", grams.data),
                offer.gpus,
                *(_emissions(run, offer) for run in runs),
                paid,
                offer.uri,
            )
        )
    columns = (
        *("Offer", "Hardware", "Region", "Per GPU-hour", "gCO2e", "GPUs"),
        *(f"Like model {run.model_id}" for run in runs),
        *("Pays", "More"),
    )
    yield Table("Offers of compute", columns, rows)
    if hardware is not None and not fitting:
        there = ", ".join(sorted({item.offer.hardware for item in found})) or "nothing at all"
        yield Remark(f"Nobody offers '{hardware}'. What is offered: {there}.")
    yield from map(Remark, greener.advice(fitting, runs))


def _same(hardware: str, other: str) -> bool:
    return hardware.casefold() == other.strip().casefold()


def _emissions(run: Run, offer: Offer) -> Shown:
    grams = greener.emissions_on(run, offer)
    return Shown(f"{grams / 1e6:,.3f} t", grams)


def budget(suite: Suite, found: Budget) -> Iterator[Part]:
    yield Record(f"Compute of grant {found.grant_id}", _head(suite, found))
    money = assets.unit_of(suite, found.asset).show
    rows = [
        (
            item.order_id,
            item.offer_id,
            item.gpus,
            _state(item),
            show_time(item.earns_until),
            hours(item.delivered_at_most),
            hours(item.gpu_seconds),
            money(item.paid),
            money(item.reserved),
        )
        for item in found.leases
    ]
    columns = ("Order", "Offer", "GPUs", "State", "Until", "At most h", "Drawn h", "Paid", "Held")
    yield Table("Orders", columns, rows)


def _state(item: Lease) -> str:
    now = connection.now()
    if item.is_closed:
        return "closed"
    if item.is_stopped:
        return "stopped"
    if now < item.starts_at:
        return "not begun"
    return "runs" if now < item.earns_until else "ended"


def _head(suite: Suite, found: Budget) -> dict[str, Any]:
    money = assets.unit_of(suite, found.asset).show
    stops_at = time_of(found.stops_at)
    return {
        "Budget": money(found.total),
        "Unlocked": money(found.unlocked),
        "Can be ordered": money(found.available),
        "Held for orders": money(found.reserved),
        "Paid": money(found.paid),
        "Returned": money(found.returned),
        "Running a day": money(found.rate_per_day),
        "At most a day": money(found.max_per_day),
        "At most per GPU-hour": money(found.max_price_per_gpu_hour),
        "Carbon of leases": Shown(f"{found.carbon_grams:,} gCO2e", found.carbon_grams),
        "Signs vouchers": found.recipient,
        "Leases stop": NEVER if stops_at is None else show_time(stops_at),
    }


def for_programs(suite: Suite, found: Budget) -> dict[str, Any]:
    """The same as one object."""
    return {
        **_head(suite, found),
        "Orders": [
            {
                "order": item.order_id,
                "offer": item.offer_id,
                "provider": item.provider,
                "gpus": item.gpus,
                "state": _state(item),
                "starts": show_time(item.starts_at),
                "earns_until": show_time(item.earns_until),
                "drawable_until": show_time(item.drawable_until),
                "gpu_seconds_at_most": item.delivered_at_most,
                "gpu_seconds_drawn": item.gpu_seconds,
                "paid": item.paid,
                "reserved": item.reserved,
            }
            for item in found.leases
        ],
    }
