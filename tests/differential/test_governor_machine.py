"""Our Governor, Timelock and token and OpenZeppelin's under the same random calls."""

from typing import Any

from eth_utils import keccak
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.differential.differences import Excuses
from tests.differential.sides import OURS, PEER, Call, PerSide, calldata
from tests.differential.world import (
    BATCH,
    ETHER,
    GRACE,
    MIN_DELAY,
    QUORUM_BPS,
    THRESHOLD,
    Action,
    Proposal,
    Signer,
    deploy_world,
    typed_digest,
)
from tests.invariant.counting import HandlerCount, run_machine
from tests.support import DAY, account, deploy, fresh_chain, now, pass_time, warp_to

# What the voters hold, in ether: the last cannot propose alone.
HOLDINGS = (400_000, 30_000, 2_000, 700)
ACTORS = len(HOLDINGS)
PROPOSALS = 5
MAX_S = 2**255 // 2  # FILLED BELOW

actors = st.integers(0, ACTORS - 1)
picks = st.integers(0, PROPOSALS - 1)
supports = st.sampled_from([0, 1, 1, 1, 2, 3])
offsets = st.sampled_from([-1, 0, 1])
