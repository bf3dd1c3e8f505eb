"""What 'ape run vote' says of the two classes of proposals, and of the first days."""

import pytest

from tests.scripts import nodes

SAFE = "0x5aFE000000000000000000000000000000000001"
PAYMENT = f"vote propose-payment reserve '1 USDC' {SAFE} $N"
PURPOSE = "vote propose-call Treasury.create_purpose name=audits $N"


@pytest.fixture(scope="module")
def dao(local) -> nodes.Node:
    """Of two holders the smaller one has claimed its tokens."""
    for line in (
        *nodes.FIRST_ROUND,
        "raise claim $N --account TEST::2",
        "devnet pass-time '1 minute' $N",
    ):
        local.succeed(line)
    return local


def made(dao: nodes.Node, line: str) -> dict:
    return dict(nodes.result_of(dao.succeed(f"{line} --account TEST::2 --format json")))


def shown(dao: nodes.Node, line: str):
    return nodes.result_of(dao.succeed(f"vote {line} $M --format json"))


def test_vote__in_the_first_days_and_after__says_what_each_class_needs(dao):
    said = dao.refuse(f"{PAYMENT} --account TEST::2")
    assert "most tokens wait in rounds" in said
    assert "Wait until more than half of the tokens are claimed" in said
    for line in ("raise claim $N --account TEST::1", "devnet pass-time '1 minute' $N"):
        dao.succeed(line)
    ordinary, strict = made(dao, PAYMENT), made(dao, PURPOSE)
    assert ordinary["class"] == (
        "ordinary: a quorum of at least 10 % of what could vote, more for than against, "
        "2 days from queueing to execution"
    )
    assert strict["class"] == (
        "strict: a quorum of at least 20 % of what could vote, 66.67 % of for and against, "
        "4 days from queueing to execution"
    )
    assert [row["class"] for row in shown(dao, "show")] == ["ordinary", "strict"]
    for number, proposed in ((1, ordinary), (2, strict)):
        one = shown(dao, f"show {number}")
        assert one["class"] == proposed["class"]
        assert one["can_be_executed_from"] == proposed["can_be_executed_from"]
