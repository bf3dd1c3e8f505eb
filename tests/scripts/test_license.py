"""A licensee's life: terms from files, a licence bought, proven, late, cured, passed on, ended."""

import csv
import io

import pytest
import yaml

from flywheel.chain import connection
from flywheel.governance import named
from flywheel.licensing import licenses, offer_terms
from flywheel.models.kinds import KINDS
from flywheel.treasury import assets
from tests.scripts import nodes
from tests.scripts.license_shop import LEGAL, LICENSEE, OTHER, OWNER, USDC, address, by_vote
from tests.scripts.nodes import shown, units
from tests.scripts.safe_app import SAFE, record, send_as_the_safe
from tests.support import DAY, ROOT

pytestmark = pytest.mark.usefixtures("shop_again")

# --- terms ---


def test_terms__shown_as_a_table__is_what_was_offered(shop):
    first, second = shown(shop, "license terms $M")
    assert (first["fee"], first["bond"], first["share"]) == (
        units("25,000 USDC"),
        units("30,000 USDC"),
        500,
    )
    assert (second["fee"], second["period"], second["term"]) == (
        units("100 USDC"),
        30 * 86_400,
        None,
    )
    assert second["on_offer"]
    rows = list(csv.DictReader(io.StringIO(shop.succeed("license terms show $M --format csv"))))
    assert [row["terms"] for row in rows] == ["1", "2"]
    assert shown(shop, "license terms --model 2 $M") == []


def test_terms__one_in_full__is_said_in_words(shop):
    said = shown(shop, "license terms 2 $M")
    assert said["royalty"] == "5 % of revenue, at least 200 USDC per 30 days"
    assert said["late"].startswith("36 % interest a year")
    assert said["may_be_derived"].startswith("version (10 % of what it earns), fine-tune (10 %")
    with shop.suite() as suite:
        assert bytes(suite.catalog.terms(2).legal_hash).hex() == said["its_keccak256"][2:]
    # A preset says the same before it is offered.
    draft = shown(shop, "license terms show enterprise $M")
    assert draft["royalty"] == "5 % of revenue, at least 5,000 USDC per 90 days"
    assert draft["legal_text"].startswith("to be given")


def test_presets__all__are_listed_and_accepted_by_the_catalog(shop):
    names = [row["preset"] for row in shown(shop, "license terms presets $M")]
    tiers = ["enterprise", "enterprise-large", "enterprise-mid"]
    assert sorted(names) == sorted(["api", "derivative", *tiers, "research", "startup"])
    for number, name in enumerate(names, start=3):
        field = f"--field-of-use 'as {name}'"
        line = f"license terms offer {name} --model 1 {LEGAL} {field} $N --account TEST::3"
        assert shown(shop, line)["terms"] == number


def test_offer__of_a_model_of_the_dao__is_an_action_that_a_vote_takes(shop, tmp_path):
    path = tmp_path / "votes" / "offer.yaml"
    line = f"license terms offer derivative --model 2 {LEGAL} --out {path}"
    assert shown(shop, f"{line} $M --dry-run")["written_to"] == "not in a dry run"
    assert not path.exists()
    said = shown(shop, f"{line} $M")
    assert said["next"] == f"ape run vote propose {path}"
    with shop.suite() as suite:
        title, _, (action,) = named.read(suite, path)
        assert title == "Licences of model 2, Given-7B"
        legal = {"legal_uri": "ipfs://licence", "legal_text": str(ROOT / "LICENSE")}
        preset = offer_terms.path_of("derivative")
        terms = offer_terms.load(preset, assets.unit_of(suite), 2, legal)
        again = licenses.offer(suite, terms)
        assert (action.target, action.calldata) == (again.target, again.calldata)
        assert dict(terms.derivation_bps)[KINDS.index("fine_tune")] == 1_000


def test_retire__ends_the_offer_or_names_the_vote(shop):
    shop.succeed("license terms retire 2 $N --account TEST::3")
    assert [row["terms"] for row in shown(shop, "license terms $M")] == [1]
    assert [row["on_offer"] for row in shown(shop, "license terms --all $M")] == [True, False]
    assert "not on offer" in shop.refuse("license buy 2 $N --account TEST::6")
    with shop.suite() as suite:
        from ape import accounts

        method = connection.method(suite.registry, "transferFrom")
        owner = accounts.test_accounts[OWNER]
        connection.send(method, owner, suite.timelock, 1, sender=owner)
    said = shown(shop, "license terms retire 1 $M")
    assert said["next"] == "ape run vote propose-call LicenseCatalog.retire_terms terms_id=1"


