"""ModelRegistry: who may register what, what is kept of it, and who answers for its energy."""

import boa
import pytest

from tests.kits.models import (
    BPS,
    CARD_HASH,
    Kind,
    Receiver,
    Share,
    account_share,
    campaign_share,
    model_terms,
    payee,
    register,
    treasury_share,
)
from tests.kits.treasury import event_rows
from tests.support import ZERO_ADDRESS, deploy, now, pass_time

DIGEST = b"\xd1" * 32
MAX_CAMPAIGN = 2**160 - 1


def _is_unchanged(registry) -> bool:
    return registry.model_count() == 0 and registry.model_of_digest(DIGEST) == 0


# --- constructor ---


def test_constructor__given_grants__owns_and_logs(registry, models, owner):
    assert registry.owner() == owner
    assert registry.grants() == models.grants.address
    assert registry.model_count() == 0


def test_constructor__zero_grants__reverts(owner):
    with boa.reverts("grants is zero"):
        deploy("ModelRegistry", ZERO_ADDRESS, payee(1), "Flywheel Models", "FWMOD", sender=owner)


# --- register without a grant ---


def test_register__owner_without_a_grant__mints_and_keeps_all(registry, owner, builder):
    split = [treasury_share(5_000), account_share(builder, 3_000), campaign_share(9, 2_000)]
    terms = model_terms(weights_digest=DIGEST, split=split)
    with boa.env.prank(owner):
        model_id = registry.register(terms)
    assert event_rows(registry) == [
        ("Transfer", ZERO_ADDRESS, owner, 1),
        ("ProtocolFeeApplied", 1, 0),
        (
            "ModelRegistered",
            1,
            0,
            owner,
            Kind.FOUNDATION,
            DIGEST,
            CARD_HASH,
            "ipfs://card",
            "open-7b",
            bytes(32),
        ),
        ("SplitSet", 1, split, now()),
    ]
    assert model_id == 1
    assert registry.model_count() == 1
    assert registry.exists(1)
    assert registry.model(1) == (
        *(Kind.FOUNDATION, 0, owner, now()),
        *(DIGEST, CARD_HASH, bytes(32)),
    )
    assert registry.split(1) == split
    assert registry.model_of_digest(DIGEST) == 1
    assert registry.model_name(1) == "open-7b"
    assert registry.tokenURI(1) == "ipfs://card"
    assert registry.ownerOf(1) == owner


def test_register__second_model__has_the_next_id(registry, owner):
    assert [register(registry, owner), register(registry, owner)] == [1, 2]
    assert registry.model_of_digest(registry.model(2).weights_digest) == 2


@pytest.mark.parametrize("role", ["builder", "stranger", "guardian"])
def test_register__anybody_without_a_grant__owns_the_model(registry, request, role):
    sender = request.getfixturevalue(role)
    assert registry.ownerOf(register(registry, sender, weights_digest=DIGEST)) == sender


def test_register__owner_changed__mints_to_the_new_owner(registry, owner, holder):
    with boa.env.prank(owner):
        registry.transfer_ownership(holder)
    model_id = register(registry, holder)
    assert registry.ownerOf(model_id) == holder
    assert registry.ownerOf(register(registry, owner)) == owner


def test_register__owner_is_a_contract_without_receiver_hook__mints(registry, owner):
    safe = deploy("MockAsset", "no", "NO", 6).address
    with boa.env.prank(owner):
        registry.transfer_ownership(safe)
    assert registry.ownerOf(register(registry, safe)) == safe


# --- register for a grant ---


def test_register__grant_recipient__dao_owns_and_grant_sets_the_split(
    registry, grant_id, grant_split, owner, builder
):
    model_id = register(registry, builder, grant_id=grant_id, split=[], weights_digest=DIGEST)
    rows = event_rows(registry)
    names = ["Transfer", "ProtocolFeeApplied", "ModelRegistered", "SplitSet"]
    assert [row[0] for row in rows] == names
    assert rows[3] == ("SplitSet", model_id, grant_split, now())
    assert registry.ownerOf(model_id) == owner
    assert registry.split(model_id) == grant_split
    assert registry.model(model_id).grant_id == grant_id
    assert registry.model(model_id).registrant == builder


def test_register__grant_changes_its_mind_afterwards__split_stays(
    registry, models, grant_id, grant_split, builder
):
    model_id = register(registry, builder, grant_id=grant_id, split=[])
    models.grants.set_grant(grant_id, builder, [account_share(builder, BPS)])
    assert registry.split(model_id) == grant_split


@pytest.mark.parametrize("role", ["owner", "stranger"])
def test_register__not_the_grant_recipient__reverts(registry, grant_id, request, role):
    sender = request.getfixturevalue(role)
    with boa.reverts("caller may not register"):
        register(registry, sender, grant_id=grant_id, split=[], weights_digest=DIGEST)
    assert _is_unchanged(registry)


