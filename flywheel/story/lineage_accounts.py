"""The accounts of played lineages: every income beside the reference, and all compared."""

from typing import Any

from flywheel import amounts
from flywheel.deploy.suite import CONTRACTS
from flywheel.models import registry
from flywheel.models.lineage import TREASURY, Earnings
from flywheel.story.balance_sheet import Check
from flywheel.story.lineage_tale import Tale


def draw_up(tale: Tale) -> dict[str, Any]:
    """Prints every model's income and every maker's beside the reference; compares them all."""
    play, suite, output = tale.play, tale.play.suite, tale.play.output
    output.heading("Account: every ancestor's income, and the reference beside it")
    names = {model_id: name for name, model_id in tale.ids.items()}
    rows = []
    for model_id, expected in tale.books.earnings.items():
        earned = tale.earned.get(model_id, Earnings())
        if earned != Earnings() or expected != Earnings():
            figures = (earned.paid, earned.inherited, expected.inherited)
            rows.append(
                (
                    model_id,
                    names[model_id].split("/")[1],
                    *(amounts.show(figure, suite.decimals) for figure in figures),
                    "yes" if earned == expected else "NO",
                )
            )
    output.table(
        f"Income by model in {suite.symbol}: paid for it, and inherited from its descendants",
        ("Model", "Name", "Paid", "Inherited", "Reference", "Equal"),
        rows,
    )
    receivers: list[tuple[object, str, int]] = [
        *((maker, maker, tale.withdrawn.get(maker, 0)) for maker in tale.lineages.makers),
        (TREASURY, "the DAO", tale.income),
    ]
    output.table(
        "Income by owner",
        ("Owner", "Got", "Reference", "Equal"),
        [
            (
                name,
                suite.money(got),
                suite.money(tale.books.credits[receiver]),
                "yes" if got == tale.books.credits[receiver] else "NO",
            )
            for receiver, name, got in receivers
        ],
    )
    checks = _checks(tale)
    failed = [check for check in checks if not check.holds]
    for check in failed:
        output.say(f"DOES NOT ADD UP: {check.words}: {check.left:,} is not {check.right:,}")
    output.say(f"{len(checks)} checks, {len(failed)} failed.")
    return {
        "scenario": play.scenario.name,
        "asset": suite.symbol,
        "decimals": suite.decimals,
        "models": len(tale.ids),
        "licences": tale.licences,
        "payments": tale.payments,
        "settlements": tale.settlements,
        "paid": tale.paid,
        "income_by_model": {
            names[model_id]: {
                "paid": item.paid + tale.books.waiting(model_id),
                "from_descendants": item.inherited,
            }
            for model_id, item in sorted(tale.earned.items())
        },
        "income_by_owner": {name: got for _, name, got in receivers},
        "waiting": tale.books.waiting(),
        "checks": len(checks),
        "conserved": bool(checks) and not failed,
    }


def _checks(tale: Tale) -> list[Check]:
    suite, play, books = tale.play.suite, tale.play, tale.books
    checks = []
    for name, model_id in tale.ids.items():
        table = registry.ancestors(suite, model_id)
        expected = books.tables[model_id]
        for ancestor in table.keys() | expected.keys():
            words = f"what {name} owes model {ancestor}, in bps"
            checks.append(Check(words, table.get(ancestor, 0), expected.get(ancestor, 0)))
        earned, reference = tale.earned.get(model_id, Earnings()), books.earnings[model_id]
        checks += [
            Check(f"paid for {name}", earned.paid + books.waiting(model_id), reference.paid),
            Check(f"from descendants of {name}", earned.inherited, reference.inherited),
            Check(f"from {name} to ancestors", earned.passed_on, reference.passed_on),
        ]
    holdings = {name: int(suite.asset.balanceOf(account)) for name, account in play.actors.items()}
    for maker in tale.lineages.makers:
        checks += [
            Check(f"what {maker} withdrew", tale.withdrawn.get(maker, 0), books.credits[maker]),
            Check(f"what {maker} holds", holdings[maker], books.credits[maker]),
        ]
    for item in tale.lineages.licensees:
        checks.append(Check(f"what {item.name} has left", holdings[item.name], 0))
    contracts = {name: int(suite.asset.balanceOf(suite[name].address)) for name in CONTRACTS}
    checks += [
        Check("the DAO's income", tale.income, books.credits[TREASURY]),
        Check(
            "all payments = all incomes + what waits",
            tale.paid,
            sum(books.credits.values()) + books.waiting(),
        ),
        Check("what waits in the router", contracts["RoyaltyRouter"], books.waiting()),
        Check("what waits in the market", contracts["LicenseMarket"], 0),
        Check("what the Treasury has", contracts["Treasury"], play.ledger.raised + tale.income),
        Check(
            f"all {suite.symbol} there is = what people and contracts hold",
            int(suite.asset.totalSupply()),
            sum(holdings.values()) + sum(contracts.values()),
        ),
    ]
    return checks
