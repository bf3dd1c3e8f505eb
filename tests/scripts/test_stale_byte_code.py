"""Nothing is deployed, and no deployment is checked, with byte code that is not the sources'."""

import pytest

from flywheel.deploy import compiled
from tests.scripts import nodes

DEPLOYER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
STALE = "The compiled byte code is not that of the sources. Run 'make compile'."


@pytest.fixture
def stale(local: nodes.Node, monkeypatch: pytest.MonkeyPatch) -> nodes.Node:
    monkeypatch.setattr(compiled, "is_current", lambda root: False)
    return local


@pytest.mark.parametrize("words", ["", "--dry-run"])
def test_deploy__stale_byte_code__sends_nothing(stale: nodes.Node, words: str) -> None:
    assert stale.refuse(f"deploy $N --account TEST::0 {words}") == STALE
    assert stale.nonce(DEPLOYER) == 0


def test_deploy_check__stale_byte_code__is_refused(stale: nodes.Node) -> None:
    """It would call foreign code clean, or ours foreign."""
    assert stale.refuse("deploy --check $M") == STALE