def test_offer__from_a_file__may_be_in_another_asset(shop, tmp_path):
    path = tmp_path / "terms.yaml"
    path.write_text(
        "terms:\n  asset: FLY\n  fee: 12.5 FLY\n  share: 5 %\n  period: 30 days\n"
        "  grace: 10 days\n  minimum: 0.5 FLY\n"
        "  legal_uri: ipfs://x\n  legal_text: text.md\n"
    )
    (tmp_path / "text.md").write_text("Do as you like.")
    line = f"license terms offer {path} --model 1 $N --account TEST::3"
    assert "asset is not accepted" in shop.refuse(line)
    assert shown(shop, f"license quote {path} $M")["to_have_ready"] == units("13 FLY")
    with shop.suite() as suite:
        token, owner = suite.token, address(LICENSEE)
        by_vote(
            shop,
            (suite.treasury, suite.treasury.accept_asset.encode_input(token)),
            (token, token.set_minter.encode_input(suite.timelock, 20 * 10**18)),
            (token, token.mint.encode_input(owner, 20 * 10**18)),
        )
    shop.succeed(line)
    # Its amounts have 18 decimals, and what pays them is the token.
    assert shown(shop, "license buy 3 $N --account TEST::6")["paid"] == units("12.5 FLY")
    shop.succeed("devnet pass-time '30 days' $N")
    rows = tmp_path / "rows.csv"
    rows.write_text("license,period,revenue\n1,1,99.5\n")
    (row,) = shown(shop, f"royalty batch {rows} $N --account TEST::6")
    assert (row["due"], row["paid"]) == (units("4.975 FLY"), units("4.975 FLY"))
    with shop.suite() as suite:
        assert suite.token.balanceOf(address(LICENSEE)) == 2_525 * 10**15
    path.write_text(path.read_text().replace("12.5 FLY", "12.5 USDC"))
    assert "line 3: terms.fee: '12.5 USDC' is not in FLY" in shop.refuse(line)


# --- buying ---


def test_quote__says_what_to_have_ready_and_why(shop):
    said = shown(shop, "license quote 2 --revenue 10_000 $M")
    assert (said["at_once"], said["a_period"]) == (units("400 USDC"), units("500 USDC"))
    assert said["why"] == "share: 5 % of 10,000 USDC is 500 USDC"
    assert (said["to_have_ready"], said["asset"]) == (units("900 USDC"), "USDC")
    least = shown(shop, "license quote 2 --revenue 10 $M")
    assert least["why"] == "share: 5 % of 10 USDC is 0.5 USDC; the minimum is 200 USDC"
    metered = shown(shop, "license quote api --units 3_000_000 $M")
    assert (metered["a_period"], metered["at_once"]) == (units("600 USDC"), units("1,000 USDC"))


def test_buy__presents_the_licence(shop):
    said = shown(shop, "license buy 2 $N --account TEST::6 --max-cost 400")
    assert (said["licence"], said["paid"], said["presented"]) == (1, units("400 USDC"), True)
    verdict = shown(shop, f"license verify 1 {address(LICENSEE)} $M")
    assert (verdict["licensed"], verdict["licence"]) == (True, 1)
    (row,) = shown(shop, "license status --for TEST::6 $M")
    assert (row["licence"], row["standing"], row["presented"]) == (1, "good", True)
    assert (row["outstanding"], row["bond"], row["ends"]) == (
        0,
        units("300 USDC"),
        None,
    )


