"""What 'ape run vote' says before it sends: wrong thing, wrong time, wrong person, no votes."""

import pytest

from tests.scripts import nodes
from tests.scripts.safe_app import SAFE

PURPOSE = "vote propose-call Treasury.create_purpose name=audits $N --account TEST::1"
HOLDER, OTHER, STRANGER = "--account TEST::1", "--account TEST::2", "--account TEST::9"


@pytest.fixture(scope="module")
def dao(local) -> nodes.Node:
    """Two holders, and a strict proposal that waits for its vote."""
    for line in (
        *nodes.FIRST_ROUND,
        f"raise claim $N {HOLDER}",
        f"raise claim $N {OTHER}",
        "devnet pass-time '1 minute' $N",
        PURPOSE,
    ):
        local.succeed(line)
    return local


@pytest.fixture(autouse=True)
def _back_again(dao):
    with dao.undone():
        yield


def after(dao: nodes.Node, *durations: str) -> None:
    for duration in durations:
        dao.succeed(f"devnet pass-time '{duration}' $N")


def test_cast__before_the_vote__says_when_it_starts(dao):
    said = dao.refuse(f"vote cast 1 for $N {HOLDER}")
    starts = nodes.result_of(dao.succeed("vote show 1 $M --format json"))["voting_starts"]
    assert said.startswith(f"Voting starts on {starts[:10]} ")
    assert "(in 23 hours 59 minutes)" in said or "(in 1 day" in said
    assert said.endswith("Come back then.")


def test_cast__after_the_vote__says_how_it_ended(dao):
    after(dao, "9 days")
    said = dao.refuse(f"vote cast 1 for $N {HOLDER}")
    assert said.startswith("Voting ended on ")
    assert "ago): the proposal was defeated." in said


def test_cast__again__says_that_a_ballot_stays(dao):
    after(dao, "25 hours")
    dao.succeed(f"vote cast 1 for $N {HOLDER}")
    said = dao.refuse(f"vote cast 1 against $N {HOLDER}")
    assert said.endswith(" has voted. A ballot cannot be changed.")


def test_cast__without_votes__is_not_sent_by_itself(dao):
    after(dao, "25 hours")
    said = dao.refuse(f"vote cast 1 for $N {STRANGER}")
    assert "has no votes on this proposal" in said
    shown = dao.run(f"vote cast 1 for $M {STRANGER} --dry-run")
    assert shown.exit_code == 0
    assert "has no votes on this proposal" in shown.stderr


def test_queue__before_and_without_a_victory__says_why_not(dao):
    assert dao.refuse(f"vote queue 1 $N {STRANGER}").startswith("Voting ends on ")
    after(dao, "25 hours")
    dao.succeed(f"vote cast 1 against $N {HOLDER}")
    after(dao, "7 days")
    said = dao.refuse(f"vote queue 1 $N {STRANGER}")
    assert said.startswith("The proposal was defeated. See")


def test_execute__at_each_stage__says_what_is_next(dao):
    line = f"vote execute 1 $N {STRANGER}"
    assert dao.refuse(line).startswith("The proposal can be executed on ")
    after(dao, "25 hours")
    dao.succeed(f"vote cast 1 for $N {HOLDER}")
    after(dao, "7 days")
    assert "'ape run vote queue'" in dao.refuse(line)
    dao.succeed(f"vote queue 1 $N {STRANGER}")
    assert "(in 4 days) at the earliest" in dao.refuse(line)
    after(dao, "4 days")
    dao.succeed(line)
    assert dao.refuse(line).startswith("The proposal is executed already.")


def test_safe__dry_run_or_reading__writes_no_file(dao, tmp_path):
    path = tmp_path / "batch.json"
    dao.succeed(f"vote delegate {SAFE} $M --dry-run --safe {path} --safe-address {SAFE}")
    result = dao.run(f"vote show $M --safe {path} --safe-address {SAFE}")
    assert "No such option: --safe" in result.stderr
    assert not path.exists()
