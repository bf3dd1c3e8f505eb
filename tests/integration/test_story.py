"""The whole wheel, from the first contribution to the last claim, as the demo plays it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from flywheel import statement
from flywheel.deploy.parameters import FIRST_ROUND_PURPOSE
from flywheel.energy.figures import Phase
from flywheel.errors import FlywheelError
from flywheel.governance import proposals
from flywheel.governance.effects import of_actions, of_proposal
from flywheel.grants import energy
from flywheel.models.kinds import ModelKind
from flywheel.rewards import campaigns, claims, earnings, publication, shares, verifying
from flywheel.rewards.inputs import JobFiles
from flywheel.states import GrantKind, GrantState, Support
from flywheel.story import scenario
from flywheel.treasury import assets

USDC = 10**6

# A tenth of the real job: the stories need contributors, not all 825 of them.
LABELS = "data/adult-content-labels/labels.csv"


@pytest.fixture(scope="session")
def few_labels(tmp_path_factory) -> Path:
    """The first 3,000 judgements of the real job."""
    path = tmp_path_factory.mktemp("labels") / "labels.csv"
    lines = (scenario.ROOT / LABELS).read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:3_001]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def tale(few_labels):
    """MPT-7B with three months of revenue and fewer contributors."""
    full = scenario.load("mpt-7b")
    return replace(
        full,
        dataset=replace(full.dataset, labels=few_labels),
        licensees=tuple(replace(item, revenue=item.revenue[:3]) for item in full.licensees),
    )


@pytest.fixture(scope="module")
def mpt_7b(play_once, tale):
    """(summary, play) of that story: each test that looks at it may go on from its end."""
    return play_once(tale)


def with_votes(tale, votes):
    """`tale` with other ballots: name -> choice; who is not named does not vote."""
    return replace(
        tale,
        supporters=tuple(replace(item, vote=votes.get(item.name)) for item in tale.supporters),
    )


def test_story__mpt_7b__adds_up_and_matches_its_sources(mpt_7b):
    summary, played = mpt_7b
    assert summary["conserved"] is True
    assert summary["raised"] == 282_908_333_332
    assert summary["tokens_minted"] == 282_908_333_332 * 10**18 // 100_000
    # 440 A100 for 9.5 days: 60,192 h at 1.95 and 40,128 h at 2.05.
    assert summary["compute_paid"] == 199_636_800_000
    assert summary["grant_paid"] == 45_000 * USDC
    # 100,320 GPU-hours x 400 W x PUE 1.1; 60 % of them at 385 g/kWh, 40 % at 57 g/kWh.
    assert summary["energy_wh"] == 100_320 * 440
    # Three reports round up, for two providers each.
    exact = (60_192 * 440 * 385 + 40_128 * 440 * 57) / 1_000
    assert exact <= summary["emissions_grams"] < exact + 6
    assert summary["model_id"] == 1
    # Two fees, three months of 5 %, at least 500 each.
    months = (
        [42_000_000_000, 47_500_000_000, 51_250_550_000],
        [0, 1_200_000_000, 4_500_000_000],
    )
    dues = sum(max(500 * USDC, -(-revenue // 20)) for months_ in months for revenue in months_)
    assert summary["royalties_paid"] == 2 * 5_000 * USDC + dues
    assert summary["contributors_paid"] > 50
    # Roundings of pots, and less than a block of 10,000 units of either kind in the router.
    assert 0 <= summary["residue"] < 100 + 2 * 10_000
    suite = played.suite
    assert suite.registry.ownerOf(1) == suite.timelock.address
    assert suite.grants.state(1) == GrantState.COMPLETED
    _check_statement(suite)


def _check_statement(suite):
    """I22: events alone tell every balance; one event less, and the difference is named."""
    events = statement.fetch(suite)
    book = statement.rebuild(events)
    assert list(map(str, statement.differences(suite, book))) == []
    # Of terms no figure is kept, nobody had a bond or a dispute, and no round was wound down.
    without = {"LicenseCatalog", "LicenseEnforcement", "Redemptions"}
    assert set(statement.summary(book)) == set(statement.entries.APPLIERS) - without
    for name in ("IncomeReceived", "IncomeClaimed", "TokensClaimed", "Withdrawn", "RewardClaimed"):
        lost = next(event for event in events if event.name == name)
        less = statement.rebuild([event for event in events if event is not lost])
        assert next(statement.differences(suite, less)).key[0] == lost.contract
    asset, last = str(suite.asset.address), suite.token.epoch_at(events[-1].timestamp)
    closing = 0
    for epoch in range(1, last + 1):
        start, end = suite.token.epoch_start(epoch), suite.token.epoch_start(epoch + 1)
        lines = statement.epoch_report(events, asset, start, end)
        opening, movements, notes = (
            [line.amount for line in lines if line.kind == kind]
            for kind in ("balance", "movement", "note")
        )
        assert opening[0] == closing
        closing = opening[1]
        assert opening[0] + sum(movements) == closing
        assert all(amount >= 0 for amount in notes)
    assert closing == suite.treasury.accounted(asset)


def test_story__contributors__are_paid_in_proportion_to_their_points(mpt_7b, few_labels):
    _, played = mpt_7b
    files = JobFiles(few_labels, gold=played.scenario.dataset.gold)
    points = earnings.earn(files).points
    pool, everything = played.ledger.contributors_claimed, sum(points.values())
    accounts = shares.addresses_of(points)
    for worker, number in points.items():
        exact = pool * number / everything
        paid = played.ledger.contributors.get(accounts[worker], 0)
        assert abs(paid - exact) <= 1, worker
    _publish_again(played, files)


def _publish_again(played, files):
    """A second drop shares what came since; the first stays as it is."""
    suite, keeper, folder = played.suite, played.keeper, played.folder
    first, second = folder / "campaign-1", folder / "campaign-1-second"
    with pytest.raises(FlywheelError, match="has nothing to share"):
        campaigns.build(suite, 1, files, second)
    assets.mint_test_money(suite, str(keeper.address), 1_000_003, keeper)
    assets.allow(suite, keeper, suite.rewards, 1_000_003)
    suite.rewards.fund(1, suite.asset.address, 1_000_003, sender=keeper)
    campaigns.build(suite, 1, files, second)
    tree = publication.recompute_root(second)
    assert tree.total == 1_000_003
    publisher = played.actor("publisher")
    with pytest.raises(FlywheelError, match="changed while it was looked at"):
        campaigns.publish(suite, publisher, tree, first, "ipfs://first")
    with pytest.raises(
        FlywheelError, match="is on the chain already, as drop 1 of campaign 1: ACTIVE"
    ):
        campaigns.publish(
            suite, publisher, publication.recompute_root(first), first, "ipfs://first"
        )
    opens_at = campaigns.publish(suite, publisher, tree, second, "ipfs://second")
    assert [drop.state for drop in campaigns.drops(suite, 1)] == ["PENDING", "ACTIVE"]
    everybody = [item for item, _ in tree.items()]
    assert all(
        "and claimed then" in reason for reason in claims.waiting(suite, [second], everybody[:2])[1]
    )
    played.pass_to(opens_at)
    campaigns.activate(suite, keeper, tree.domain)
    _put_odd_folders(second)
    places = claims.publications([first, second.parent])
    assert len(places) == 5
    found, reasons = claims.waiting(suite, places, [*everybody[:40], *everybody[:40]])
    assert len(found) == 40
    paid, others = (
        [text for text in reasons if ("was paid already" in text) == wanted]
        for wanted in (True, False)
    )
    assert len(paid) == 40
    assert all("drop 1 of campaign 1 was paid already" in reason for reason in paid)
    assert len(others) == 2
    # Of the first everybody is paid.
    assert [item.root for item in claims.payable(suite, places)[0]] == [tree.root]
    some = claims.pay(suite, keeper, found)
    assert len(some) == 40
    rest = claims.pay_all(suite, keeper, tree)
    assert sum(some.values()) + sum(rest.values()) == 1_000_003
    assert claims.waiting(suite, [second], everybody[:3])[0] == []
    _verify(suite, second)


def _put_odd_folders(folder):
    """Beside a publication: a copy of it, one that is damaged, and one of another deployment."""
    shutil.copytree(folder, folder.with_name("copy"))
    damaged = folder.with_name("damaged")
    damaged.mkdir()
    (damaged / publication.MANIFEST_FILE).write_text("{}")
    tree = publication.recompute_root(folder)
    foreign = replace(tree.domain, chain_id=1)
    publication.publish(folder.with_name("foreign"), foreign, dict(tree.items()))


def _verify(suite, folder):
    """What is published is what the chain has, until somebody changes a file of it."""
    found = dict(verifying.verify(suite, folder))
    assert found["On the chain"].startswith("ACTIVE, with this root")
    assert found["Publisher's word"].startswith("addresses, gold, labels, rule: nothing proves")
    path = folder / "inputs" / "gold.csv"
    before = path.read_text()
    path.write_text(before.replace(",G", ",X", 1))
    with pytest.raises(FlywheelError, match=r"gold\.csv is not the file that its manifest names"):
        verifying.verify(suite, folder)
    path.write_text(before)
    manifest = folder / publication.MANIFEST_FILE
    manifest.write_text(manifest.read_text() + "\n")
    with pytest.raises(FlywheelError, match="The hash of the manifest of"):
        verifying.verify(suite, folder)


@pytest.mark.deep
def test_story__other_price__still_adds_up(play, tale):
    suite = replace(
        tale.suite,
        round_cap=10**24,
        genesis_round=replace(tale.suite.genesis_round, price=333_333),
    )
    summary, _ = play(replace(tale, suite=suite))
    assert summary["conserved"] is True
    assert summary["tokens_minted"] == 282_908_333_332 * 10**18 // 333_333
    assert summary["holders_claimed"] > 0


@pytest.mark.deep
def test_story__floor_for_the_grants__is_filled_before_holders_are_paid(play, tale):
    floor = 1_000 * USDC
    summary, played = play(replace(tale, suite=replace(tale.suite, holders_floor=floor)))
    assert summary["conserved"] is True
    treasury = played.suite.treasury
    skipped = [log for log in treasury.HoldersSkipped if log.amount]
    assert skipped
    assert all(log.grants_free < floor == log.holders_floor for log in skipped)
    # Once it is filled, nobody draws on it, and holders get their part.
    closed = {log.epoch: log.to_holders for log in treasury.EpochClosed}
    assert {epoch for epoch, part in closed.items() if not part} == {log.epoch for log in skipped}
    assert summary["holders_claimed"] > 0
    assert max(log.epoch for log in skipped) < max(closed)


@pytest.mark.deep
def test_story__three_per_cent_vote__grant_is_not_approved(play, tale):
    # 85,000 of 2,829,083 tokens: 3 %, all in favour.
    votes = {"researcher": Support.FOR, "doctor": Support.FOR}
    summary, played = play(with_votes(tale, votes))
    assert summary["conserved"] is True
    assert summary["grant_paid"] == summary["model_id"] == summary["royalties_paid"] == 0
    suite = played.suite
    purpose = tale.suite.genesis_round.purpose
    assert suite.treasury.free(purpose, suite.asset.address) == summary["raised"]
    assert suite.grants.state(1) == GrantState.APPLIED
    _propose_under_a_false_title(played)


def _propose_under_a_false_title(played):
    """The proposer's words are not what voters are shown."""
    suite, thief = played.suite, played.actor("anchor-fund")
    spend = proposals.action(
        suite.treasury,
        "spend",
        FIRST_ROUND_PURPOSE,
        suite.asset.address,
        thief.address,
        1,
        words="offer licences of model 1",
    )
    unknown = proposals.Action(str(thief.address), b"\x12\x34\x56\x78", "nothing at all")
    proposal = proposals.propose(suite, thief, "Licences of model 1", [spend, unknown])
    shown = proposals.describe(suite, proposal)
    assert shown[0].startswith("pay 0.000001 USDC of 'models' (3) to ")
    assert shown[0].endswith(str(thief.address))
    assert shown[1].startswith("UNKNOWN CALL to ")
    assert proposal.description.endswith(f"#proposer={thief.address}")
    approved = proposals.describe(suite, proposals.history(suite)[0])
    # It is more than a quarter of what the round brought.
    assert approved[0].startswith("BEYOND THE CAP of ordinary votes, approve grant 1: ")
    _try_on_the_embedded_chain(suite, proposal, thief)


