"""What cheating costs, as the commands say it: an audit out of the bond, a dearer next licence."""

from typing import Any

import pytest

from flywheel.governance import named
from tests.scripts import nodes
from tests.scripts.license_shop import LEGAL, LICENSEE, OTHER, STRANGER, address, by_vote
from tests.scripts.nodes import shown, units

pytestmark = pytest.mark.usefixtures("shop_again")


def test_assess__half_of_an_audit__is_refused(licence):
    licence.succeed("devnet pass-time '30 days' $N")
    licence.succeed("royalty report 1 5_000 $N --account TEST::6")
    line = "license assess 1 1 8_000 --evidence README.md"
    for half in ("--auditor TEST::9", "--audit-cost 40"):
        assert "Give both --auditor and --audit-cost" in licence.refuse(f"{line} {half} $M")
    free = f"{line} --auditor TEST::9 --audit-cost 0 $M"
    assert "The audit cost nothing" in licence.refuse(free)


def audited(node: nodes.Node, path: Any, cost: str) -> dict[str, Any]:
    """An audit of the DAO's licence 1, which it votes on; what the command said."""
    from ape import accounts

    line = f"license assess 1 1 8_000 --evidence README.md --out {path} --auditor TEST::9"
    said = shown(node, f"{line} --audit-cost '{cost}' $M")
    with node.suite() as suite:
        _, _, (action,) = named.read(suite, path)
        by_vote(node, (suite.enforcement, action.calldata))
        assert accounts.test_accounts[STRANGER].address in action.words
    return dict(said, words=action.words)


def test_assess__audit_of_a_short_report__is_paid_out_of_the_bond(licence, tmp_path):
    licence.succeed("devnet pass-time '30 days' $N")
    licence.succeed("royalty report 1 5_000 $N --account TEST::6")
    said = audited(licence, tmp_path / "audit.yaml", "40.5 USDC")
    assert (said["owes_now"], said["by_the_audit"]) == (units("250 USDC"), units("400 USDC"))
    assert (said["bond"], said["of_the_bond,_if_it_is_lost"]) == (
        units("300 USDC"),
        units("40.5 USDC"),
    )
    assert "gets 40.5 USDC of it, at most half" in said["words"]
    held = shown(licence, "license status 1 $M")["assessed_or_in_dispute"]
    assert f"after an audit that cost {address(STRANGER)} 40.5 USDC" in held
    licence.succeed("license conclude 1 1 $N --account TEST::6")
    status = shown(licence, "license status 1 $M")
    assert (status["bond"], status["assessed_or_in_dispute"]) == (0, "no")
    assert shown(licence, "license refund $N --account TEST::9")["got"] == units("40.5 USDC")


def test_assess__dearer_than_half_of_the_bond__says_what_is_left(licence, tmp_path):
    licence.succeed("devnet pass-time '30 days' $N")
    licence.succeed("royalty report 1 5_000 $N --account TEST::6")
    said = audited(licence, tmp_path / "audit.yaml", "1_000 USDC")
    assert said["of_the_bond,_if_it_is_lost"] == units("150 USDC")


def test_assess__licence_with_an_arbiter_of_its_own__is_sent_by_it_alone(shop, tmp_path):
    path = tmp_path / "terms.yaml"
    path.write_text(
        "terms:\n  fee: 10\n  bond: 300\n  share: 5 %\n  period: 30 days\n  grace: 10 days\n"
        f'  arbiter: "{address(OTHER)}"\n'
    )
    shop.succeed(f"license terms offer {path} --model 1 {LEGAL} $N --account TEST::3")
    shop.succeed("license buy 3 $N --account TEST::6")
    shop.succeed("devnet pass-time '30 days' $N")
    shop.succeed("royalty report 1 1_000 $N --account TEST::6")
    line = "license assess 1 1 2_000 --evidence README.md $N"
    assert "decides about licence 1" in shop.refuse(f"{line} --account TEST::6")
    assert shown(shop, f"{line} --account TEST::7")["by_the_audit"] == units("100 USDC")


def test_buy__after_a_termination__says_that_it_is_dearer_and_why(licence):
    quote = "license quote 2 $M"
    assert "why_this_fee" not in shown(licence, f"{quote} --for TEST::6")
    licence.succeed("devnet pass-time '101 days' $N")
    licence.succeed("license terminate 1 $N --account TEST::9")
    said = shown(licence, f"{quote} --for TEST::6")
    assert said["why_this_fee"].startswith("3 times the fee: a licence of model 1 that this")
    assert (said["fee"], said["at_once"]) == (units("300 USDC"), units("600 USDC"))
    assert shown(licence, f"{quote} --for {address(LICENSEE)}") == said
    # Others pay what they paid, and so does nobody in particular.
    for line in (quote, f"{quote} --for {address(OTHER)}"):
        assert shown(licence, line)["at_once"] == units("400 USDC")
    refused = licence.refuse("license buy 2 --max-cost 599 $N --account TEST::6")
    assert "Fee and bond are 600 USDC, above 599 USDC" in refused
    bought = shown(licence, "license buy 2 $N --account TEST::6")
    assert (bought["paid"], bought["of_that_bond"]) == (units("600 USDC"), units("300 USDC"))
    assert bought["why_this_fee"] == said["why_this_fee"]
    assert shown(licence, f"{quote} --for TEST::6")["at_once"] == units("400 USDC")
