"""HolderIncome: pots by epoch and asset, and what each holder gets of them."""

import boa
import pytest

from tests.kits.treasury import event_rows, pass_epochs, transfer_row
from tests.support import ZERO_ADDRESS, account, deploy, deploy_asset, warp_to

MAX_EPOCHS = 26
POT_LIMIT = 2**128


@pytest.fixture(scope="module")
def bank():
    """Stands for the Treasury: an account, so that any pot can be funded."""
    return account("bank")


@pytest.fixture(scope="module")
def pots(token, owner, bank):
    return deploy("HolderIncome", token.address, bank, sender=owner)


@pytest.fixture(scope="module")
def other_holder():
    return account("other holder")


@pytest.fixture(scope="module")
def asset(pots, bank):
    """An asset of which the bank has, and has approved, any amount."""
    asset = deploy_asset()
    asset.mint(bank, 2**200)
    with boa.env.prank(bank):
        asset.approve(pots.address, 2**256 - 1)
    return asset


@pytest.fixture
def pot_of_100(pots, token, asset, bank, holder, other_holder):
    """Epoch 1 is over: 100 units, shared 2 : 1."""
    _hold(token, {holder: 2, other_holder: 1}, epoch=1)
    pass_epochs(1)
    _fund(pots, bank, 1, asset, 100)
    return pots


def _hold(token, balance_seconds: dict[str, int], epoch: int) -> None:
    for account_, seconds in balance_seconds.items():
        token.set_balance_seconds(account_, epoch, seconds)


def _fund(pots, bank, epoch, asset, amount) -> None:
    with boa.env.prank(bank):
        pots.fund(epoch, asset.address, amount)


def _claim(pots, caller, account_, asset, first_epoch=1, epoch_count=1) -> int:
    with boa.env.prank(caller):
        return pots.claim(account_, asset.address, first_epoch, epoch_count)


# --- construction ---


def test_init__keeps_token_and_treasury(pots, token, bank, owner):
    assert (pots.TOKEN(), pots.TREASURY(), pots.owner()) == (token.address, bank, owner)


# --- fund ---


def test_fund__pulls_the_pot(pots, token, asset, bank, holder):
    _hold(token, {holder: 7}, epoch=1)
    pass_epochs(1)
    _fund(pots, bank, 1, asset, 100)
    assert event_rows(pots) == [
        ("PotFunded", 1, asset.address, 100, 7),
        transfer_row(bank, pots, 100),
    ]
    assert pots.pot(1, asset.address) == 100
    assert pots.accounted(asset.address) == 100 == asset.balanceOf(pots.address)
    assert (pots.carried(asset.address), pots.claimed_total(1, asset.address)) == (0, 0)


def test_fund__not_the_treasury__reverts(pots, asset, owner, stranger, holder):
    pass_epochs(1)
    for caller in (owner, stranger, holder):
        with boa.env.prank(caller), boa.reverts("caller is not the treasury"):
            pots.fund(1, asset.address, 1)


def test_fund__last_second__reverts_and_first_after_succeeds(pots, token, asset, bank, holder):
    _hold(token, {holder: 1}, epoch=1)
    warp_to(token.epoch_start(2) - 1)
    with boa.reverts("epoch is not over"):
        _fund(pots, bank, 1, asset, 1)
    warp_to(token.epoch_start(2))
    _fund(pots, bank, 1, asset, 1)
    assert pots.pot(1, asset.address) == 1


@pytest.mark.parametrize("eligible", [0, 1])
def test_fund__twice__reverts(pots, token, asset, bank, holder, eligible):
    token.set_balance_seconds(holder, 1, eligible)
    pass_epochs(1)
    _fund(pots, bank, 1, asset, 1)
    token.set_balance_seconds(holder, 1, 5)
    with boa.reverts("pot is funded already"):
        _fund(pots, bank, 1, asset, 1)


def test_fund__nobody_eligible__is_carried_into_the_next_pot(pots, token, asset, bank, holder):
    _hold(token, {holder: 1}, epoch=3)
    pass_epochs(3)
    for epoch, amount in ((1, 10), (2, 5)):
        _fund(pots, bank, epoch, asset, amount)
        assert event_rows(pots)[0] == ("PotCarried", epoch, asset.address, amount)
        assert pots.pot(epoch, asset.address) == 0
    assert pots.carried(asset.address) == 15 == pots.accounted(asset.address)
    _fund(pots, bank, 3, asset, 100)
    assert event_rows(pots)[0] == ("PotFunded", 3, asset.address, 115, 1)
    assert (pots.pot(3, asset.address), pots.carried(asset.address)) == (115, 0)
    assert _claim(pots, holder, holder, asset, 1, 3) == 115