def _try_on_the_embedded_chain(suite, proposal, thief):
    """What a proposal would change, on a copy of the state that nothing is written back from."""
    before = suite.asset.balanceOf(thief.address)
    effects = of_proposal(suite, proposal)
    assert effects.failed is None
    changed = {(item.where, item.what): (item.before, item.after) for item in effects.changes}
    assert changed[str(thief.address), "holds"] == (suite.money(before), suite.money(before + 1))
    assert suite.asset.balanceOf(thief.address) == before
    purpose, asset = FIRST_ROUND_PURPOSE, suite.asset.address
    more = int(suite.treasury.free(purpose, asset)) + 1
    spend = proposals.action(
        suite.treasury, "spend", purpose, asset, thief.address, more, words="too much"
    )
    effects = of_actions(suite, [spend])
    assert (effects.failed, effects.reason) == (1, "spend is above the cap")


@pytest.mark.deep
def test_story__rejected_grant__money_stays_in_the_treasury(play, tale):
    votes = {item.name: Support.AGAINST for item in tale.supporters}
    summary, played = play(with_votes(tale, votes))
    assert summary["conserved"] is True
    assert summary["grant_paid"] == 0
    suite = played.suite
    assert suite.asset.balanceOf(suite.treasury.address) == summary["raised"]