def test_register__unknown_grant__reverts(registry, builder):
    with boa.reverts("caller may not register"):
        register(registry, builder, grant_id=8, split=[])


def test_register__grant_and_own_split__reverts(registry, grant_id, builder):
    with boa.reverts("grant sets the split"):
        register(registry, builder, grant_id=grant_id, split=[account_share(builder, BPS)])


def test_register__grant_without_a_split__reverts(registry, models, builder):
    models.grants.set_grant(8, builder, [])
    with boa.reverts("caller may not register"):
        register(registry, builder, grant_id=8, split=[])


def test_register__grant_with_a_bad_split__reverts(registry, models, builder):
    models.grants.set_grant(8, builder, [account_share(builder, BPS - 1)])
    with boa.reverts("split does not sum to 10000 bps"):
        register(registry, builder, grant_id=8, split=[])


# --- register: the model itself ---


@pytest.mark.parametrize("kind", list(Kind))
def test_register__any_single_kind__is_kept(registry, owner, kind):
    assert registry.model(register(registry, owner, kind=kind)).kind == kind


@pytest.mark.parametrize("kind", [0, Kind.FOUNDATION | Kind.VERSION, Kind.PRUNING | Kind.MERGE])
def test_register__not_exactly_one_kind__reverts(registry, owner, kind):
    with boa.reverts("kind is not exactly one"):
        register(registry, owner, kind=kind)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"weights_digest": bytes(32)}, "weights digest is empty"),
        ({"card_hash": bytes(32)}, "card hash is empty"),
        ({"name": ""}, "name is empty"),
    ],
)
def test_register__empty_field__reverts(registry, owner, changes, reason):
    with boa.reverts(reason):
        register(registry, owner, **changes)


def test_register__without_a_card_uri__is_fine(registry, owner):
    assert registry.tokenURI(register(registry, owner, card_uri="")) == ""


def test_register__longest_texts__are_kept(registry, owner):
    model_id = register(registry, owner, card_uri="u" * 128, name="n" * 64)
    assert registry.tokenURI(model_id) == "u" * 128
    assert registry.model_name(model_id) == "n" * 64


@pytest.mark.parametrize("kind", [Kind.FOUNDATION, Kind.FINE_TUNE])
def test_register__weights_again__reverts(registry, owner, kind):
    register(registry, owner, weights_digest=DIGEST)
    with boa.reverts("weights are already registered"):
        register(registry, owner, weights_digest=DIGEST, kind=kind, name="other")
    assert registry.model_count() == 1


# --- register: the split ---


def _shares(*bps: int) -> list[Share]:
    """One share per figure, each with an account of its own."""
    return [account_share(payee(i), part) for i, part in enumerate(bps)]


@pytest.mark.parametrize(
    "split",
    [
        [campaign_share(1, BPS)],
        [campaign_share(MAX_CAMPAIGN, BPS - 1), treasury_share(1)],
        _shares(BPS),
        _shares(1, 9_999),
        _shares(*[1] * 7, 9_993),
        _shares(*[1_250] * 8),
        # One campaign may have the number that is another receiver's address.
        [campaign_share(int(payee(0), 16), 5_000), account_share(payee(0), 5_000)],
    ],
    ids=["campaign", "last campaign", "one", "two", "eight", "eight equal", "same number"],
)
def test_register__good_split__is_read_back(registry, owner, split):
    assert registry.split(register(registry, owner, split=split)) == split


@pytest.mark.parametrize(
    ("split", "reason"),
    [
        ([], "split is empty"),
        (_shares(BPS - 1), "split does not sum to 10000 bps"),
        (_shares(BPS, 1), "split does not sum to 10000 bps"),
        (_shares(BPS + 1), "share is out of range"),
        (_shares(2**256 - 1, BPS, 1), "share is out of range"),
        (_shares(BPS, 0), "share is out of range"),
        (
            [account_share(payee(0), 5_000), account_share(payee(0), 5_000)],
            "share receiver is repeated",
        ),
        ([treasury_share(5_000), treasury_share(5_000)], "share receiver is repeated"),
        ([campaign_share(3, 5_000), campaign_share(3, 5_000)], "share receiver is repeated"),
        ([account_share(ZERO_ADDRESS, BPS)], "share receiver is wrong"),
        ([campaign_share(0, BPS)], "model names no dataset"),
        ([campaign_share(MAX_CAMPAIGN + 1, BPS)], "share receiver is wrong"),
        ([Share(0, payee(0), 0, BPS)], "share receiver is wrong"),
        (
            [Share(Receiver.ACCOUNT | Receiver.CAMPAIGN, payee(0), 1, BPS)],
            "share receiver is wrong",
        ),
        ([Share(Receiver.ACCOUNT, payee(0), 1, BPS)], "share receiver is wrong"),
        ([Share(Receiver.CAMPAIGN, payee(0), 1, BPS)], "share receiver is wrong"),
        ([Share(Receiver.TREASURY, payee(0), 0, BPS)], "share receiver is wrong"),
        ([Share(Receiver.TREASURY, ZERO_ADDRESS, 1, BPS)], "share receiver is wrong"),
    ],
)
def test_register__bad_split__reverts(registry, owner, split, reason):
    with boa.reverts(reason):
        register(registry, owner, split=split)