def test_buy__not_presented__is_not_verified_until_it_is(shop):
    line = "license buy 2 --no-present $N --account TEST::7"
    assert not shown(shop, line)["presented"]
    verify = f"license verify 1 {address(OTHER)} $M"
    result = shop.run(f"{verify} --format json")
    assert result.exit_code == 1
    why_not = nodes.result_of(result.stdout)["why_not"]
    assert "but was not presented by then: its holder calls present(" in why_not
    assert "'ape run license present " in why_not
    refused = shop.refuse("license present 1 $N --account TEST::6")
    assert "caller is not the licensee" in refused
    shop.succeed("license present 1 $N --account TEST::7")
    assert shown(shop, verify)["licensed"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("buy 2 --max-cost 399.999999", "Raise --max-cost"),
        ("buy 9", "unknown terms. See what is on offer with 'ape run license terms show'."),
        ("buy 2 --max-cost '1 EUR'", "'1 EUR' is not in USDC"),
        ("terms offer enterprise --model 7 " + LEGAL, "There is no model 7. Models 1 to 2 exist"),
        ("terms offer enterprise --model 1 " + LEGAL, "Model 1 belongs to 0x"),
        ("terms offer api --model 1", "Give its address with --legal-uri"),
        ("terms offer api --model 1 --legal-uri x", "Give the file with --legal-text"),
        ("terms offer api --model 1 --fee 1e3 " + LEGAL, "--fee: '1e3' is not an amount"),
        ("terms offer api --model 2 --grace '40 days' " + LEGAL, "grace is longer than a period"),
        ("terms retire 1", "Only its account offers and retires terms"),
        ("renew 1", "There is no licence 1"),
        ("present 1", "The chain refused: caller is not the licensee."),
        ("enforce 1", "There is no licence 1"),
        ("refund", "Nothing waits for 0x"),
        ("end-sublicense 3", "The chain refused: unknown sublicense."),
    ],
)
def test_refusal__says_what_to_do(shop, line, said):
    assert said in shop.refuse(f"license {line} $N --account TEST::9")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("quote best", "There are no terms 'best'. Name a YAML file or one of api"),
        ("terms show 9", "The chain refused: unknown terms."),
        ("verify 1 somebody", "'somebody' is no address"),
        (f"verify 1 {'0x' + '11' * 20} --kind fork", "'fork' is no kind of model"),
        (f"verify 1 {'0x' + '11' * 20} --at soon", "'soon' is no time"),
        (f"verify 1 {'0x' + '11' * 20} --at 2999-01-01", "is not in the past"),
        (f"verify 8 {'0x' + '11' * 20}", "There is no model 8"),
        ("status", "Give its number, or --for ACCOUNT"),
        ("status 1 --for TEST::6", "Give its number, or --for ACCOUNT"),
    ],
)
def test_refusal__of_a_question__says_what_to_do(shop, line, said):
    assert said in shop.refuse(f"license {line} $M")


# --- late, cured, ended ---


def test_status__says_what_is_due_next(licence):
    said = shown(licence, "license status 1 $M")
    assert (said["next_period"], said["next"]) == (1, "nothing")
    licence.succeed("devnet pass-time '30 days' $N")
    assert "'ape run royalty report 1 REVENUE' for period 1" in licence.succeed(
        "license status 1 $M --format csv"
    )


def test_enforce__missing_report__is_paid_from_the_bond_and_cured(licence):
    assert "nothing to enforce" in licence.refuse("license enforce 1 $N --account TEST::9")
    licence.succeed("devnet pass-time '41 days' $N")
    verify = f"license verify 1 {address(LICENSEE)} $M --format json"
    late = licence.run(verify)
    assert late.exit_code == 1
    assert "is out of good standing since" in nodes.result_of(late.stdout)["why_not"]
    said = shown(licence, "license enforce 1 $N --account TEST::9")
    assert said["periods_estimated"] == 1
    # The minimum for a day at 36 % a year is on top.
    assert said["paid_from_the_bond"] // 10_000 == 20_019
    # An estimate makes a debt; only the licensee's own report ends its lateness.
    assert licence.run(verify).exit_code == 1
    licence.succeed("royalty report 1 0 $N --account TEST::6")
    assert licence.run(verify).exit_code == 0
    status = shown(licence, "license status 1 $M")
    assert (status["in_good_standing"], status["periods_reported"]) == (True, 1)
    # What is over stays known.
    then = int(licence.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16) - DAY // 2
    past = licence.run(f"{verify} --at {then}")
    assert (past.exit_code, "was out of good standing then" in past.stdout) == (1, True)


def test_terminate__not_cured_in_time__ends_the_licence(licence):
    licence.succeed("devnet pass-time '101 days' $N")
    said = shown(licence, "license status 1 $M")
    assert "or anybody may take the bond and then end the licence" in said["next"]
    ended = shown(licence, "license terminate 1 $N --account TEST::9")["ended"]
    assert ended == "now; what it owes stays owed"
    (row,) = shown(licence, f"license status --for {address(LICENSEE)} $M")
    assert row["standing"] == "ended early, in arrears"
    owed = shown(licence, "license status 1 $M")["outstanding"]
    paid = shown(licence, "royalty pay 1 $N --account TEST::7")["paid"]
    # What accrued until it was mined was paid, too.
    assert shown(licence, "license status 1 $M")["outstanding"] == 0
    # Interest runs on for seconds.
    assert 0 <= paid - owed < 100_000
    assert "license has ended" in licence.refuse("license surrender 1 $N --account TEST::6")