@pytest.mark.deep
def test_story__failed_milestone__is_resubmitted_and_paid(play, few_labels):
    full = scenario.load("open-20b")
    tale = replace(
        full,
        dataset=replace(full.dataset, labels=few_labels),
        licensees=tuple(replace(item, revenue=item.revenue[:2]) for item in full.licensees),
    )
    summary, played = play(tale)
    assert summary["conserved"] is True
    assert summary["raised"] == 25_000_000 * USDC
    assert summary["grant_paid"] == 15_000_000 * USDC
    assert played.suite.grants.milestone(1, 2).submission == 2
    assert played.suite.grants.milestone(1, 1).submission == 1


def test_story__small_model__costs_what_its_sources_say(play):
    full = scenario.load("small-model")
    tale = replace(
        full, licensees=tuple(replace(item, revenue=item.revenue[:2]) for item in full.licensees)
    )
    summary, played = play(tale)
    assert summary["conserved"] is True
    suite, ledger = played.suite, played.ledger
    training, serving = ledger.spent(GrantKind.TRAINING), ledger.spent(GrantKind.SERVING)
    # Three runs of 384 GPU-hours at 2.00.
    assert training.compute_paid == 1_152 * 2 * USDC
    # Three reports round up.
    assert 1_152 * 440 <= training.energy_wh < 1_152 * 440 + 3
    assert training.paid == 7_000 * USDC
    assert serving.paid == 3_600 * USDC
    # 1.95 / (495 tokens a second x 40 % x 3,600) = 2.7357 a million.
    tokens = tale.serving.tokens(serving.gpu_seconds())
    assert serving.compute_paid * 10**6 // tokens == 2_735_690
    # Two machines of 90 days, but for the ten minutes before each lease and the days of votes.
    assert 0.98 < serving.gpu_seconds() / (2 * 92 * 86_400) < 1
    _check_small_lineage(suite, ledger)
    _check_footprints(suite)


