"""Plays a scenario on a test chain and accounts for every unit.

Stages: deploy -> raise -> grant -> train -> release -> serve -> earn -> share -> balance sheet,
all through the functions that the scripts use. A scenario that ends early (a failed round, a
rejected grant) skips what cannot happen and still has to add up.
"""

from pathlib import Path
from typing import Any

from flywheel.chain import connection
from flywheel.errors import fix
from flywheel.story import (
    balance_sheet,
    basis,
    comparing,
    earning,
    granting,
    lineage_scenario,
    raising,
    scenario,
    serving,
    sharing,
    training,
)
from flywheel.story.lineages import play_lineages
from flywheel.story.play import Ledger, Play, Silent, Teller

__all__ = ["Ledger", "Play", "Teller", "play", "play_lineages", "play_scenario"]


def play_scenario(name: str, folder: Path, teller: Teller | None = None) -> dict[str, Any]:
    """Plays a scenario of scenarios/, or of a YAML file, on the connected test chain.

    `name`: such as "mpt-7b", or a path. `folder`: where published files go. `teller` hears the
    story. Returns the summary: totals in units of the asset, and "conserved", whether everything
    adds up. Raises `FlywheelError` on a chain that is not local, and for a file with a fault.
    """
    from ape import accounts

    if not connection.is_local():
        raise fix("The demo moves the clock and mints money", "Run it on ethereum:local:test")
    connection.quiet()
    teller = teller or Silent()
    path, everybody = scenario.find(name), list(accounts.test_accounts)
    folder.mkdir(parents=True, exist_ok=True)
    if lineage_scenario.is_one(path):
        lineages = lineage_scenario.load(path)
        teller.heading(lineages.story.title)
        played = Play(lineages.story, everybody, teller, folder, lineages.makers)
        return play_lineages(played, lineages)
    tale = scenario.load(name)
    teller.heading(tale.title)
    return play(Play(tale, everybody, teller, folder))


def play(play: Play) -> dict[str, Any]:
    """Plays all stages; returns the summary that `summary.json` holds."""
    raising.deploy(play)
    if raising.raise_money(play):
        _earn_and_share(play)
    return _balance(play)


def _earn_and_share(play: Play) -> None:
    job = play.scenario.training
    if job is None:
        return
    basis.publish(play)
    campaign_id = granting.create_campaign(play)
    grant_id = granting.win_grant(play, job, campaign_id)
    if not grant_id:
        return
    if not training.train(play, job, grant_id):
        return
    earning.release(play)
    serving.serve(play)
    comparing.compare(play)
    terms_id = earning.offer_licences(play)
    if not terms_id:
        return
    earning.sell_licences(play, terms_id, campaign_id)
    sharing.share_with_holders(play)
    if campaign_id:
        sharing.share_with_contributors(play, campaign_id)


def _balance(play: Play) -> dict[str, Any]:
    play.output.heading("Balance sheet: every unit that went in")
    people = {name: str(account.address) for name, account in play.actors.items()}
    sheet = balance_sheet.draw_up(play.suite, people, play.ledger, play.scenario)
    play.output.table(
        f"Where the {play.suite.symbol} went",
        ("Side", "Position", "Amount"),
        [(line.side, line.position, play.suite.money(line.amount)) for line in sheet.lines],
    )
    for check in sheet.failed:
        play.output.say(f"DOES NOT ADD UP: {check.words}: {check.left:,} is not {check.right:,}")
    play.output.say(f"{len(sheet.checks)} checks, {len(sheet.failed)} failed.")
    ledger = play.ledger
    return {
        "scenario": play.scenario.name,
        "asset": play.suite.symbol,
        "decimals": play.suite.decimals,
        "raised": ledger.raised,
        "refunded": ledger.refunded,
        "tokens_minted": ledger.tokens_minted,
        "grant_paid": ledger.total("paid"),
        "bond_lost": ledger.bond_lost,
        "model_id": ledger.model_id,
        "royalties_paid": ledger.royalties_paid,
        "treasury_income": ledger.treasury_income,
        "holders_claimed": ledger.holders_claimed,
        "builders_claimed": ledger.builders_claimed,
        "compute_paid": ledger.total("compute_paid"),
        "contributors_claimed": ledger.contributors_claimed,
        "contributors_paid": len(ledger.contributors),
        "energy_wh": ledger.total("energy_wh"),
        "emissions_grams": ledger.total("emissions_grams"),
        "residue": sheet.residue,
        "checks": len(sheet.checks),
        "conserved": sheet.conserved,
    }
