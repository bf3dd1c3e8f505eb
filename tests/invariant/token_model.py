"""The governance token in plain Python: it keeps every change and computes by summing up."""

from __future__ import annotations

from collections import defaultdict

# From the epoch in which an exclusion is announced to the first one in which it may be applied.
NOTICE_EPOCHS = 2


class History:
    """A value that changes at moments; a later change in the same second replaces the earlier."""

    def __init__(self) -> None:
        self.changes: list[tuple[int, int]] = []

    def put(self, moment: int, amount: int) -> None:
        if self.changes and self.changes[-1][0] == moment:
            self.changes.pop()
        self.changes.append((moment, amount))

    def at(self, moment: int) -> int:
        """Value when the second `moment` had ended."""
        return next((amount for when, amount in reversed(self.changes) if when <= moment), 0)

    @property
    def last(self) -> int:
        return self.changes[-1][1] if self.changes else 0

    def integral(self, start: int, end: int) -> int:
        """Value x seconds over [start, end)."""
        ends = [when for when, _ in self.changes[1:]] + [end]
        return sum(
            amount * max(0, min(end, until) - max(start, when))
            for (when, amount), until in zip(self.changes, ends, strict=False)
        )


class TokenModel:
    """Balances, delegates, exclusions and what the quorum leaves out, with the whole history."""

    def __init__(self, genesis: int, epoch_seconds: int) -> None:
        self.genesis = genesis
        self.epoch_seconds = epoch_seconds
        self.minted = 0
        self.burnt = 0
        # Place => the account in it, whose tokens the quorum leaves out.
        self.uncounted: dict[str, str | None] = {"treasury": None, "rewards": None}
        self.balances: dict[str, int] = defaultdict(int)
        self.delegate_of: dict[str, str | None] = {}
        self.excluded: set[str] = set()
        # Account => whether it is to be excluded, and from which epoch on.
        self.announced: dict[str, tuple[bool, int]] = {}
        self.votes: dict[str, History] = defaultdict(History)
        self.eligible: dict[str, History] = defaultdict(History)
        self.supply = History()
        self.uncounted_held = History()

    # --- changes, each at `moment` ---

    def mint(self, moment: int, to: str, amount: int) -> None:
        self.minted += amount
        self._shift(moment, to, amount)

    def burn(self, moment: int, owner: str, amount: int) -> None:
        self.burnt += amount
        self._shift(moment, owner, -amount)

    def transfer(self, moment: int, owner: str, to: str, amount: int) -> None:
        if owner != to:
            shared = self.delegate_of.get(owner) == self.delegate_of.get(to)
            self._shift(moment, owner, -amount, votes=not shared)
            self._shift(moment, to, amount, votes=not shared)

    def delegate(self, moment: int, owner: str, delegatee: str | None) -> None:
        assert not self.is_uncounted(owner), "what the quorum leaves out cannot delegate"
        before = self.delegate_of.get(owner)
        self.delegate_of[owner] = delegatee
        if before != delegatee:
            self._shift_votes(moment, before, -self.balances[owner])
            self._shift_votes(moment, delegatee, self.balances[owner])

    def announce_exclusion(self, moment: int, account: str, excluded: bool) -> None:
        if self.minted == self.burnt:
            self.set_excluded(moment, account, excluded)
        else:
            self.announced[account] = (excluded, self.epoch_at(moment) + NOTICE_EPOCHS)

    def set_excluded(self, moment: int, account: str, excluded: bool) -> None:
        self.announced.pop(account, None)
        (self.excluded.add if excluded else self.excluded.discard)(account)
        self._follow(moment, account)

    def is_uncounted(self, account: str) -> bool:
        return account in self.uncounted.values()

    def set_uncounted(self, moment: int, place: str, account: str | None) -> None:
        if account == self.uncounted[place]:
            return
        if account is not None:
            assert not self.is_uncounted(account), "the account is left out already"
            if self.delegate_of.get(account) is not None:
                self.delegate(moment, account, None)
        self.uncounted[place] = account
        self._follow(moment, account)

    def _shift(self, moment: int, account: str, amount: int, votes: bool = True) -> None:
        self.balances[account] += amount
        if votes:
            self._shift_votes(moment, self.delegate_of.get(account), amount)
        self._follow(moment, account)

    def _shift_votes(self, moment: int, delegatee: str | None, amount: int) -> None:
        if delegatee is not None and amount != 0:
            self.votes[delegatee].put(moment, self.votes[delegatee].last + amount)

    def _follow(self, moment: int, account: str | None) -> None:
        if account is not None:
            eligible = 0 if account in self.excluded else self.balances[account]
            self.eligible[account].put(moment, eligible)
        self.supply.put(moment, self.minted - self.burnt)
        held = sum(self.balances[one] for one in self.uncounted.values() if one is not None)
        self.uncounted_held.put(moment, held)

    # --- what the token should answer ---

    def epoch_at(self, moment: int) -> int:
        return (moment - self.genesis) // self.epoch_seconds + 1

    def _window(self, epoch: int, now: int) -> tuple[int, int]:
        start = self.genesis + (epoch - 1) * self.epoch_seconds
        return start, min(start + self.epoch_seconds, now)

    def balance_seconds(self, account: str, epoch: int, now: int) -> int:
        return self.eligible[account].integral(*self._window(epoch, now))

    def supply_seconds(self, epoch: int, now: int) -> int:
        return self.supply.integral(*self._window(epoch, now))

    def quorum_supply(self, moment: int) -> int:
        return self.supply.at(moment) - self.uncounted_held.at(moment)

    def moments(self) -> set[int]:
        """Every second in which votes, supply or what the quorum leaves out changed."""
        histories = [*self.votes.values(), self.supply, self.uncounted_held]
        return {when for history in histories for when, _ in history.changes}
