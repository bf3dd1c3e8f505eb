"""Accounts by what people call them: an address, an alias of Ape's keyfiles, TEST::N."""

from typing import TYPE_CHECKING

from flywheel.chain import connection
from flywheel.errors import fix

if TYPE_CHECKING:
    from ape.api import AccountAPI

TEST_PREFIX = "TEST::"


def test_number(text: str) -> int | None:
    """N of TEST::N; None for anything else."""
    number = text[len(TEST_PREFIX) :]
    is_one = text.upper().startswith(TEST_PREFIX) and number.isascii() and number.isdigit()
    return int(number) if is_one else None


def find(alias: str) -> "AccountAPI":
    """The account that signs under that name. Raises `FlywheelError` if there is none."""
    from ape import accounts

    if alias.upper().startswith(TEST_PREFIX):
        number = test_number(alias)
        if number is None or number >= len(accounts.test_accounts):
            raise fix(
                f"There is no test account '{alias}'",
                f"Give TEST::0 to TEST::{len(accounts.test_accounts) - 1}",
            )
        return accounts.test_accounts[number]
    if alias not in accounts.aliases:
        raise fix(
            f"Ape knows no account '{alias}'",
            f"Import it with 'ape accounts import {alias}', or see 'ape accounts list'",
        )
    return accounts.load(alias)


def is_test_account(account: "AccountAPI") -> bool:
    """Whether its key is public."""
    from ape import accounts

    return any(account.address == known.address for known in accounts.test_accounts)


def known_address(name: str) -> str | None:
    """The address of an account of Ape, None if it knows none of that name.

    Test accounts are known on local chains only: elsewhere anybody could take what they are sent.
    """
    from ape import accounts

    number = test_number(name)
    if number is not None:
        known = accounts.test_accounts
        is_known = connection.is_local() and number < len(known)
        return str(known[number].address) if is_known else None
    return str(accounts.load(name).address) if name in accounts.aliases else None


def address_of(text: str) -> str:
    """The checksummed address of an address, an alias or TEST::N. Raises `FlywheelError`."""
    return known_address(text) or connection.address(text)