def test_fund__older_epoch__reverts(pots, token, asset, bank, holder):
    _hold(token, {holder: 1}, epoch=1)
    pass_epochs(2)
    _fund(pots, bank, 2, asset, 10)
    with boa.reverts("pot is funded already"):
        _fund(pots, bank, 1, asset, 1)
    assert (pots.carried(asset.address), pots.settled_to(asset.address)) == (10, 2)


def test_fund__nothing__reverts(pots, token, asset, bank, holder):
    _hold(token, {holder: 1}, epoch=1)
    pass_epochs(1)
    with boa.reverts("pot is empty"):
        _fund(pots, bank, 1, asset, 0)


def test_fund__carried__goes_to_the_first_epoch_with_holders_though_it_has_no_income(
    pots, token, asset, bank, holder, other_holder
):
    """Epoch 3 had holders and no income: what epoch 1 carried is theirs, not epoch 5's."""
    _hold(token, {holder: 1}, epoch=3)
    _hold(token, {other_holder: 1}, epoch=5)
    pass_epochs(5)
    _fund(pots, bank, 1, asset, 10)
    _fund(pots, bank, 5, asset, 100)
    assert event_rows(pots)[:3] == [
        ("PotCarried", 2, asset.address, 0),
        ("PotFunded", 3, asset.address, 10, 1),
        ("PotFunded", 5, asset.address, 100, 1),
    ]
    assert _claim(pots, holder, holder, asset, 1, 5) == 10
    assert _claim(pots, other_holder, other_holder, asset, 1, 5) == 100
    assert pots.accounted(asset.address) == 0


@pytest.mark.parametrize("rolls", [11, 12, 13])
def test_fund__carried__lapses_after_twelve_rolls(pots, token, asset, bank, holder, rolls):
    """Epoch 1 carries 10 and epoch 2 carries 5; the pot of the epoch `rolls` later takes both."""
    last = 1 + rolls
    _hold(token, {holder: 1}, epoch=last)
    pass_epochs(last)
    _fund(pots, bank, 1, asset, 10)
    _fund(pots, bank, 2, asset, 5)
    _fund(pots, bank, last, asset, 1)
    kept = 15 if rolls <= 12 else 5
    assert pots.pot(last, asset.address) == 1 + kept
    assert pots.lapsed(asset.address) == 15 - kept
    assert pots.carried(asset.address) == 0
    assert pots.accounted(asset.address) == 16 == asset.balanceOf(pots.address)


@pytest.mark.parametrize("amount", [7, 25])
def test_fund__twelve_after_money_that_is_in_a_pot_since__nothing_lapses_a_second_time(
    pots, token, asset, bank, holder, amount
):
    """Epoch 1 carried 10 into the pot of epoch 2; epoch 13 makes no pot, whatever it has."""
    for epoch in (2, 14):
        _hold(token, {holder: 1}, epoch)
    pass_epochs(14)
    _fund(pots, bank, 1, asset, 10)
    _fund(pots, bank, 2, asset, 100)
    assert pots.pot(2, asset.address) == 110
    _fund(pots, bank, 13, asset, amount)
    assert (pots.carried(asset.address), pots.lapsed(asset.address)) == (amount, 0)
    _fund(pots, bank, 14, asset, 1)
    assert pots.pot(14, asset.address) == amount + 1
    assert _claim(pots, holder, holder, asset, 1, 14) == 110 + amount + 1
    assert pots.accounted(asset.address) == 0 == asset.balanceOf(pots.address)


@pytest.mark.parametrize(
    ("eligible", "supply", "makes"),
    [(1, 10, True), (1, 11, False), (99, 1_000, False), (100, 1_000, True), (100, 1_001, False)],
)
def test_fund__eligible_part_of_the_supply__makes_a_pot_from_a_tenth(
    pots, token, asset, bank, holder, eligible, supply, makes
):
    """Who claims first after a cliff used to take the income of all for the months before."""
    _hold(token, {holder: eligible}, epoch=1)
    token.set_supply_balance_seconds(1, supply)
    pass_epochs(1)
    _fund(pots, bank, 1, asset, 10)
    assert pots.pot(1, asset.address) == (10 if makes else 0)
    assert pots.carried(asset.address) == (0 if makes else 10)


