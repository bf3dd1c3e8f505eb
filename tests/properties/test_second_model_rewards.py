"""P6: contributor rewards beside a second plain-Python model, written from the interface alone.

Lives are random: campaigns in two assets, honest drops and drops whose leaves exceed their total,
disagree about their pages or share an index, claims of each kind by anybody, new publishers,
pauses, calls that make no sense, and jumps of time from a second to twelve years. After each call
the contract must have refused with a reason that the model gives, or done what the model did.
"""

import os
from collections import Counter
from random import Random
from typing import Any

import boa
import pytest
from eth_abi import decode
from eth_account import Account

from flywheel.rewards.leaves import Domain, Leaf
from tests.kits.reward_trees import WildTree
from tests.kits.rewards import (
    LEAVES_HASH,
    LEAVES_URI,
    MANIFEST_HASH,
    REASON_HASH,
    deploy_rewards,
    terms,
)
from tests.properties.rewards_model import PAGE, YEAR, Books, CampaignBook
from tests.support import (
    DAY,
    MAX_UINT,
    ZERO_ADDRESS,
    account,
    deploy_asset,
    fresh_chain,
    fund_and_approve,
    now,
    pass_time,
    warp_to,
)

LIVES = 4 * int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
FIRST = int(os.environ.get("FLYWHEEL_FIRST_SEED", "0"))
STEPS = 110
JUMPS = (1, 60, DAY, 3 * DAY, 14 * DAY, 30 * DAY, 60 * DAY, YEAR, 2 * YEAR, 3 * YEAR, 12 * YEAR)
SCALES = (1, 100, 10**6, 10**24, 2**120)


def reason_of(error: boa.BoaError) -> str:
    data = bytes(error.call_trace.computation.output)
    return str(decode(["string"], data[4:])[0]) if data else "no words"


