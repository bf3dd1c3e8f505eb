"""Real lineages, registered, licensed, paid and divided: every income beside its reference."""

import json
from dataclasses import replace

import pytest

from flywheel import story
from flywheel.console.output import Output
from flywheel.royalties import router
from flywheel.story import lineage_scenario, scenario

USDC = 10**6
MERGE = "uukuguy/speechless-llama2-hermes-orca-platypus-wizardlm-13b"
COPY = "TheBloke/mpt-7b-chat-GGML"


@pytest.fixture
def play(accounts, tmp_path):
    """Plays lineages; returns (summary, suite)."""

    def run(lineages):
        output = Output("csv")
        played = story.Play(lineages.story, list(accounts), output, tmp_path, lineages.makers)
        return story.play_lineages(played, lineages), played.suite

    return run


def cut(names, months):
    """The lineages of the models of that `names`, with some months of their licensees' revenue."""
    full = lineage_scenario.load(scenario.SCENARIOS / "lineages.yaml")
    kept = set(names)
    for item in reversed(full.models):
        if item.name in kept:
            kept |= set(item.parents)
    licensees = tuple(
        replace(item, revenue=item.revenue[:months])
        for item in full.licensees
        if full.licensed[item.name] in names
    )
    return replace(
        full,
        story=replace(full.story, licensees=licensees),
        models=tuple(item for item in full.models if item.name in kept),
        licensed={item.name: full.licensed[item.name] for item in licensees},
    )


def test_lineages__a_deep_merge_and_a_copy__pay_every_ancestor_to_the_unit(play):
    """A merge of three that is four generations deep, and a copy of a model of the DAO's model."""
    few = cut({MERGE, COPY}, 3)
    summary, suite = play(few)
    assert summary["conserved"] is True
    assert summary["models"] == 10
    # To derive: 8 in the merge's lineage, where one parent is the maker's own, and 2 that are free.
    assert summary["licences"] == 8 + 2 + 2
    assert summary["income_by_model"]["meta-llama/Llama-2-13b-hf"]["paid"] == 4 * 500 * USDC
    # Licence, three months of 7 % and at least 250, and the licences to derive, all to the end.
    royalties_due = sum(
        max(250 * USDC, -(-revenue * 700 // 10_000))
        for item in few.licensees
        for revenue in item.revenue
    )
    licences_to_derive = 8 * 500 * USDC
    expected = 2 * 1_000 * USDC + royalties_due + licences_to_derive
    shared = sum(summary["income_by_owner"].values())
    assert summary["paid"] == expected == shared + summary["waiting"]
    # Less than a block of either kind for each model.
    assert 0 <= summary["waiting"] < 2 * 10_000 * summary["models"]
    # The floor of 2 % is more than 5 % of 12 %.
    ids = {suite.registry.model_name(number): number for number in range(1, 11)}
    dao, chat, copy = ids["mosaicml/mpt-7b"], ids["mosaicml/mpt-7b-chat"], ids[COPY]
    owed = {item.model_id: item.share_bps for item in suite.registry.ancestors(copy)}
    assert owed == {dao: 200, chat: 1_140}


@pytest.mark.deep
def test_lineages__a_settlement_that_loses_a_unit__does_not_add_up(play, monkeypatch):
    """The reference is no echo: what the chain said, less one unit, is found at each place."""
    honest = router.settle

    def lossy(suite, caller, model_id, asset):
        done = honest(suite, caller, model_id, asset)
        parts = {key: part - 1 for key, part in done.ancestors.items()}
        return replace(done, ancestors=parts)

    monkeypatch.setattr(router, "settle", lossy)
    summary, _ = play(cut({COPY}, 1))
    assert summary["conserved"] is False


@pytest.mark.deep
def test_demo_command__lineages__adds_up_and_exits_0(tmp_path, run_script):
    result = run_script("demo", "--scenario", "lineages", "--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["conserved"] is True
    assert summary["models"] == 61
