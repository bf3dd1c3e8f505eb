"""Supporters: ape run raise open | show | contribute | claim | refund | redeem | export | ..."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flywheel.console import cli as shared
from flywheel.console import wind_downs
from flywheel.console.wind_downs import FOR_ACCOUNT, ROUND

if TYPE_CHECKING:
    from flywheel.deploy.suite import Suite
    from flywheel.funding.rounds import Round

EVERYBODY = click.option("--all", "everybody", is_flag=True, help="Every contributor, in batches.")
FILE = shared.FILE
NEW_FILE = shared.NEW_FILE
BAR_WIDTH = 30


@click.group()
def cli() -> None:
    """Supporters: pay into a round, take the tokens, the surplus or the refund."""


@shared.command(cli, "open")
@click.argument("path", metavar="FILE", type=FILE)
@click.option("--asset", "wanted", help="Symbol or address; the suite's asset if absent.")
def open_round(session: shared.Session, path: Path, wanted: str | None) -> None:
    """Propose to open the round that the YAML FILE describes; the holders vote on it.

    The first round of a suite is opened by 'ape run deploy'.
    """
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.funding import rounds
    from flywheel.treasury import assets

    suite = Suite.connected()
    unit = assets.only(suite, wanted)
    terms = rounds.load_round(path, unit)
    account = session.account
    if not session.confirm(f"Propose a round for up to {unit.show(terms.hard_cap)}"):
        return
    starts_at = connection.now() + terms.opens_in
    proposal = rounds.propose_round(suite, account, terms, starts_at, unit)
    session.output.record(
        "Proposed", {"Proposal": str(proposal.proposal_id), "Title": proposal.title}
    )


@shared.reading(cli)
@click.option("--round", "round_id", type=int, help="One round only.")
def show(output: shared.Output, round_id: int | None) -> None:
    """Show all rounds, or one with its progress and the time left."""
    from flywheel import amounts
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.funding import rounds
    from flywheel.shown import yes

    suite = Suite.connected()
    now = connection.now()
    listed = rounds.list_rounds(suite) if round_id is None else []
    if round_id is None and len(listed) != 1:
        output.table(
            "Rounds",
            ("Round", "State", "Raised", "Soft goal", "Hard cap", "Time left"),
            [
                (
                    item.round_id,
                    item.state.name,
                    *(
                        rounds.unit_of(suite, item).show(units)
                        for units in (item.raised, item.soft_goal, item.hard_cap)
                    ),
                    amounts.show_duration(max(0, item.ends_at - now)),
                )
                for item in listed
            ],
        )
        return
    terms = listed[0] if listed else rounds.get_round(suite, round_id or 0)
    money = rounds.unit_of(suite, terms).show
    waits_for = terms.starts_at if now < terms.starts_at else terms.ends_at
    vesting = "none"
    if terms.vesting_seconds:
        vesting = (
            f"{amounts.show_duration(terms.vesting_seconds)}, nothing before "
            f"{amounts.show_duration(terms.cliff_seconds)}; no votes and no income until claimed"
        )
    output.record(
        f"Round {terms.round_id}",
        {
            "State": terms.state.name,
            "Raised": money(terms.raised),
            "Soft goal": money(terms.soft_goal),
            "Hard cap": money(terms.hard_cap),
            "Progress": _bar(terms.raised, terms.soft_goal, terms.hard_cap),
            "Contributors": terms.contributors,
            "Price of a token": money(terms.price),
            "Opens in" if now < terms.starts_at else "Ends in": amounts.show_duration(
                max(0, waits_for - now)
            ),
            "Mode": "pro rata" if terms.is_pro_rata else "first come",
            "Allow-list": yes(terms.has_allow_list),
            "Vesting": vesting,
            "Purpose": terms.purpose,
            "Wind-down": _wind_down(suite, terms, now),
            "Terms": terms.terms_uri,
        },
    )


def _wind_down(suite: "Suite", terms: "Round", now: int) -> str:
    """Whether and when a round's money goes back, for people."""
    from flywheel import amounts
    from flywheel.funding import redemptions, rounds

    found = redemptions.wind_down_of(suite, terms.round_id)
    money = rounds.unit_of(suite, terms).show
    if found.pool:
        given = f"{money(found.paid)} of {money(found.pool)} redeemed"
        if found.returned:
            return f"{given}, {money(found.returned)} given back to purpose {terms.purpose}"
        if now >= found.closes_at:
            return f"{given}; over, the rest may be given back to purpose {terms.purpose}"
        return f"{given}, open for {amounts.show_duration(found.closes_at - now)}"
    if not found.starts_at:
        return "none"
    if now >= found.expires_at:
        return "announced, has expired"
    if now >= found.starts_at:
        return f"may begin with at least {money(found.min_pool)} free"
    return f"announced, may begin in {amounts.show_duration(found.starts_at - now)}"


