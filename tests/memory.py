"""Keeps a test process small: a compiled contract is a tree of 40 MB, and a whole run loads all."""

import ctypes
import gc
import os
from pathlib import Path

from tests import support
from tests.attack import mutants

# Above it the compiled contracts go after the test module that brought them. What a later module
# needs it loads again, in half a second each.
LIMIT_BYTES = 1_000 * 10**6
STATM = Path("/proc/self/statm")


def resident() -> int:
    """Bytes of this process in memory; 0 on a system that does not say."""
    if not STATM.exists():
        return 0
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def give_back() -> None:
    """Forgets the compiled contracts, and has the system take the memory, if it is a lot."""
    if resident() <= LIMIT_BYTES:
        return
    for remembered in (support.deployer_of, mutants.mutate, mutants.mutate_all):
        remembered.cache_clear()
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