class Life:
    """One random life on the contract and in the books."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.owner, self.guardian, self.stranger = map(account, ("owner", "guardian", "stranger"))
        self.publishers = [account(f"publisher {number}") for number in range(2)]
        self.keys = {(key := Account.from_key(bytes([n] * 32))).address: key for n in range(1, 6)}
        self.people = list(self.keys)
        self.rewards = deploy_rewards(self.owner)
        self.assets = {str(a.address): a for a in (deploy_asset(), deploy_asset("DAI", 18))}
        chain_id, here = boa.env.evm.patch.chain_id, str(self.rewards.address)
        self.books = Books(chain_id, here, self.owner, self.guardian)
        self.trees: dict[int, WildTree] = {}
        self.donated: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.scale = self.dice.choice(SCALES)
        for _ in range(3):
            publisher, challenge = self.dice.choice(self.publishers), self.dice.randint(3, 60) * DAY
            made = terms(publisher, challenge_seconds=challenge)
            campaign_id = self.rewards.create_campaign(*made, sender=self.stranger)
            self.books.campaigns[campaign_id] = CampaignBook(publisher, challenge, now())

    # --- the two sides of a call ---

    def both(self, name: str, *args: Any, sender: str, told: tuple[Any, ...] | None = None) -> bool:
        """Makes a call in the books and on the contract. `told`: the books' arguments, if others.

        Says whether it went through."""
        answer = getattr(self.books, name)(now(), sender, *(args if told is None else told))
        value, refusal = None, ""
        try:
            value = getattr(self.rewards, name)(*args, sender=sender)
        except boa.BoaError as error:
            refusal = reason_of(error)
        seen = (name, args, value, refusal, answer)
        if refusal or answer.reasons:
            assert refusal in answer.reasons, seen
        else:
            assert value == answer.value, seen
        self.done[f"no {name}" if refusal else name] += 1
        return not refusal

    def sometimes(self, usual: Any, *odd: Any) -> Any:
        return usual if self.dice.random() < 0.97 else self.dice.choice(odd)

    # --- choices ---

    def campaign(self) -> int:
        return self.sometimes(self.dice.randint(1, 3), 0, 4, 2**48, MAX_UINT)

    def asset(self) -> str:
        return self.dice.choice(list(self.assets))

    def drop(self, *states: str) -> int:
        """A drop in one of these states, if there is one."""
        fitting = [i for i, d in self.books.drops.items() if d.state in states]
        if not fitting or self.dice.random() < 0.04:
            asset = int(self.asset(), 16)
            made_up = [asset << 96 | c << 48 | n for c in range(5) for n in range(4)]
            fitting = [0, 1, 1 << 48, MAX_UINT, *made_up, *self.books.drops]
        return self.dice.choice(fitting)

    def publisher_of(self, campaign: int) -> str:
        found = self.books.campaigns.get(campaign)
        usual = found.publisher if found else self.stranger
        return self.sometimes(usual, *self.publishers, self.owner, self.guardian, self.stranger)

    def tree(self, campaign: int, asset: str, free: int) -> WildTree:
        dice = self.dice
        number = getattr(self.books.campaigns.get(campaign), "drops", 0) + 1
        count = dice.choice((1, 2, 3, 4, 7, 8, 8, 16, 16, 21))
        spread = dice.choice((1, 1, 31, 129, 2**27))
        indexes = [place * spread for place in range(count)]
        amounts = [free // count * dice.choice((1, 1, 2, 0)) // 2 for _ in range(count)]
        totals = Counter()
        for index, amount in zip(indexes, amounts, strict=True):
            totals[index // PAGE] += amount
        leaves = [
            Leaf(index, dice.choice(self.people), amount, totals[index // PAGE])
            for index, amount in zip(indexes, amounts, strict=True)
        ]
        if dice.random() < 0.4:
            leaves = [
                self.bend(leaf, leaves, free) if dice.random() < 0.5 else leaf for leaf in leaves
            ]
        known = campaign % 2**48
        domain = Domain(self.books.chain_id, self.books.contract, known, asset, number)
        return WildTree(domain, tuple(leaves))

    def bend(self, leaf: Leaf, leaves: list[Leaf], free: int) -> Leaf:
        """A leaf as no honest publisher writes it."""
        dice = self.dice
        index, amount, page_total = leaf.index, leaf.amount, leaf.page_total
        which = dice.randrange(4)
        if which == 0:
            index = dice.choice((dice.choice(leaves).index, 2**32 - 1, 2**32, 2**40, MAX_UINT))
        elif which == 1:
            amount = dice.choice((0, amount + 1, 2 * amount, 2**128, MAX_UINT))
        elif which == 2:
            page_total = dice.choice((0, page_total + 1, 2 * page_total, free, 2**128, MAX_UINT))
        return Leaf(index, leaf.account, amount, page_total)

    # --- money comes in ---

    def fund(self) -> None:
        campaign, asset = self.campaign(), self.asset()
        amount = self.sometimes(self.dice.randint(1, 60) * self.scale, 0, MAX_UINT, 2**128 - 1)
        if amount < 2**128:
            fund_and_approve(self.assets[asset], self.stranger, self.rewards, amount)
        self.both("fund", campaign, asset, amount, sender=self.stranger)

    def donate(self) -> None:
        asset, amount = self.asset(), self.dice.randint(1, 9)
        self.assets[asset].mint(self.rewards, amount)
        self.donated[asset] += amount

    # --- drops ---

    def propose(self) -> None:
        dice = self.dice
        rich = [jar[1:] for jar, units in self.books.jars.items() if jar[0] == "free" and units]
        campaign, asset = self.sometimes(
            dice.choice(rich) if rich else (1, self.asset()), (self.campaign(), self.asset())
        )
        free = self.books.jars["free", campaign, asset]
        tree = self.tree(campaign, asset, free)
        honest = min(tree.total, 2**128 - 1)
        total = self.sometimes(
            min(honest, free) if dice.random() < 0.8 else free // 2, 0, 1, free, free + 1, MAX_UINT
        )
        made = (
            self.sometimes(tree.domain.number, 0, tree.domain.number + 1, MAX_UINT),
            asset,
            self.sometimes(tree.root, bytes(32)),
            total,
            self.sometimes(dice.randint(3, 10) * YEAR, 0, 3 * YEAR - 1, 10 * YEAR + 1, MAX_UINT),
            self.sometimes(LEAVES_HASH, bytes(32)),
            self.sometimes(MANIFEST_HASH, bytes(32)),
            self.sometimes(LEAVES_URI, ""),
        )
        sender = self.publisher_of(campaign)
        if self.both("propose_drop", campaign, made, sender=sender):
            self.trees[tree.domain.drop_id] = tree

    def withdraw(self) -> None:
        drop_id = self.drop("pending")
        self.both("withdraw_drop", drop_id, sender=self.publisher_of(drop_id >> 48 & 2**48 - 1))

    def cancel(self) -> None:
        sender = self.sometimes(self.owner, self.guardian, *self.publishers)
        self.both("cancel_drop", self.drop("pending"), REASON_HASH, sender=sender)

    def hold(self) -> None:
        until = now() + self.rewards.MAX_GUARDIAN_SECONDS()
        self.rewards.set_guardian(self.guardian, until, sender=self.owner)
        sender = self.sometimes(self.guardian, self.owner, *self.publishers)
        self.both("hold_drop", self.drop("pending"), REASON_HASH, sender=sender)

    def activate(self) -> None:
        drop_id = self.drop("pending")
        found = self.books.drops.get(drop_id)
        if found and found.opens_at > now() and self.dice.random() < 0.6:
            warp_to(found.opens_at - self.dice.choice((0, 0, 0, 1)))
        self.both("activate_drop", drop_id, sender=self.stranger)

    def end(self) -> None:
        drop_id = self.drop("active", "active", "ended")
        found, tree = self.books.drops.get(drop_id), self.trees.get(drop_id)
        if found and found.ends_at > now() and self.dice.random() < 0.2:
            warp_to(found.ends_at - self.dice.choice((0, 0, 1)))
        pages = [leaf.index // PAGE for leaf in tree.leaves] if tree else [0]
        pages = [p for p in pages if self.dice.random() < 0.7 and p <= MAX_UINT // PAGE]
        pages += self.sometimes([], [0, 0], [2**25 - 1], [2**25], [MAX_UINT])
        self.both("end_drop", drop_id, pages, sender=self.stranger)

    # --- claims ---

    def leaf_and_proof(self, drop_id: int) -> tuple[Any, list[bytes]]:
        """Of a drop, or sometimes of another one."""
        trees = list(self.trees.values())
        tree = self.trees.get(drop_id, trees[0] if trees else None)
        if tree is None:
            return (0, self.people[0], 1, 1), []
        tree = self.sometimes(tree, *trees)
        paid = getattr(self.books.drops.get(drop_id), "paid", ())
        places = [place for place, leaf in enumerate(tree.leaves) if leaf.index not in paid]
        if not places or self.dice.random() < 0.2:
            places = range(len(tree.leaves))
        place = self.dice.choice(places)
        leaf, proof = tree.leaves[place].argument, tree.proof(place)
        proof = self.sometimes(proof, [], [*proof, bytes(32)], proof[1:], [b"\x77" * 32] * 32)
        return self.sometimes(leaf, (leaf[0] + 1 & MAX_UINT, *leaf[1:])), proof

    def claim(self) -> None:
        drop_id = self.drop("active")
        self.both("claim", drop_id, *self.leaf_and_proof(drop_id), sender=self.stranger)

    def claim_to(self) -> None:
        drop_id = self.drop("active")
        leaf, proof = self.leaf_and_proof(drop_id)
        here = str(self.rewards.address)
        to = self.sometimes(self.dice.choice(self.people), ZERO_ADDRESS, here, self.stranger)
        deadline = self.sometimes(now() + self.dice.choice((0, 1, DAY)), 0, now() - 1, MAX_UINT)
        told = (drop_id, leaf[0], to, deadline)
        wrong = (
            (drop_id, leaf[0] ^ 1, to, deadline),
            (drop_id, leaf[0], leaf[1], deadline - 1 & MAX_UINT),
        )
        signed_values = self.sometimes(told, *wrong)
        signer = self.sometimes(leaf[1], *self.people)
        digest = self.rewards.claim_to_digest(*signed_values)
        signature = bytes(self.keys[signer].unsafe_sign_hash(digest).signature)
        is_signed = signed_values == told and signer == leaf[1]
        sender = self.dice.choice((self.stranger, leaf[1], self.people[0]))
        args = (drop_id, leaf, proof, to, deadline, signature)
        told_books = (drop_id, leaf, proof, to, (deadline, is_signed))
        self.both("claim_to", *args, sender=sender, told=told_books)

    def claim_batch(self) -> None:
        drop_id = self.drop("active")
        claims = [self.leaf_and_proof(drop_id) for _ in range(self.dice.choice((0, 1, 2, 3)))]
        tree = self.trees.get(drop_id)
        if tree and self.dice.random() < 0.7:
            places = self.dice.sample(
                range(len(tree.leaves)), self.dice.randint(1, len(tree.leaves))
            )
            claims = [(tree.leaves[p].argument, tree.proof(p)) for p in places]
        self.both("claim_batch", drop_id, claims, sender=self.stranger)

    def claim_range(self) -> None:
        drop_id = self.drop("active")
        tree = self.trees.get(drop_id)
        if not tree:
            return
        height = self.dice.randrange(len(tree.leaves).bit_length())
        place = self.dice.randrange(len(tree.leaves) >> height)
        leaves, proof = tree.range(place, height)
        if self.dice.random() < 0.1:
            leaves = self.dice.choice((leaves[:-1], leaves[::-1], [*leaves, *leaves]))
        self.both("claim_range", drop_id, leaves, proof, sender=self.stranger)

    def claim_drops(self) -> None:
        person, parts = self.dice.choice(self.people), []
        asset = int(self.asset(), 16)
        for drop_id, tree in self.trees.items():
            is_wanted = drop_id >> 96 == asset and self.books.drops[drop_id].state == "active"
            if is_wanted != (self.dice.random() < 0.97):
                continue
            for place, leaf in enumerate(tree.leaves):
                if leaf.account == person and self.dice.random() < 0.4:
                    parts.append(
                        (drop_id, leaf.index, leaf.amount, leaf.page_total, tree.proof(place))
                    )
        parts = self.sometimes(parts[:16], parts[:2] * 2)
        self.both("claim_drops", person, parts, sender=self.stranger)

    # --- everything else ---

    def publish(self) -> None:
        """Money, a drop, its window and some of its claims."""
        self.fund()
        self.propose()
        pending = [i for i, d in self.books.drops.items() if d.state == "pending"]
        if pending:
            warp_to(max(now(), self.books.drops[pending[-1]].opens_at))
            self.both("activate_drop", pending[-1], sender=self.stranger)
        for _ in range(4):
            self.dice.choice((self.claim, self.claim_to, self.claim_batch, self.claim_range))()

    def hand_over(self) -> None:
        campaign = self.campaign()
        new = self.sometimes(self.dice.choice(self.publishers), ZERO_ADDRESS)
        sender = self.sometimes(self.publisher_of(campaign), self.owner)
        self.both("set_publisher", campaign, new, sender=sender)

    def close_dormant(self) -> None:
        campaign = self.campaign()
        found = self.books.campaigns.get(campaign)
        if found and self.dice.random() < 0.3:
            warp_to(max(now(), found.active_at + 2 * YEAR - self.dice.randint(0, 1)))
        to = self.sometimes(self.owner, ZERO_ADDRESS, self.books.contract)
        sender = self.sometimes(self.owner, self.guardian, *self.publishers)
        self.both("close_dormant", campaign, self.asset(), to, sender=sender)

    def pause(self) -> None:
        """For one proposal."""
        until = now() + self.rewards.MAX_GUARDIAN_SECONDS()
        self.rewards.set_guardian(self.guardian, until, sender=self.owner)
        pass_time(DAY * 60)
        self.rewards.pause(sender=self.guardian)
        self.books.is_paused = True
        self.propose()
        self.claim()
        self.books.is_paused = False
        self.rewards.unpause(sender=self.owner)

    def look(self) -> None:
        for drop_id in {*self.books.drops, self.drop("active")}:
            seen, expected = self.rewards.drop(drop_id), self.books.drop_view(drop_id)
            view = (seen.pending_root, seen.root, seen.unopened, seen.turns_at)
            assert (*view, seen.claim_seconds, seen.is_held)[: len(expected)] == expected
            for leaf in getattr(self.trees.get(drop_id), "leaves", ()):
                if leaf.index >= 2**32:
                    continue
                page = self.rewards.page(drop_id, leaf.index // PAGE)
                assert page == self.books.page_view(drop_id, leaf.index // PAGE)
                is_paid = leaf.index in self.books.drops[drop_id].paid
                assert self.rewards.is_claimed(drop_id, leaf.index) == is_paid
        for address, asset in self.assets.items():
            for number in range(5):
                assert (
                    self.rewards.free(number, address) == self.books.jars["free", number, address]
                )
            inside = self.books.inside(address)
            assert asset.balanceOf(self.rewards) == inside + self.donated[address]
            for who in (*self.people, self.owner):
                assert asset.balanceOf(who) == self.books.jars["account", address, who]
        for number, book in self.books.campaigns.items():
            seen = self.rewards.campaign(number)
            assert (seen.publisher, seen.drop_count) == (book.publisher, book.drops)
            assert (seen.challenge_seconds, seen.active_at) == (book.challenge, book.active_at)

    def live(self) -> None:
        steps = [self.fund, self.donate, self.propose, self.withdraw, self.cancel, self.hold]
        steps += [self.activate, self.activate, self.end, self.hand_over, self.close_dormant]
        steps += [self.publish, self.publish, self.publish, self.pause]
        steps += 3 * [self.claim, self.claim_to, self.claim_batch, self.claim_range]
        steps += 3 * [self.claim_drops]
        for _ in range(STEPS):
            if self.dice.random() < 0.15:
                pass_time(self.dice.choice(JUMPS))
            self.dice.choice(steps)()
            if self.dice.random() < 0.1:
                self.look()
        self.finish()

    def end_all(self) -> None:
        for drop_id, found in list(self.books.drops.items()):
            if found.state == "pending":
                self.both("cancel_drop", drop_id, REASON_HASH, sender=self.owner)
            elif found.state in ("active", "ended"):
                self.both("end_drop", drop_id, sorted(found.opened), sender=self.stranger)

    def finish(self) -> None:
        """After all ends everything that nobody claimed goes back, to the unit."""
        pass_time(12 * YEAR)
        # Twice: what is free may be too much for more to return.
        for _ in range(2):
            self.end_all()
            for campaign in self.books.campaigns:
                for asset in self.assets:
                    self.both("close_dormant", campaign, asset, self.owner, sender=self.owner)
        self.look()
        assert self.done["claim"] + self.done["claim_to"] + self.done["claim_range"] > 3, self.done
        for address, asset in self.assets.items():
            assert self.books.inside(address) == 0
            assert asset.balanceOf(self.rewards) == self.donated[address]


@pytest.mark.parametrize("seed", range(FIRST, FIRST + LIVES))
def test_rewards__random_life__are_those_of_the_second_model(seed):
    with fresh_chain():
        life = Life(seed)
        life.live()
