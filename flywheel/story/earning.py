"""Licences of the model are offered, bought, reported and paid."""

from eth_utils import keccak

from flywheel.licensing import licenses
from flywheel.royalties import router
from flywheel.states import ProposalState
from flywheel.story.play import Play


def release(play: Play) -> None:
    model = play.scenario.model
    assert model is not None
    play.output.heading("Release: licences of the model are offered by vote")
    play.output.say(f"Model {play.ledger.model_id} ({model.name}) belongs to the DAO.")


def offer_licences(play: Play) -> int:
    licence = play.scenario.licence
    if licence is None:
        return 0
    terms = licenses.LicenceTerms(
        model_id=play.ledger.model_id,
        upfront_fee=licence.upfront_fee,
        share_bps=licence.share_bps,
        minimum_per_period=licence.minimum_per_period,
        period_seconds=licence.period_seconds,
        grace_seconds=licence.grace_seconds,
        term_seconds=0,
        transferable=False,
        legal_uri=licence.legal_uri,
    )
    outcome = play.vote("Licence terms", [licenses.offer(play.suite, terms)])
    if outcome != ProposalState.EXECUTED:
        play.output.say(f"No licences are offered: the proposal is {outcome.name}.")
        return 0
    return int(play.suite.catalog.terms_count())


def sell_licences(play: Play, terms_id: int, campaign_id: int) -> None:
    suite, licence = play.suite, play.scenario.licence
    assert licence is not None
    play.output.heading("Earn: licensees buy, report and pay")
    paid = {item.name: 0 for item in play.scenario.licensees}
    licences: dict[str, int] = {}
    for item in play.scenario.licensees:
        play.give_money(item.name, licence.upfront_fee)
        account = play.actor(item.name)
        licences[item.name] = licenses.buy(suite, account, terms_id)
        paid[item.name] += licence.upfront_fee
    for month in range(max(len(item.revenue) for item in play.scenario.licensees)):
        play.wait(licence.period_seconds)
        for item in play.scenario.licensees:
            if month < len(item.revenue):
                paid[item.name] += _report(
                    play, item.name, licences[item.name], month + 1, item.revenue[month]
                )
        _settle(play)
    play.ledger.royalties_paid = sum(paid.values())
    asset = str(suite.asset.address)
    if campaign_id and suite.router.campaign_credit(campaign_id, asset):
        play.ledger.contributors_funded = router.forward_campaign(
            suite, play.keeper, campaign_id, asset
        )
    rows = [
        (item.name, suite.money(sum(item.revenue)), suite.money(paid[item.name]))
        for item in play.scenario.licensees
    ]
    play.output.table("Fees and royalties", ("Licensee", "Reported revenue", "Paid"), rows)


def _report(play: Play, name: str, license_id: int, period: int, revenue: int) -> int:
    suite = play.suite
    due = licenses.due_for(suite, license_id, revenue)
    play.give_money(name, due)
    evidence = bytes(keccak(text=f"{name}/{period}"))
    return licenses.report_and_pay(suite, play.actor(name), license_id, period, revenue, evidence)


def _settle(play: Play) -> None:
    """Splits the month's payments and brings the DAO its part while its epoch runs."""
    suite, asset = play.suite, str(play.suite.asset.address)
    models = [number for number in (play.ledger.base_id, play.ledger.model_id) if number]
    for settled in router.settle_all(suite, play.keeper, models, asset).values():
        # What is passed on to the base is settled there.
        play.ledger.settled += settled.amount - sum(settled.ancestors.values())
    if suite.router.treasury_credit(asset):
        play.ledger.treasury_income += router.forward_income(suite, play.keeper, asset)
