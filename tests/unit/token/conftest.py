"""The token with one minter and one holder."""

from typing import Any

import boa
import pytest
from eth_account import Account

from tests.kits.token import CAP, HELD, NAME, SYMBOL
from tests.support import EPOCH_SECONDS, deploy, now


@pytest.fixture(scope="module")
def minter() -> str:
    return str(boa.env.generate_address("minter"))


@pytest.fixture(scope="module")
def delegatee() -> str:
    return str(boa.env.generate_address("delegatee"))


@pytest.fixture(scope="module")
def treasury() -> str:
    return str(boa.env.generate_address("treasury"))


@pytest.fixture(scope="module")
def signer() -> Any:
    return Account.from_key(f"{0xF1:064x}")


@pytest.fixture(scope="module")
def make_token(owner: str) -> Any:
    def make(genesis: int | None = None, epoch_seconds: int = EPOCH_SECONDS) -> Any:
        began = now() if genesis is None else genesis
        return deploy("GovernanceToken", NAME, SYMBOL, began, epoch_seconds, sender=owner)

    return make


@pytest.fixture(scope="module")
def token(make_token: Any, owner: str, minter: str, holder: str) -> Any:
    """`holder` owns HELD, `minter` may mint up to CAP; epoch 1 begins now."""
    token = make_token()
    token.set_minter(minter, CAP, sender=owner)
    token.mint(holder, HELD, sender=minter)
    return token


@pytest.fixture
def approved(token: Any, holder: str, payer: str) -> Any:
    """`payer` may spend HELD / 2 of the holder's tokens."""
    token.approve(payer, HELD // 2, sender=holder)
    return token