def test_fund__carried__stays_with_its_asset(pots, token, asset, bank, holder):
    other = deploy_asset()
    other.mint(bank, 1)
    with boa.env.prank(bank):
        other.approve(pots.address, 1)
    _hold(token, {holder: 1}, epoch=2)
    pass_epochs(2)
    _fund(pots, bank, 1, asset, 10)
    _fund(pots, bank, 2, other, 1)
    assert pots.pot(2, other.address) == 1
    assert pots.carried(asset.address) == 10


def test_fund__largest_pot_and_eligible__can_be_claimed(pots, token, asset, bank, holder):
    _hold(token, {holder: 2**120 - 1}, epoch=1)
    pass_epochs(1)
    _fund(pots, bank, 1, asset, POT_LIMIT - 1)
    assert pots.pot(1, asset.address) == POT_LIMIT - 1
    assert _claim(pots, holder, holder, asset) == POT_LIMIT - 1


@pytest.mark.parametrize(
    ("amount", "eligible"), [(POT_LIMIT, 1), (POT_LIMIT, 0), (1, 2**120), (1, 2**255)]
)
def test_fund__does_not_fit__reverts(pots, token, asset, bank, amount, eligible):
    token.set_eligible_balance_seconds(1, eligible)
    pass_epochs(1)
    with boa.reverts("pot does not fit"):
        _fund(pots, bank, 1, asset, amount)


# --- claim ---


def test_claim__one_epoch__pays_the_rounded_down_share(pot_of_100, asset, holder, other_holder):
    assert _claim(pot_of_100, holder, holder, asset) == 66
    assert event_rows(pot_of_100) == [
        ("IncomeClaimed", holder, asset.address, 1, [66]),
        transfer_row(pot_of_100, holder, 66),
    ]
    assert asset.balanceOf(holder) == 66
    assert pot_of_100.claimed_total(1, asset.address) == 66
    assert pot_of_100.is_claimed(holder, 1, asset.address)
    assert not pot_of_100.is_claimed(other_holder, 1, asset.address)
    assert _claim(pot_of_100, other_holder, other_holder, asset) == 33
    # The rest of the division stays accounted for.
    assert pot_of_100.accounted(asset.address) == 1 == asset.balanceOf(pot_of_100.address)
    assert pot_of_100.pot(1, asset.address) == 100


def test_claim__by_anyone__pays_the_account(pot_of_100, asset, holder, stranger):
    assert _claim(pot_of_100, stranger, holder, asset) == 66
    assert (asset.balanceOf(holder), asset.balanceOf(stranger)) == (66, 0)


def test_claim__again__pays_nothing_and_logs_nothing(pot_of_100, asset, holder):
    _claim(pot_of_100, holder, holder, asset)
    assert _claim(pot_of_100, holder, holder, asset) == 0
    assert event_rows(pot_of_100) == []
    assert asset.balanceOf(holder) == 66


def test_claim__nothing_earned__pays_nothing_and_marks_nothing(pot_of_100, asset, stranger):
    assert _claim(pot_of_100, stranger, stranger, asset) == 0
    assert event_rows(pot_of_100) == []
    assert not pot_of_100.is_claimed(stranger, 1, asset.address)


def test_claim__before_the_pot_is_funded__loses_nothing(pots, token, asset, bank, holder):
    _hold(token, {holder: 1}, epoch=1)
    pass_epochs(1)
    assert _claim(pots, holder, holder, asset) == 0
    _fund(pots, bank, 1, asset, 9)
    assert _claim(pots, holder, holder, asset) == 9


def test_claim__many_epochs__one_transfer(pots, token, asset, bank, holder):
    pass_epochs(5)
    for epoch in (1, 2, 4):
        _hold(token, {holder: epoch, account("rest"): 10 - epoch}, epoch)
        _fund(pots, bank, epoch, asset, 100 * epoch)
    _claim(pots, holder, holder, asset, 2, 1)
    assert pots.claimable(holder, asset.address, 1, 5) == 10 + 160
    assert _claim(pots, holder, holder, asset, 1, 5) == 10 + 160
    assert event_rows(pots) == [
        ("IncomeClaimed", holder, asset.address, 1, [10, 0, 0, 160, 0]),
        transfer_row(pots, holder, 170),
    ]
    assert [pots.is_claimed(holder, epoch, asset.address) for epoch in range(1, 6)] == [
        True,
        True,
        False,
        True,
        False,
    ]


