"""Holders, builder and data contributors take their part."""

from flywheel.rewards import campaigns, claims, publication, shares, verifying
from flywheel.rewards.inputs import JobFiles
from flywheel.royalties import router
from flywheel.story.play import Play
from flywheel.treasury import income


def share_with_holders(play: Play) -> None:
    suite, rows = play.suite, []
    asset = str(suite.asset.address)
    play.output.heading("Share: holders, builders and data contributors take their part")
    last = income.current_epoch(suite)
    play.pass_to(int(suite.token.epoch_start(last + 1)))
    with_income = income.closable_epochs(suite, asset)
    for epoch in with_income:
        closing = income.close_epoch(suite, play.keeper, epoch, asset)
        play.ledger.holders_pot += closing.holders
        rows.append(
            (
                epoch,
                suite.money(closing.holders),
                suite.money(closing.grants),
                suite.money(closing.reserve),
            )
        )
    play.output.table(
        "Income of the DAO by epoch", ("Epoch", "To holders", "To grants", "To reserve"), rows
    )
    grant = play.scenario.grant
    assert grant is not None
    shares = []
    for name in play.ledger.contributions:
        claimed = (
            income.claim(
                suite, play.keeper, play.address(name), asset, with_income[0], with_income[-1]
            )
            if with_income
            else 0
        )
        play.ledger.claims[name] = claimed
        shares.append((name, "income", suite.money(claimed)))
    play.ledger.holders_claimed = sum(play.ledger.claims.values())
    builder = play.address(grant.builder)
    if router.credit(suite, builder, asset):
        play.ledger.builders_claimed = router.withdraw(suite, play.keeper, builder, asset)
    shares.append((grant.builder, "royalties", suite.money(play.ledger.builders_claimed)))
    base = play.scenario.base
    if base is not None:
        maker = play.address(base.maker)
        if router.credit(suite, maker, asset):
            play.ledger.base_claimed = router.withdraw(suite, play.keeper, maker, asset)
        shares.append((base.maker, "its base", suite.money(play.ledger.base_claimed)))
    play.output.table("Holders and builders", ("Who", "For", "Got"), shares)


def share_with_contributors(play: Play, campaign_id: int) -> None:
    suite, dataset = play.suite, play.scenario.dataset
    assert dataset is not None
    if campaigns.free(suite, campaign_id) == 0:
        return
    folder = play.folder / f"campaign-{campaign_id}"
    files = JobFiles(dataset.labels, gold=dataset.gold)
    _, earned = campaigns.build(suite, campaign_id, files, folder)
    tree = publication.recompute_root(folder)
    opens_at = campaigns.publish(
        suite, play.actor("publisher"), tree, folder, f"{dataset.uri}/leaves.csv"
    )
    play.pass_to(opens_at)
    campaigns.activate(suite, play.keeper, tree.domain)
    paid = claims.pay_all(suite, play.keeper, tree)
    play.ledger.contributors = paid
    play.ledger.contributors_claimed = sum(paid.values())
    verified = verifying.verify(suite, folder)
    workers = {account: worker for worker, account in shares.addresses_of(earned.points).items()}
    most = sorted(paid.items(), key=lambda item: -item[1])[:5]
    play.output.table(
        f"{len(paid)} of {len(earned.points)} data contributors paid "
        f"{suite.money(play.ledger.contributors_claimed)} by their agreement above chance; "
        "the first five",
        ("Contributor", "Points", "Got"),
        [
            (workers[account], earned.points[workers[account]], suite.money(amount))
            for account, amount in most
        ],
    )
    play.output.table("The drop, computed again", ("Checked", "Found"), verified)
