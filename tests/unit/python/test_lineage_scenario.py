"""Scenarios of models made from each other: what they must say; the reference for their money."""

import pytest

from flywheel.errors import FlywheelError
from flywheel.models.kinds import ModelKind
from flywheel.models.lineage import TREASURY, Books, Link, Share
from flywheel.story import lineage_scenario, scenario

PATH = scenario.SCENARIOS / "lineages.yaml"


def test_load__the_lineages__are_30_models_and_more_with_sources():
    lineages = lineage_scenario.load(PATH)
    assert len(lineages.models) >= 30
    assert all(item.source.startswith("https://") and item.fact for item in lineages.models)
    kinds = {item.kind for item in lineages.models}
    assert {
        ModelKind.FOUNDATION,
        ModelKind.FINE_TUNE,
        ModelKind.MERGE,
        ModelKind.QUANTIZATION,
    } <= kinds
    assert all(len(item.revenue) == 12 for item in lineages.licensees)
    goliath = lineages.model("alpindale/goliath-120b")
    assert goliath.parents == ("Xwin-LM/Xwin-LM-70B-V0.1", "Sao10K/Euryale-1.3-L2-70B")
    assert {item.is_dao for item in lineages.models if item.kind == ModelKind.FOUNDATION} == {
        True,
        False,
    }
    assert lineages.is_own(
        "Phind/Phind-CodeLlama-34B-v1", lineages.model("Phind/Phind-CodeLlama-34B-v2")
    )
    assert not lineages.is_own("mosaicml/mpt-7b", lineages.model("mosaicml/mpt-7b-chat"))


def test_is_one__tells_the_two_kinds_of_scenarios_apart():
    kinds = {name: lineage_scenario.is_one(scenario.find(name)) for name in scenario.names()}
    assert [name for name, is_one in kinds.items() if is_one] == ["lineages"]
    assert not lineage_scenario.is_one(PATH.with_name("absent.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: quantization", "kind: copy", "write foundation, version, fine_tune"),
        (
            "[mosaicml/mpt-7b-chat]",
            "[mosaicml/mpt]",
            "the parent mosaicml/mpt, which does not stand",
        ),
        ("id: mosaicml/mpt-7b-instruct", "id: mosaicml/mpt-7b-chat", "is there twice"),
        ("family: falcon", "family: bird", "is of family 'bird'"),
        ("id: mosaicml/mpt-7b-instruct", "id: university/mpt", "is a supporter or licensee, too"),
        ("merge: 500, ", "", "is a merge, which teknium/OpenHermes-2.5-Mistral-7B does not allow"),
        ("merge: 800, ", "merge: 2600, ", "owes 78 %, at most 50 % is allowed"),
        ("floor_bps: 200", "floor_bps: 501", "a floor is 0 to 500 basis points"),
        ("protocol_fee_bps: 100", "protocol_fee_bps: 501", "the protocol fee is 0 to 500"),
        ("model: TheBloke/mpt-7b-chat-GGML", "model: x/y", "x/y, which is not among the models"),
        ("    owner: dao", "    owner: me", "write dao, or leave it out"),
        ("revenue: [", "revenue: [-1, ", "write an amount in whole units"),
    ],
)
def test_load__wrong_scenario__names_line_and_reason(tmp_path, old, new, said):
    text = PATH.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "wrong.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FlywheelError) as caught:
        lineage_scenario.load(path)
    assert said in str(caught.value)
    assert "wrong.yaml, line" in str(caught.value)


def test_books__a_chain_of_three__divides_each_payment_once():
    books = Books()
    base = books.add([], [Share("a", 10_000)])
    tuned = books.add([Link(base, 1_000)], [Share("b", 10_000)], 100)
    copy = books.add([Link(tuned, 2_000)], [Share("c", 10_000)], 100)
    books.pay(copy, 1_000_003)
    assert books.settle_all() == 3
    # 1 % for the Treasury; 20 %, of which a tenth for the base; nothing is taken twice.
    credits = {TREASURY: 10_000, "a": 20_000, "b": 180_000, "c": 790_000}
    assert dict(books.credits) == credits
    assert books.earnings[base].inherited == 20_000
    assert books.earnings[tuned].inherited == 180_000
    assert books.earnings[copy].passed_on == 200_000
    assert books.settle_all() == 0
    assert books.waiting() == books.waiting(copy) == 3
    books.pay(base, 10_007)
    assert books.settle(copy) is None
    assert books.settle(base).receivers == {"a": 10_000}


def test_books__a_floor__is_for_models_registered_after_it():
    books = Books()
    base = books.add([], [Share(TREASURY, 10_000)])
    before = books.add([Link(base, 100)], [Share("b", 10_000)])
    books.floors[base] = 300
    after = books.add([Link(base, 100)], [Share("c", 10_000)])
    assert (books.tables[before], books.tables[after]) == ({base: 100}, {base: 300})
    with pytest.raises(ValueError, match="ancestors exceed"):
        books.add([Link(base, 5_001)], [Share("d", 10_000)])
