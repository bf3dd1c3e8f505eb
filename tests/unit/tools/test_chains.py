"""Chains of the tests: alike, free of each other, and left however an example ends."""

import boa
import pytest
from hypothesis.stateful import rule

from tests.invariant.counting import ChainMachine
from tests.support import account, deploy_asset, fresh_chain, now


class Sentinel(Exception):
    pass


class Machine(ChainMachine):
    @rule()
    def nothing(self) -> None:
        pass


class FailingAtEnd(Machine):
    def check_at_end(self) -> None:
        raise Sentinel


class FailingAtStart(Machine):
    def set_up(self) -> None:
        raise Sentinel


def fail_and_tear_down(machine: ChainMachine) -> None:
    try:
        raise ZeroDivisionError
    finally:
        machine.teardown()


def what_a_chain_shows() -> tuple:
    with fresh_chain():
        asset = deploy_asset()
        asset.mint(account("holder"), 1)
        return now(), boa.env.eoa, asset.address, account("somebody")


def test_fresh_chain__again__same_clock_and_addresses():
    assert what_a_chain_shows() == what_a_chain_shows()


def test_fresh_chain__shared_opcodes__know_nothing_of_it():
    shared = boa.env.evm.vm.state.computation_class.__bases__[1].opcodes
    before = dict(shared)
    with fresh_chain():
        traced = boa.env.evm.vm.state.computation_class.opcodes
        assert traced[0x20].env is traced[0x55].env is boa.env
        assert traced[0x20].sha3.mnemonic == before[0x20].mnemonic
        assert not hasattr(traced[0x20].sha3, "env")
        assert shared == before
    assert shared == before


def test_fresh_chain__mappings__are_still_traced():
    with fresh_chain():
        holder = account("holder")
        asset = deploy_asset()
        asset.mint(holder, 7)
        assert list(asset._storage.balanceOf.get().values()) == [7]


def test_machine__fails_at_its_end__leaves_its_chain():
    outside = boa.env
    machine = FailingAtEnd()
    assert boa.env is not outside
    with pytest.raises(Sentinel):
        machine.teardown()
    assert boa.env is outside


def test_machine__fails_at_its_start__leaves_its_chain():
    outside = boa.env
    with pytest.raises(Sentinel):
        FailingAtStart()
    assert boa.env is outside


def test_machine__step_failed__not_asked_what_holds_at_its_end():
    outside = boa.env
    machine = FailingAtEnd()
    with pytest.raises(ZeroDivisionError):
        fail_and_tear_down(machine)
    assert boa.env is outside
