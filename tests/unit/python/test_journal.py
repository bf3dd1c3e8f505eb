import json

import pytest

from flywheel.deploy.journal import Journal
from flywheel.errors import FlywheelError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deployments" / "1337.json"


def test_save__then_open__is_the_same(path):
    journal = Journal.at(path, 1337)
    journal.deployer = "0xme"
    journal.values["genesis"] = 5
    journal.contracts["Timelock"] = {"address": "0x1"}
    journal.pending = {"name": "Governor"}
    journal.save()
    assert Journal.at(path, 1337) == journal
    assert list(path.parent.iterdir()) == [path], "no draft stays behind"


def test_save__in_memory__writes_nothing(tmp_path):
    Journal(1337).save()
    assert list(tmp_path.iterdir()) == []


def test_save__that_fails__keeps_the_old_one(path, monkeypatch):
    journal = Journal.at(path, 1337)
    journal.deployer = "0xme"
    journal.save()
    journal.contracts["Broken"] = {"address": object()}
    with pytest.raises(TypeError):
        journal.save()
    assert Journal.at(path, 1337).contracts == {}


def test_at__other_chain__is_refused(path):
    Journal.at(path, 1337).save()
    with pytest.raises(FlywheelError, match="is of chain 1337, the node is on chain 1"):
        Journal.at(path, 1)


def test_at__not_json__is_refused(path):
    path.parent.mkdir()
    path.write_text("{", encoding="utf-8")
    with pytest.raises(FlywheelError, match="is not a journal"):
        Journal.at(path, 1337)


def test_at__other_format__is_refused(path):
    Journal.at(path, 1337).save()
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(data | {"format": 99}), encoding="utf-8")
    with pytest.raises(FlywheelError, match="another format"):
        Journal.at(path, 1337)
