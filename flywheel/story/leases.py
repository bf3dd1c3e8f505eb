"""The compute of a milestone: machines are leased, deliver, may die, are replaced and paid."""

from dataclasses import dataclass, field

from flywheel.chain import connection
from flywheel.grants import compute, vouchers
from flywheel.story.parts import Job, Provider
from flywheel.story.play import Play

# From an order to the start of its lease.
LEAD_SECONDS = 600


@dataclass
class Order:
    """What one lease is to deliver by its end, in GPU-seconds."""

    provider: Provider
    order_id: int
    gpu_seconds: int
    starts_at: int
    ends_at: int


@dataclass
class Compute:
    """All compute of one grant."""

    play: Play
    job: Job
    grant_id: int
    # What of the GPU-seconds that were drawn is in an energy report.
    reported: dict[str, int] = field(default_factory=dict)
    offers: dict[str, int] = field(default_factory=dict)
    # Provider => who delivers in its place from now on.
    replaced: dict[str, Provider] = field(default_factory=dict)
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def run(self, number: int, first: int, last: int) -> None:
        """Leases and pays what milestone `number` needs: from `first` to `last` per cent."""
        orders = []
        for provider in self.job.providers:
            if provider.gpu_hours and last > first:
                stand_in = self.replaced.get(provider.name, provider)
                orders.append(self._order(stand_in, provider, first, last))
        for item in list(orders):
            at = item.provider.dies_at_percent
            if at is not None and first <= at < last and item.provider.gpu_hours:
                orders.remove(item)
                orders.append(self._replace(item, number, first, at, last))
        for item in sorted(orders, key=lambda order: order.ends_at):
            self.play.pass_to(item.ends_at)
            self.pay(item, item.gpu_seconds, number)
            self.close(item)

    def _order(self, machines: Provider, planned: Provider, first: int, last: int) -> Order:
        """A lease of `machines` for the hours that `planned` has from `first` to `last`."""
        ordered = planned.gpu_hours * compute.SECONDS_PER_HOUR * (last - first) // 100
        seconds = -(-ordered // machines.gpus)
        gpu_seconds = delivered(planned, last) - delivered(planned, first)
        return self.lease(machines, seconds, gpu_seconds)

    def lease(self, machines: Provider, seconds: int, gpu_seconds: int) -> Order:
        """All GPUs of `machines` from soon on; `gpu_seconds` of it will be delivered."""
        play = self.play
        starts_at = connection.now() + LEAD_SECONDS
        order_id = compute.order(
            play.suite,
            play.actor(self.job.grant.builder),
            self.grant_id,
            self._offer(machines),
            machines.gpus,
            starts_at,
            seconds,
            machines.price_per_gpu_hour,
        )
        return Order(machines, order_id, gpu_seconds, starts_at, starts_at + seconds)

    def _offer(self, provider: Provider) -> int:
        """The offer of a provider, registered when it is needed first."""
        settings = self.job.energy
        if provider.name not in self.offers:
            self.offers[provider.name] = compute.register_offer(
                self.play.suite,
                self.play.actor(provider.name),
                compute.Offer(
                    hardware=provider.hardware,
                    region=provider.region,
                    price_per_gpu_hour=provider.price_per_gpu_hour,
                    gpus=provider.gpus,
                    watts_per_gpu=settings.gpu_watts,
                    pue_bps=settings.pue_bps,
                    grams_per_kwh=provider.grid_grams_per_kwh,
                ),
            )
        return self.offers[provider.name]

    def _replace(self, item: Order, number: int, first: int, at: int, last: int) -> Order:
        """The provider dies at `at` per cent: it is paid so far, and the rest is leased from
        another in the same hour, out of the money that the notice frees."""
        play, dead = self.play, item.provider
        whole = item.ends_at - item.starts_at
        play.pass_to(item.starts_at + -(-whole * (at - first) // (last - first)))
        self.pay(item, delivered(dead, at) - delivered(dead, first), number)
        builder = play.actor(self.job.grant.builder)
        freed = compute.give_notice(play.suite, builder, item.order_id)
        compute.close_order(play.suite, play.actor(dead.name), item.order_id)
        (other,) = (each for each in self.job.providers if each.name == dead.replaced_by)
        self.replaced[dead.name] = other
        play.output.say(
            f"{dead.name} dies at {at} % of the compute; the notice frees "
            f"{play.suite.money(freed)}, and {other.name} takes over the same day."
        )
        return self._order(other, dead, at, last)

    def pay(self, item: Order, gpu_seconds: int, number: int) -> None:
        """The builder signs for what was delivered in all, the provider draws."""
        play, name = self.play, item.provider.name
        if not gpu_seconds:
            return
        builder = play.actor(self.job.grant.builder)
        voucher = vouchers.sign(play.suite, builder, item.order_id, gpu_seconds)
        paid = vouchers.draw(play.suite, play.actor(name), voucher)
        spent = play.ledger.spent(self.job.kind)
        spent.leases[item.order_id] = (name, gpu_seconds)
        spent.compute_paid += paid
        self.rows.append((name, f"GPU time for milestone {number}", play.suite.money(paid)))

    def close(self, item: Order) -> None:
        """What was leased and not delivered is in the budget again."""
        suite, provider = self.play.suite, self.play.actor(item.provider.name)
        compute.give_notice(suite, provider, item.order_id)
        compute.close_order(suite, provider, item.order_id)


def delivered(provider: Provider, percent: int) -> int:
    """GPU-seconds that a provider has delivered when `percent` of the compute is done."""
    return provider.delivered_gpu_hours * compute.SECONDS_PER_HOUR * percent // 100
