"""What all commands that propose share: options, the preview, the proposal itself."""

from typing import TYPE_CHECKING, Any

import click

from flywheel.console import cli as shared

if TYPE_CHECKING:
    from flywheel.deploy.suite import Suite
    from flywheel.governance.proposals import Action

TITLE = click.option("--title", help="First line of the description.")
SIMULATE = click.option(
    "--simulate", is_flag=True, help="Send nothing: show what the actions would change."
)
TITLE_LENGTH = 100


def propose(
    session: shared.Session,
    suite: "Suite",
    title: str,
    actions: "list[Action]",
    text: str,
    simulate: bool,
) -> None:
    """Proposes, or shows what the actions would change."""
    from flywheel.governance import effects, proposals, views
    from flywheel.treasury import buckets
    from flywheel.wording.lexicon import show_time

    for remark in buckets.cap_remarks(suite, actions):
        session.output.say(remark)
    said = [item.words for item in actions]
    if simulate:
        changed = effects.of_actions(suite, actions)
        session.output.show(views.changes(title, said, changed))
        return
    account = session.account
    if not session.confirm(f"Propose: {'; '.join(said)}"):
        return
    made = proposals.propose(suite, account, title, actions, text)
    strict = proposals.is_strict(suite, actions)
    fields: dict[str, Any] = {
        "Number": len(proposals.history(suite)),
        "Id": str(made.proposal_id),
        "Does": "\n".join(said),
        "Class": proposals.class_words(suite, strict),
        "Voting starts": show_time(made.vote_start),
        "Voting ends": show_time(made.vote_end),
        "Can be executed from": show_time(made.vote_end + 1 + proposals.delay(suite, strict)),
    }
    session.output.record(title, fields)


def sentence(words: str) -> str:
    """Words as the title of a proposal: cut where the details in brackets begin."""
    short = words.split(" (")[0] if len(words) > TITLE_LENGTH else words
    short = short if len(short) <= TITLE_LENGTH else f"{short[: TITLE_LENGTH - 3]}..."
    return short[:1].upper() + short[1:]
