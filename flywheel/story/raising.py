"""Deploy the suite and run the first round."""

from flywheel.chain import connection
from flywheel.deploy import deployment, roles
from flywheel.deploy.journal import Journal
from flywheel.errors import fix
from flywheel.funding import rounds
from flywheel.funding.allow_list import AllowList
from flywheel.states import RoundState
from flywheel.story.parts import Supporter
from flywheel.story.play import ROUND_ID, Play

DAY = 86_400


def deploy(play: Play) -> None:
    play.output.heading("Deploy: contracts, wiring, hand-over to the Timelock")
    plan = deployment.Deployment(
        play.scenario.suite,
        play.actor("deployer"),
        Journal(connection.chain_id()),
        _supporters(play) if play.scenario.has_allow_list else (),
    )
    steps = 0

    def count(step: deployment.Step, outcome: str) -> None:
        nonlocal steps
        steps += 1

    play.suite = plan.run(count)
    wrong = [
        role
        for role in roles.read_back(play.suite, str(play.actor("deployer").address))
        if not role.right
    ]
    if wrong:
        raise fix(
            f"{wrong[0].contract} {wrong[0].role} is {wrong[0].actual}, not {wrong[0].expected}",
            "Deploy again",
        )
    contracts = [(name, str(item.address)) for name, item in play.suite.contracts.items()]
    play.output.table(
        f"Deployed in {steps} steps; every owner is the Timelock, the deployer holds nothing",
        ("Contract", "Address"),
        contracts,
    )


def raise_money(play: Play) -> bool:
    """Runs the round; True if it succeeded. Else everybody is refunded."""
    suite = play.suite
    play.output.heading("Raise: supporters contribute")
    terms = rounds.get_round(suite, ROUND_ID)
    play.pass_to(terms.starts_at)
    proofs = None
    if play.scenario.has_allow_list:
        address = str(suite.rounds.address)
        proofs = AllowList.build(connection.chain_id(), address, ROUND_ID, _supporters(play))
    for supporter in play.scenario.supporters:
        _contribute(play, supporter, proofs)
        if rounds.get_round(suite, ROUND_ID).state == RoundState.SUCCEEDED:
            break
    if rounds.get_round(suite, ROUND_ID).state == RoundState.OPEN:
        play.pass_to(terms.ends_at)
    play.ledger.raised = rounds.get_round(suite, ROUND_ID).raised
    if rounds.get_round(suite, ROUND_ID).state == RoundState.FAILED:
        _refund(play)
        return False
    play.ledger.tokens_minted = rounds.finalize(suite, play.keeper, ROUND_ID)
    title = (
        f"Raised {suite.money(play.ledger.raised)}, minted "
        f"{suite.tokens(play.ledger.tokens_minted)}"
    )
    if terms.vesting_seconds == 0:
        _claim(play, title)
        return True
    first_step = terms.cliff_seconds or terms.vesting_seconds // 2
    play.wait(first_step)
    _claim(play, f"{title}; vested after {first_step // DAY} days")
    play.wait(terms.vesting_seconds - first_step)
    _claim(play, f"Vested after {terms.vesting_seconds // DAY} days")
    return True


def _supporters(play: Play) -> list[str]:
    return [play.address(item.name) for item in play.scenario.supporters]


def _claim(play: Play, title: str) -> None:
    """Brings everybody what has vested, and the surplus of an over-subscribed round."""
    suite, rows = play.suite, []
    for name, paid in play.ledger.contributions.items():
        claimed = rounds.claim(suite, play.keeper, ROUND_ID, play.address(name))
        play.ledger.refunded += claimed.surplus
        rows.append(
            (name, suite.money(paid), suite.tokens(claimed.tokens), suite.money(claimed.surplus))
        )
    play.output.table(title, ("Supporter", "Paid", "Got", "Got back"), rows)


def _contribute(play: Play, supporter: Supporter, proofs: AllowList | None) -> None:
    account = play.actor(supporter.name)
    play.give_money(supporter.name, supporter.contribution)
    taken = rounds.contribute(
        play.suite, account, ROUND_ID, supporter.contribution, supporter.permit, proofs
    )
    play.ledger.contributions[supporter.name] = taken


def _refund(play: Play) -> None:
    suite, rows = play.suite, []
    for name, paid in play.ledger.contributions.items():
        back = rounds.refund(suite, play.keeper, ROUND_ID, play.address(name))
        play.ledger.refunded += back
        rows.append((name, suite.money(paid), suite.money(back)))
    goal = suite.money(play.scenario.suite.genesis_round.soft_goal)
    play.output.table(
        f"Raised {suite.money(play.ledger.raised)} of {goal}: failed, refunded",
        ("Supporter", "Paid", "Got back"),
        rows,
    )