def test_surrender_and_release__bond_comes_back(licence):
    before = licence_money(licence)
    licence.succeed("license surrender 1 $N --account TEST::6")
    licence.succeed("devnet pass-time '31 days' $N")
    licence.succeed("royalty report 1 0 $N --account TEST::6")
    assert "bond is still held" in licence.refuse("license release-bond 1 $N --account TEST::9")
    licence.succeed("devnet pass-time '30 days' $N")
    got = shown(licence, "license release-bond 1 $N --account TEST::9")
    assert (got["licensee"], got["got"]) == (address(LICENSEE), units("300 USDC"))
    assert licence_money(licence) == before - 200 * USDC + 300 * USDC


def licence_money(node: nodes.Node) -> int:
    with node.suite() as suite:
        return int(suite.asset.balanceOf(address(LICENSEE)))


def test_renew__a_term__pays_the_fee_again(shop, tmp_path):
    year = tmp_path / "year.csv"
    year.write_text("license,period,revenue\n" + "".join(f"1,{n},100_000\n" for n in range(1, 5)))
    shop.succeed("license buy 1 $N --account TEST::6")
    shop.succeed("devnet pass-time '360 days' $N")
    assert "license has arrears" in shop.refuse("license renew 1 $N --account TEST::6")
    shop.succeed(f"royalty batch {year} $N --account TEST::6")
    said = shop.run(f"license verify 1 {address(LICENSEE)} $M --format json")
    assert "ended on" in nodes.result_of(said.stdout)["why_not"]
    assert "'ape run license renew 1'" in shown(shop, "license status 1 $M")["next"]
    refusal = shop.refuse("license renew 1 --max-cost 24_999 $N --account TEST::6")
    assert "cost is above the maximum" in refusal
    renewed = shown(shop, "license renew 1 $N --account TEST::6")
    assert (renewed["fee"], renewed["into_the_bond"]) == (units("25,000 USDC"), 0)
    assert shown(shop, f"license verify 1 {address(LICENSEE)} $M")["licensed"]


def test_dispute__of_an_assessment__is_decided_for_the_licensee(licence):
    licence.succeed("devnet pass-time '30 days' $N")
    licence.succeed("royalty report 1 5_000 $N --account TEST::6")
    with licence.suite() as suite:
        found = suite.enforcement.assess.encode_input(1, 1, 8_000 * USDC, 0, b"\x01" * 32)
        by_vote(licence, (suite.enforcement, found))
    held = shown(licence, "license status 1 $M")["assessed_or_in_dispute"]
    assert held.startswith("period 1 is assessed at 400 USDC, to be answered by")
    line = "license dispute 1 1 150 --evidence README.md $N --account TEST::6"
    assert shown(licence, line)["in_escrow"] == units("150 USDC")
    held = shown(licence, "license status 1 $M")["assessed_or_in_dispute"]
    assert held.startswith("150 USDC of period 1 are in escrow, to be decided by")
    assert "not expired" in licence.refuse("license expire 1 1 $N --account TEST::9")
    with licence.suite() as suite:
        opened_at = suite.enforcement.open_dispute(1, 1).opened_at
        decision = suite.enforcement.decide.encode_input(1, 1, opened_at, 50 * USDC)
        by_vote(licence, (suite.enforcement, decision))
    back = f"license refund --for {address(LICENSEE)} --license 1 $N --account TEST::9"
    assert shown(licence, back)["got"] == units("100 USDC")


def test_conclude__licensee_accepts__owes_it_at_once(licence):
    licence.succeed("devnet pass-time '30 days' $N")
    licence.succeed("royalty report 1 8_000 $N --account TEST::6")
    with licence.suite() as suite:
        found = suite.enforcement.assess.encode_input(1, 1, 8_400 * USDC, 0, b"\x01" * 32)
        by_vote(licence, (suite.enforcement, found))
    refused = licence.refuse("license conclude 1 1 $N --account TEST::9")
    assert "answer window is open" in refused
    line = "license conclude 1 1 $N --account TEST::6"
    assert shown(licence, line)["due_in_addition"] == units("20 USDC")