def _bar(raised: int, goal: int, cap: int) -> str:
    """`[####|....]   40 % of the cap`; the stroke is the soft goal."""
    filled, mark = (min(BAR_WIDTH, part * BAR_WIDTH // cap) for part in (raised, goal))
    cells = ["#" if cell < filled else "." for cell in range(BAR_WIDTH)]
    cells.insert(mark, "|")
    return f"{''.join(cells)} {raised * 100 // cap} % of the cap"


@shared.reading(cli, "allow-list")
@click.argument("accounts", metavar="CSV", type=NEW_FILE)
@click.argument("target", metavar="TARGET", type=NEW_FILE)
@click.option("--round", "round_id", type=int, help="Id the round will have; the next if absent.")
def allow_list(output: shared.Output, accounts: Path, target: Path, round_id: int | None) -> None:
    """Write root and proofs of the accounts in CSV (column "account") to the JSON file TARGET."""
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.funding.allow_list import AllowList, accounts_of

    suite = Suite.connected()
    number = round_id if round_id is not None else int(suite.rounds.round_count()) + 1
    address = str(suite.rounds.address)
    tree = AllowList.build(connection.chain_id(), address, number, accounts_of(accounts))
    tree.write(target)
    output.record(
        f"Allow-list of round {number}",
        {
            "Accounts": len(tree.accounts),
            "Root": f"0x{tree.root.hex()}",
            "Written to": str(target),
        },
    )


@shared.command(cli)
@click.argument("amount")
@ROUND
@click.option("--permit", is_flag=True, help="Sign an allowance instead of sending one.")
@click.option("--proofs", type=FILE, help="The file of the round's allow-list.")
@click.option("--least", help="Pay nothing if less than this fits under the cap.")
@click.option("--all-or-nothing", is_flag=True, help="Pay nothing if not all of it fits.")
def contribute(
    session: shared.Session,
    amount: str,
    round_id: int,
    permit: bool,
    proofs: Path | None,
    least: str | None,
    all_or_nothing: bool,
) -> None:
    """Pay AMOUNT, such as 250.50, of the round's asset into it."""
    from flywheel import amounts
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.funding import readiness, rounds
    from flywheel.funding.allow_list import AllowList

    suite = Suite.connected()
    terms = rounds.get_round(suite, round_id)
    unit = rounds.unit_of(suite, terms)
    units = amounts.to_units(amount, unit.decimals)
    readiness.require_contribution(terms, unit, units, connection.now())
    minimum = units if all_or_nothing else amounts.to_units(least or 0, unit.decimals)
    tree = AllowList.read(proofs) if proofs else None
    rounds.check_proofs(suite, terms, tree)
    account = session.account
    said = f"Contribute {unit.show(units)} to round {round_id} from {account}"
    if not session.confirm(said, rehearse=not permit):
        return
    taken = rounds.contribute(suite, account, round_id, units, permit, tree, minimum)
    session.output.record(
        f"Contribution to round {round_id}",
        {"Account": str(account.address), "Asked": unit.show(units), "Taken": unit.show(taken)},
    )


@shared.command(cli)
@ROUND
def finalize(session: shared.Session, round_id: int) -> None:
    """Close a successful round: mint its tokens, bring its money to the Treasury."""
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.funding import readiness, rounds

    suite = Suite.connected()
    readiness.require_ended(rounds.get_round(suite, round_id), connection.now())
    account = session.account
    if session.confirm(f"Finalize round {round_id}"):
        minted = rounds.finalize(suite, account, round_id)
        session.output.record(f"Round {round_id} finalized", {"Minted": suite.tokens(minted)})


@shared.command(cli)
@ROUND
@FOR_ACCOUNT
@EVERYBODY
def claim(session: shared.Session, round_id: int, receiver: str | None, everybody: bool) -> None:
    """Take the tokens of a successful round that have vested, and the surplus if there is one.

    They delegate to their owner, ready to vote.
    """
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.funding import readiness, rounds

    suite = Suite.connected()
    terms = rounds.get_round(suite, round_id)
    readiness.require_tokens(terms, connection.now())
    account = session.account
    money = rounds.unit_of(suite, terms).show
    if everybody:
        people = [item.account for item in rounds.contributions(suite, round_id)]
        if session.confirm(f"Claim the tokens of {len(people)} accounts from round {round_id}"):
            got = rounds.claim_all(suite, account, round_id, people)
            session.output.table(
                f"Round {round_id}",
                ("Account", "Got", "Surplus"),
                [
                    (name, suite.tokens(done.tokens), money(done.surplus))
                    for name, done in got.items()
                ],
            )
        return
    owner = receiver or str(account.address)
    waiting = rounds.waiting(suite, round_id, owner)
    if not (waiting.tokens or waiting.surplus):
        raise fix(
            f"Round {round_id} has nothing for {owner} now",
            "See with 'ape run raise show' whether tokens are yet to vest",
        )
    if session.confirm(f"Claim {suite.tokens(waiting.tokens)} of {owner} from round {round_id}"):
        done = rounds.claim(suite, account, round_id, owner)
        session.output.record(
            f"Round {round_id}",
            {
                "Account": owner,
                "Got": suite.tokens(done.tokens),
                "Surplus": money(done.surplus),
            },
        )


@shared.command(cli)
@ROUND
@FOR_ACCOUNT
@EVERYBODY
@click.option(
    "--to",
    "elsewhere",
    type=shared.ACCOUNT,
    help="Another address to pay, if the asset refuses yours.",
)
def refund(
    session: shared.Session,
    round_id: int,
    receiver: str | None,
    everybody: bool,
    elsewhere: str | None,
) -> None:
    """Take back what was paid into a failed or cancelled round, or the surplus of another."""
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.funding import readiness, rounds

    suite = Suite.connected()
    terms = rounds.get_round(suite, round_id)
    readiness.require_refunds(terms, connection.now())
    account = session.account
    money = rounds.unit_of(suite, terms).show
    if everybody:
        people = [item.account for item in rounds.contributions(suite, round_id)]
        if session.confirm(f"Refund {len(people)} accounts from round {round_id}"):
            got = rounds.refund_all(suite, account, round_id, people)
            rows = [(name, money(units)) for name, units in got.items()]
            session.output.table(f"Round {round_id}", ("Account", "Got"), rows)
        return
    owner = receiver or str(account.address)
    waiting = rounds.waiting(suite, round_id, owner)
    if not waiting.surplus:
        raise fix(f"Round {round_id} has no money for {owner}", "See 'ape run raise export'")
    if elsewhere:
        if session.confirm(f"Pay the refund of {owner} from round {round_id} to {elsewhere}"):
            back = rounds.refund_to(suite, account, round_id, owner, elsewhere)
            session.output.record(f"Round {round_id}", {"Account": elsewhere, "Got": money(back)})
        return
    if session.confirm(f"Refund {money(waiting.surplus)} to {owner} from round {round_id}"):
        back = rounds.refund(suite, account, round_id, owner)
        session.output.record(f"Round {round_id}", {"Account": owner, "Got": money(back)})


@shared.command(cli, "move-position")
@click.argument("target", metavar="ACCOUNT", type=shared.ACCOUNT)
@ROUND
@FOR_ACCOUNT
def move_position(
    session: shared.Session, target: str, round_id: int, receiver: str | None
) -> None:
    """Give all that a round still owes you to ACCOUNT: refund, tokens, surplus, redemption."""
    from flywheel.deploy.suite import Suite
    from flywheel.funding import rounds

    suite = Suite.connected()
    account = session.account
    owner = receiver or str(account.address)
    if session.confirm(f"Give the position of {owner} in round {round_id} to {target} for good"):
        rounds.move_position(suite, account, round_id, owner, target)
        session.output.record(f"Round {round_id}", {"Position of": owner, "Held by": target})


@shared.command(cli, "sign-refund")
@click.argument("target", metavar="ACCOUNT", type=shared.ACCOUNT)
@ROUND
@FOR_ACCOUNT
@click.option("--days", default=30, show_default=True, help="How long the signature is valid.")
def sign_refund(
    session: shared.Session, target: str, round_id: int, receiver: str | None, days: int
) -> None:
    """Sign, without sending anything, that your refund goes to ACCOUNT; anybody may submit it."""
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.funding import rounds

    suite = Suite.connected()
    account = session.account
    owner = receiver or str(account.address)
    deadline = connection.now() + days * 86_400
    if session.confirm(
        f"Sign that the refund of {owner} from round {round_id} goes to {target}", rehearse=False
    ):
        signature = rounds.sign_refund(suite, account, round_id, owner, target, deadline)
        session.output.record(
            f"Round {round_id}",
            {
                "Account": owner,
                "Receiver": target,
                "Deadline": deadline,
                "Signature": f"0x{signature.hex()}",
            },
        )


@shared.command(cli, "submit-refund")
@click.argument("owner", metavar="ACCOUNT", type=shared.ACCOUNT)
@click.argument("target", metavar="RECEIVER", type=shared.ACCOUNT)
@click.argument("deadline", type=int)
@click.argument("signature")
@ROUND
def submit_refund(
    session: shared.Session, owner: str, target: str, deadline: int, signature: str, round_id: int
) -> None:
    """Submit what 'sign-refund' printed: ACCOUNT's refund is paid to RECEIVER."""
    from flywheel.deploy.suite import Suite
    from flywheel.funding import rounds

    suite = Suite.connected()
    account = session.account
    if session.confirm(f"Pay the refund of {owner} from round {round_id} to {target}"):
        signed = bytes.fromhex(signature.removeprefix("0x"))
        back = rounds.refund_by_signature(suite, account, round_id, owner, target, deadline, signed)
        money = rounds.unit_of(suite, rounds.get_round(suite, round_id)).show
        session.output.record(f"Round {round_id}", {"Account": target, "Got": money(back)})


@shared.reading(cli)
@ROUND
def export(output: shared.Output, round_id: int) -> None:
    """List a round's contributors, from events; `--format csv` for a file."""
    from flywheel.deploy.suite import Suite
    from flywheel.funding import rounds

    suite = Suite.connected()
    money = rounds.unit_of(suite, rounds.get_round(suite, round_id)).show
    output.table(
        f"Contributors of round {round_id}",
        ("Account", "Paid", "Refunded", "Tokens claimed", "Tokens redeemed"),
        [
            (
                item.account,
                money(item.paid),
                money(item.refunded),
                suite.tokens(item.tokens),
                suite.tokens(item.redeemed),
            )
            for item in rounds.contributions(suite, round_id)
        ],
    )


wind_downs.attach(cli)