def _check_small_lineage(suite, ledger):
    """The fine-tune owes its base 3 % of what it is paid, and the licence's fee went there."""
    assert suite.registry.model(2).kind == ModelKind.FINE_TUNE
    (parent,) = suite.registry.parents(2)
    assert (parent.model_id, parent.share_bps) == (1, 300)
    assert suite.registry.ownerOf(2) == suite.timelock.address
    (approved,) = proposals.describe(suite, proposals.history(suite)[0])
    assert "goes up to 3 % to their ancestors, of the rest 70 % to the Treasury" in approved
    of_fine_tune = ledger.settled - ledger.base_claimed
    fee = 250 * USDC
    assert ledger.base_claimed == fee + (of_fine_tune + ledger.base_claimed - fee) * 300 // 10_000


def _check_footprints(suite):
    base = energy.footprint(suite, energy.SubjectKind.MODEL, 1, Phase.TRAINING)
    assert (base.energy_wh, base.emissions_grams) == (100_320 * 440, 16_994_208)
    tuned = energy.footprint(suite, energy.SubjectKind.MILESTONE, 1, Phase.TRAINING)
    exact = 1_152 * 440 * 57 / 1_000
    assert exact <= tuned.emissions_grams < exact + 3
    assert energy.footprint_with_ancestors(suite, 2) == base
    # 10^6 / (495 x 40 %) seconds of a GPU at 440 W; 57 g/kWh.
    rate = energy.footprint(suite, energy.SubjectKind.MILESTONE, 2, Phase.SERVING)
    assert (rate.energy_wh, rate.emissions_grams) == (618, 36)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("  split: {treas", "  stops_after: 1\n  split: {treas", "no model without a grant"),
        ("gpus: 2, region", "gpus: 3, region", "more than is unlocked"),
        ("  maker: mosaic-lab", "  maker: novelist", "the name 'novelist' is used twice"),
    ],
)
def test_load__serving_that_cannot_be_played__says_why(tmp_path, before, after, reason):
    path = tmp_path / "wrong.yaml"
    text = (scenario.SCENARIOS / "small-model.yaml").read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(FlywheelError, match=r"wrong\.yaml") as caught:
        scenario.load(str(path))
    assert reason in str(caught.value)


