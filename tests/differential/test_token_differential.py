"""Our token and OpenZeppelin's ERC20Votes under the same random calls."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from tests.differential.differences import Excuses
from tests.differential.sides import OURS, PEER, Call, PerSide
from tests.differential.world import (
    MAX_SUPPLY,
    Signer,
    World,
    deploy_token,
    recovered,
    typed_digest,
)
from tests.invariant.counting import ChainMachine, HandlerCount, run_machine
from tests.support import DAY, MAX_UINT, ZERO_ADDRESS, now, pass_time

ACTORS = 5
# Seconds of the past, the latest, at which each example compares votes and supply.
PAST = 8
HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0

actors = st.integers(0, ACTORS - 1)
# The last is the zero address.
anybody = st.integers(0, ACTORS)
# Amounts are parts of what the giver has; above 10_000 it has too little.
parts = st.sampled_from([0, 1, 2_500, 5_000, 9_999, 10_000, 10_001, 30_000])
pauses = st.sampled_from([0, 0, 0, 1, 2, 3_600, DAY])
# How a signature is spoilt, if it is.
FAULTS = ("signer", "nonce", "late", "s", "v", "domain")
faults = st.one_of(st.none(), st.none(), st.sampled_from(FAULTS))


class TokenMachine(ChainMachine):
    handlers = HandlerCount()
    excuses = Excuses()

    def set_up(self) -> None:
        self.world = World()
        deploy_token(self.world)
        self.signers = [Signer(f"actor {i}") for i in range(ACTORS)]
        self.actors = [signer.address for signer in self.signers] + [ZERO_ADDRESS]
        self.steps = 0
        self.moments = {now()}
        for actor in self.actors[:3]:
            self.world.mint(actor, 10**24)
        # Every example starts with something of everything.
        self.delegate(by=0, to=0, pause=1)
        self.delegate(by=1, to=2, pause=0)
        for fault in (None, *FAULTS):
            self.permit(by=0, relayer=1, spender=2, part=5_000, fault=fault)
            self.delegate_by_sig(by=2, relayer=0, to=1, fault=fault)

    def send(self, signature: str, by: int, args: PerSide) -> Call:
        """Makes the call on both and compares; counts it by function if it succeeds."""
        call = self.world.try_call("token", signature, args, sender=self.actors[by])
        self.excuses.check(call)
        return call

    def counted(self, call: Call) -> None:
        self.handlers.tried[call.function] += 1
        self.handlers.succeeded[call.function] += call.ours.ok

    def part_of_balance(self, owner: int, part: int) -> int:
        held = self.world.number("token", "balanceOf(address)", (self.actors[owner],))
        return held * part // 10_000 + (part > 10_000)

    # --- ERC-20 ---

    @rule(by=actors, to=anybody, part=parts, pause=pauses)
    def transfer(self, by: int, to: int, part: int, pause: int) -> None:
        pass_time(pause)
        amount = self.part_of_balance(by, part)
        self.counted(self.send("transfer(address,uint256)", by, (self.actors[to], amount)))

    @rule(by=actors, spender=anybody, part=parts)
    def approve(self, by: int, spender: int, part: int) -> None:
        amount = MAX_UINT if part == 1 else self.part_of_balance(by, part)
        self.counted(self.send("approve(address,uint256)", by, (self.actors[spender], amount)))

    @rule(by=actors, owner=anybody, to=anybody, part=parts, pause=pauses, ready=st.booleans())
    def transfer_from(
        self, by: int, owner: int, to: int, part: int, pause: int, ready: bool
    ) -> None:
        pass_time(pause)
        amount = self.part_of_balance(owner, part)
        if ready and owner < ACTORS:
            self.send("approve(address,uint256)", owner, (self.actors[by], amount))
        args = (self.actors[owner], self.actors[to], amount)
        self.counted(self.send("transferFrom(address,address,uint256)", by, args))

    @rule(by=actors, part=parts)
    def burn(self, by: int, part: int) -> None:
        self.counted(self.send("burn(uint256)", by, (self.part_of_balance(by, part),)))

    @rule(by=actors, owner=anybody, part=parts, ready=st.booleans())
    def burn_from(self, by: int, owner: int, part: int, ready: bool) -> None:
        amount = self.part_of_balance(owner, part)
        if ready and owner < ACTORS:
            self.send("approve(address,uint256)", owner, (self.actors[by], amount))
        self.counted(self.send("burnFrom(address,uint256)", by, (self.actors[owner], amount)))

    @rule(to=anybody, amount=st.sampled_from([0, 1, 10**21, 7**30, MAX_SUPPLY]), pause=pauses)
    def mint(self, to: int, amount: int, pause: int) -> None:
        pass_time(pause)
        args = (self.actors[to], amount)
        call = self.world.try_call("token", "mint(address,uint256)", args, sender=self.world.minter)
        self.excuses.check(call)
        self.counted(call)

    # --- votes ---

    @rule(by=actors, to=anybody, pause=pauses)
    def delegate(self, by: int, to: int, pause: int) -> None:
        pass_time(pause)
        self.counted(self.send("delegate(address)", by, (self.actors[to],)))

    # --- signatures ---

    def signed(self, by: int, kind: str, values: dict[str, Any], fault: str | None) -> PerSide:
        """(v, r, s) per side, spoilt by `fault`."""
        other = self.signers[(by + 1) % ACTORS] if fault == "signer" else self.signers[by]

        def sign(side: str) -> tuple[int, bytes, bytes]:
            # The peer's domain for ours and the other way round, if that is the fault.
            where = {"ours": "peer", "peer": "ours"}[side] if fault == "domain" else side
            v, r, s = self.world.vrs(other, where, kind, **values)
            if fault == "s":
                order = 2 * HALF_ORDER + 1
                s = (order - int.from_bytes(s, "big")).to_bytes(32, "big")
                v = 55 - v
            return (v - 27 if fault == "v" else v), r, s

        return sign

    def nonce(self, by: int) -> int:
        return self.world.number("token", "nonces(address)", (self.actors[by],))

    def name_signers(self, kind: str, values: dict[str, Any], signature: PerSide) -> None:
        """A signature is of one domain: its `s`, and whoever a spoilt one is taken for, are others
        on either side."""
        self.world.alias(signature(OURS)[2], signature(PEER)[2])
        found = []
        for side in (OURS, PEER):
            v, r, s = signature(side)
            if v not in (27, 28):
                return
            digest = typed_digest(self.world.domain("token", side), kind, values)
            found.append(recovered(digest, v, r, s))
        self.world.alias(*found)

    @rule(by=actors, relayer=actors, spender=anybody, part=parts, fault=faults)
    def permit(self, by: int, relayer: int, spender: int, part: int, fault: str | None) -> None:
        nonce = self.nonce(by)
        values = {
            "owner": self.actors[by],
            "spender": self.actors[spender],
            "value": self.part_of_balance(by, part),
            "nonce": nonce + (fault == "nonce"),
            "deadline": now() - 1 if fault == "late" else now(),
        }
        signature = self.signed(by, "Permit", values, fault)
        self.name_signers("Permit", values | {"nonce": nonce}, signature)
        head = tuple(value for name, value in values.items() if name != "nonce")
        call = self.send(
            "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
            relayer,
            lambda side: (*head, *signature(side)),
        )
        assert call.ours.ok == (fault is None and spender < ACTORS), f"{call}"
        self.counted(call)

    @rule(by=actors, relayer=actors, to=anybody, fault=faults)
    def delegate_by_sig(self, by: int, relayer: int, to: int, fault: str | None) -> None:
        values = {
            "delegatee": self.actors[to],
            "nonce": self.nonce(by) + (fault == "nonce"),
            "expiry": now() - 1 if fault == "late" else now(),
        }
        signature = self.signed(by, "Delegation", values, fault)
        self.name_signers("Delegation", values, signature)
        call = self.send(
            "delegateBySig(address,uint256,uint256,uint8,bytes32,bytes32)",
            relayer,
            lambda side: (*values.values(), *signature(side)),
        )
        assert call.ours.ok or fault is not None, f"{call}"
        self.counted(call)

    # --- agreement on all that can be read ---

    def agree(self, signature: str, *args: Any) -> None:
        self.excuses.check(self.world.try_call("token", signature, args, static=True))

    @invariant()
    def what_changed_agrees(self) -> None:
        """The logs of each call were compared; of the state, one account's at a time."""
        self.steps += 1
        actor = self.actors[self.steps % len(self.actors)]
        for view in ("balanceOf", "getVotes", "delegates", "nonces"):
            self.agree(f"{view}(address)", actor)
        self.moments.add(now())

    def check_at_end(self) -> None:
        """Everything, with the past, at the end of each example."""
        self.agree("totalSupply()")
        for view in ("name", "symbol", "decimals", "clock", "CLOCK_MODE", "DOMAIN_SEPARATOR"):
            self.agree(f"{view}()")
        self.agree("eip712Domain()")
        for actor in self.actors:
            for view in ("balanceOf", "getVotes", "delegates", "nonces", "numCheckpoints"):
                self.agree(f"{view}(address)", actor)
            for spender in self.actors:
                self.agree("allowance(address,address)", actor, spender)
            count = self.world.number("token", "numCheckpoints(address)", (actor,))
            for index in range(count + 1):
                self.agree("checkpoints(address,uint32)", actor, index)
        moments = {m + d for m in self.moments for d in (-1, 0, 1)} | {0, now() + 1, MAX_UINT}
        for moment in sorted(moments)[-PAST:]:
            self.agree("getPastTotalSupply(uint256)", moment)
            for actor in self.actors:
                self.agree("getPastVotes(address,uint256)", actor, moment)


def test_token_machine__same_calls_on_both__same_outcomes():
    # Refusals have to agree as much as successes; each function has to see both.
    run_machine(TokenMachine, examples=5, least=0.02)
    assert set(TokenMachine.excuses.seen) == {"checkpoint-index"}