def test_claim__across_a_word_of_the_bitmap__each_epoch_once(pots, token, asset, bank, holder):
    pass_epochs(520)
    epochs = [254, 255, 256, 257, 511, 512]
    for epoch in epochs:
        _hold(token, {holder: 1}, epoch)
        _fund(pots, bank, epoch, asset, 1_000 + epoch)
    assert _claim(pots, holder, holder, asset, 255, 2) == 1_255 + 1_256
    assert _claim(pots, holder, holder, asset, 250, MAX_EPOCHS) == 1_254 + 1_257
    assert _claim(pots, holder, holder, asset, 250, MAX_EPOCHS) == 0
    assert _claim(pots, holder, holder, asset, 500, MAX_EPOCHS) == 1_511 + 1_512
    assert all(pots.is_claimed(holder, epoch, asset.address) for epoch in epochs)
    # Neighbours that share a bit position in another word are untouched.
    assert not any(pots.is_claimed(holder, epoch, asset.address) for epoch in (0, 1, 510, 513))


def test_claim__other_asset__is_its_own_matter(pot_of_100, token, bank, holder, asset):
    other = deploy_asset()
    other.mint(bank, 50)
    with boa.env.prank(bank):
        other.approve(pot_of_100.address, 50)
    _fund(pot_of_100, bank, 1, other, 50)
    _claim(pot_of_100, holder, holder, asset)
    assert not pot_of_100.is_claimed(holder, 1, other.address)
    assert _claim(pot_of_100, holder, holder, other) == 33


def test_claim__26_epochs__is_the_limit(pot_of_100, asset, holder):
    assert pot_of_100.claimable(holder, asset.address, 1, MAX_EPOCHS) == 66
    assert _claim(pot_of_100, holder, holder, asset, 1, MAX_EPOCHS) == 66


def test_claim__no_epochs__pays_nothing(pot_of_100, asset, holder):
    assert _claim(pot_of_100, holder, holder, asset, 1, 0) == 0


def test_claim__token_that_overstates_holders__cannot_touch_other_pots(
    pot_of_100, token, asset, bank, holder, other_holder
):
    _hold(token, {holder: 1}, epoch=2)
    pass_epochs(1)
    _fund(pot_of_100, bank, 2, asset, 100)
    token.set_balance_seconds(other_holder, 1, 2)  # the pot was funded for 3 in all, now it is 4
    _claim(pot_of_100, holder, holder, asset, 1, 1)
    with boa.reverts("pot is exhausted"):
        _claim(pot_of_100, other_holder, other_holder, asset, 1, 1)
    assert _claim(pot_of_100, holder, holder, asset, 2, 1) == 100


def test_claimable__shrinks_with_what_is_claimed(pot_of_100, asset, holder):
    assert pot_of_100.claimable(holder, asset.address, 1, 1) == 66
    _claim(pot_of_100, holder, holder, asset)
    assert pot_of_100.claimable(holder, asset.address, 1, 1) == 0


# --- skim ---


def test_skim__donation__leaves_the_pots(pot_of_100, asset, bank, owner, holder, stranger):
    boa.env.set_code(bank, bytes.fromhex("60015f5260205ff3"))  # says yes to `is_solvent`
    asset.mint(pot_of_100.address, 7)
    with boa.env.prank(owner):
        assert pot_of_100.skim(asset.address, stranger) == 7
    assert event_rows(pot_of_100) == [
        transfer_row(pot_of_100, stranger, 7),
        ("Skimmed", asset.address, stranger, 7),
    ]
    with boa.env.prank(owner):
        assert pot_of_100.skim(asset.address, stranger) == 0
    assert pot_of_100.accounted(asset.address) == 100 == asset.balanceOf(pot_of_100.address)
    assert _claim(pot_of_100, holder, holder, asset) == 66


def test_skim__not_the_owner__reverts(pots, asset, bank, stranger, holder):
    for caller in (bank, stranger, holder):
        with boa.env.prank(caller), boa.reverts("caller is not the owner"):
            pots.skim(asset.address, caller)


def test_skim__zero_receiver__reverts(pots, asset, owner):
    with boa.env.prank(owner), boa.reverts("receiver is zero"):
        pots.skim(asset.address, ZERO_ADDRESS)