def test_story__failed_round__refunds_everybody_in_full(play):
    tale = scenario.load("failed-round")
    summary, played = play(tale)
    assert summary["conserved"] is True
    assert summary["tokens_minted"] == 0
    assert summary["refunded"] == summary["raised"] == 140_358_333_332
    for supporter in tale.supporters:
        held = played.suite.asset.balanceOf(played.address(supporter.name))
        assert held == supporter.contribution


def test_story__over_subscribed_round__pays_the_surplus_back_and_vests(play):
    tale = scenario.load("oversubscribed")
    summary, played = play(tale)
    assert summary["conserved"] is True
    raised, cap = summary["raised"], 300_000 * USDC
    assert raised == 510_358_333_332
    used = {item.name: item.contribution * cap // raised for item in tale.supporters}
    assert summary["refunded"] == raised - sum(used.values())
    assert summary["tokens_minted"] == cap * 10**18 // 100_000
    suite = played.suite
    assert suite.rounds.round(1).terms.allow_list_root != bytes(32)
    for item in tale.supporters:
        address = played.address(item.name)
        assert suite.asset.balanceOf(address) == item.contribution - used[item.name]
        assert suite.token.balanceOf(address) == used[item.name] * 10**18 // 100_000
    assert suite.asset.balanceOf(suite.treasury.address) == cap - (len(used) - 1)
    # What rounding left over: a unit at most for each of the others.
    assert 0 <= summary["residue"] < len(used)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (
            "    window: 30 days",
            f'    window: 30 days\n    allow_list_root: "0x{"1" * 64}"',
            "write 'allow_list: supporters' instead",
        ),
        ("allow_list: supporters", "allow_list: everybody", "write 'supporters'"),
        ("{length: 365 days}", "{cliff: 400 days, length: 365 days}", "cliff is longer"),
    ],
)
def test_load__round_that_cannot_be_played__names_file_and_reason(tmp_path, before, after, reason):
    path = tmp_path / "wrong.yaml"
    text = (scenario.SCENARIOS / "oversubscribed.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(FlywheelError, match=r"wrong\.yaml") as caught:
        scenario.load(str(path))
    assert reason in str(caught.value)


def test_load__vesting_with_a_grant__names_line_and_reason(tmp_path):
    path = tmp_path / "wrong.yaml"
    text = (scenario.SCENARIOS / "mpt-7b.yaml").read_text(encoding="utf-8")
    path.write_text(
        text.replace(
            "    window: ", "    mode: pro rata\n    vesting: {length: 365 days}\n    window: ", 1
        ),
        encoding="utf-8",
    )
    with pytest.raises(FlywheelError, match=r"wrong\.yaml, line \d+: .*ends with its claims"):
        scenario.load(str(path))


def test_demo_command__writes_a_summary_and_exits_0(tmp_path, run_script):
    result = run_script("demo", "--scenario", "failed-round", "--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["conserved"] is True
    assert {
        "raised",
        "tokens_minted",
        "grant_paid",
        "model_id",
        "royalties_paid",
        "treasury_income",
        "holders_claimed",
        "builders_claimed",
        "compute_paid",
        "contributors_claimed",
        "energy_wh",
        "emissions_grams",
        "residue",
        "conserved",
    } <= set(summary)


def test_demo_command__that_does_not_add_up__exits_1(tmp_path, run_script, monkeypatch):
    """The money that a supporter is refunded vanishes from the balance sheet's view."""
    from flywheel.funding import rounds

    honest = rounds.refund
    monkeypatch.setattr(rounds, "refund", lambda *args: honest(*args) - 1)
    result = run_script("demo", "--scenario", "failed-round", "--out", str(tmp_path))
    assert result.exit_code == 1
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["conserved"] is False
    assert "DOES NOT ADD UP" in result.output


def test_demo_command__wrong_scenario__names_line_and_reason(tmp_path, run_script):
    path = tmp_path / "wrong.yaml"
    text = (scenario.SCENARIOS / "failed-round.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("holders_bps: 4000", "holders_bps: 9000"), encoding="utf-8")
    result = run_script("demo", "--scenario", str(path))
    assert result.exit_code == 1
    assert "wrong.yaml, line" in result.output
    assert "holders get 0 to 5000" in result.output