# --- views ---


def test_distribution__any_split__is_one_word_per_share(registry, owner):
    split = [treasury_share(5_000), account_share(payee(0), 3_000), campaign_share(9, 2_000)]
    lineage, words = registry.distribution(register(registry, owner, split=split))
    assert lineage == []
    assert words[0] >> 184 == 3
    words[0] &= 2**184 - 1
    receivers = (0, int(payee(0), 16), 9)
    assert words == [
        share.kind << 176 | share.bps << 160 | receiver
        for share, receiver in zip(split, receivers, strict=True)
    ]


@pytest.mark.parametrize("model_id", [0, 2, 2**256 - 1])
def test_views__unknown_model__say_so(registry, owner, model_id):
    register(registry, owner)
    assert not registry.exists(model_id)
    assert not registry.may_report_energy(model_id, owner)
    for view in (
        registry.model,
        registry.split,
        registry.ancestors,
        registry.parents,
        registry.model_name,
    ):
        with boa.reverts("unknown model"):
            view(model_id)


def test_model_of_digest__unknown_digest__is_zero(registry, owner):
    register(registry, owner)
    assert registry.model_of_digest(DIGEST) == 0


def test_model__later__keeps_its_time(registry, owner):
    registered_at = now()
    model_id = register(registry, owner)
    pass_time(1_000)
    assert registry.model(model_id).registered_at == registered_at


def test_may_report_energy__owner_and_recipient_of_the_grant_only(
    registry, models, grant_id, owner, builder, holder, stranger
):
    def allowed() -> list[bool]:
        return [
            registry.may_report_energy(model_id, who) for who in (builder, owner, holder, stranger)
        ]

    model_id = register(registry, builder, grant_id=grant_id, split=[])
    assert allowed() == [True, True, False, False]
    with boa.env.prank(owner):
        registry.transferFrom(owner, holder, model_id)
    assert allowed() == [True, False, True, False]
    models.grants.set_grant(grant_id, stranger, [])
    assert allowed() == [False, False, True, True]
    other = deploy("MockGrantSplits")
    with boa.env.prank(owner):
        registry.set_grants(other.address)
    assert allowed() == [False, False, True, False]
    with boa.env.prank(owner):
        registry.set_grants(models.grants.address)
    assert allowed() == [False, False, True, False]


def test_set_grants__the_same_again__reverts(registry, models, owner):
    """It would count as another one, and models of its grants would be no grant's."""
    with boa.env.prank(owner), boa.reverts("grants is the same"):
        registry.set_grants(models.grants.address)


def test_may_report_energy__registrant_that_sold__is_a_stranger(registry, builder, holder):
    model_id = register(registry, builder)
    with boa.env.prank(builder):
        registry.transferFrom(builder, holder, model_id)
    assert not registry.may_report_energy(model_id, builder)
    assert registry.may_report_energy(model_id, holder)


# --- set_grants ---


def test_set_grants__owner__asks_the_new_contract(registry, models, grant_id, owner, builder):
    old_id = register(registry, builder, grant_id=grant_id, split=[])
    split = registry.split(old_id)
    new_grants = deploy("MockGrantSplits")
    with boa.env.prank(owner):
        registry.set_grants(new_grants.address)
    assert event_rows(registry) == [("GrantsChanged", models.grants.address, new_grants.address)]
    assert registry.grants() == new_grants.address
    assert registry.split(old_id) == split
    with boa.reverts("caller may not register"):
        register(registry, builder, grant_id=grant_id, split=[])


@pytest.mark.parametrize("role", ["builder", "guardian", "stranger"])
def test_set_grants__not_the_owner__reverts(registry, request, role):
    with (
        boa.env.prank(request.getfixturevalue(role)),
        boa.reverts("caller is not the owner"),
    ):
        registry.set_grants(payee(0))


def test_set_grants__zero__reverts(registry, owner):
    with boa.env.prank(owner), boa.reverts("grants is zero"):
        registry.set_grants(ZERO_ADDRESS)