def test_set_reporter__named_account__files_the_report(licence):
    licence.succeed("devnet pass-time '30 days' $N")
    refused = licence.refuse("royalty report 1 0 $N --account TEST::7")
    assert "holds no licence 1" in refused or "licensee" in refused
    line = f"license set-reporter 1 {address(OTHER)} $N --account TEST::6"
    assert shown(licence, line)["reporter"] == address(OTHER)
    licence.succeed("royalty report 1 0 $N --account TEST::7")


# --- passing on ---


def test_sublicense__covers_until_it_is_ended(licence):
    granted = shown(licence, f"license sublicense 1 {address(OTHER)} $N --account TEST::6")
    number = granted["sublicence"]
    assert number == 2**63 + 1
    verify = f"license verify 1 {address(OTHER)} $M --format json"
    assert licence.run(verify).exit_code == 1
    licence.succeed(f"license present {number} $N --account TEST::7")
    assert licence.run(verify).exit_code == 0
    assert shown(licence, f"license status {number} $M")["covers_now"]
    licence.succeed(f"license end-sublicense {number} $N --account TEST::6")
    assert "was ended on" in nodes.result_of(licence.run(verify).stdout)["why_not"]


def test_transfer__of_a_licence__takes_its_rights_along(licence):
    licence.succeed(f"license transfer 1 {address(OTHER)} $N --account TEST::6")
    said = nodes.result_of(
        licence.run(f"license verify 1 {address(LICENSEE)} $M --format json").stdout
    )
    assert "did not belong to" in said["why_not"]
    licence.succeed("license present 1 $N --account TEST::7")
    assert shown(licence, f"license verify 1 {address(OTHER)} --kind merge $M")["licensed"]


def test_verify__kind_not_allowed__says_what_is(shop):
    shop.succeed(f"license terms offer startup --model 1 {LEGAL} $N --account TEST::3")
    shop.succeed("license buy 3 $N --account TEST::6")
    line = f"license verify 1 {address(LICENSEE)} --kind merge $M --format json"
    said = nodes.result_of(shop.run(line).stdout)
    assert said["why_not"] == (
        "licence 1 does not allow to derive merge: it allows fine_tune, adapter, quantization"
    )
    kind = f"license verify 1 {address(LICENSEE)} --kind fine-tune $M"
    assert shown(shop, kind)["licensed"]


# --- as other commands ---


@pytest.mark.parametrize(
    "line",
    [
        "license buy 2 --account TEST::6",
        f"license terms offer api --model 1 {LEGAL} --account TEST::3",
        "license terms retire 1 --account TEST::3",
        "license present 1 --account TEST::6",
        "license sublicense 1 0x1111111111111111111111111111111111111111 --account TEST::6",
        "license surrender 1 --account TEST::6",
        "royalty pay 1 --amount 5 --ahead --account TEST::6",
    ],
)
def test_dry_run_and_no_terminal__send_nothing(licence, line):
    before = licence.height()
    assert licence.run(f"{line} $N --dry-run").exit_code == 0
    said = licence.refuse(f"{line} $M")
    assert said == "There is no terminal to confirm at. Give --yes to send, or --dry-run."
    assert licence.height() == before


def test_safe__buys_by_a_file(shop, tmp_path):
    shop.succeed(f"devnet fund 400 {SAFE} $N --account TEST::6")
    document = record(shop, "license buy 2", tmp_path / "batch.json")
    names = [item["contractMethod"]["name"] for item in document["transactions"]]
    assert names == ["approve", "buy"]
    send_as_the_safe(shop, document)
    (bought,) = shown(shop, f"license status --for {SAFE} $M")
    assert (bought["licence"], bought["presented"]) == (1, False)
    for line in (
        "license present 1",
        f"license sublicense 1 {address(OTHER)}",
        f"license transfer 1 {address(OTHER)}",
        "license surrender 1",
    ):
        assert len(record(shop, line, tmp_path / "batch.json")["transactions"]) == 1


def test_actions_file__of_an_offer__is_plain_yaml(shop, tmp_path):
    path = tmp_path / "offer.yaml"
    shop.succeed(f"license terms offer startup --model 2 {LEGAL} --out {path} $M")
    (action,) = yaml.safe_load(path.read_text())["actions"]
    terms = action["arguments"]["terms"]
    assert (terms["upfront_fee"], terms["share_bps"]) == ("500 USDC", "300 bps")
    assert (terms["royalty_cap"], terms["cure_seconds"]) == ("50,000 USDC", "5184000 seconds")
