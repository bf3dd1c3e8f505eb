"""`make abi`: whole, and what ethers and viem need to decode every error and event."""

import json
import re
import subprocess

import pytest

from flywheel.chain import reverts
from flywheel.deploy.suite import CONTRACTS
from tests.support import ROOT
from tools import abi, paths

SCRIPT = ROOT / "tests" / "clients" / "decode.mjs"


@pytest.fixture(scope="module")
def documents(tmp_path_factory) -> dict[str, dict]:
    folder = tmp_path_factory.mktemp("abi")
    names = abi.write(folder)
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in names}


def names_of(document: dict, kind: str) -> set[str]:
    return {entry["name"] for entry in document["abi"] if entry["type"] == kind}


def test_write__every_contract_of_the_suite__has_a_file(documents):
    assert set(CONTRACTS) == set(documents)


def test_abi__of_each_contract__has_all_of_its_interface(documents):
    for name, document in documents.items():
        text = (ROOT / "interfaces" / f"I{name}.vyi").read_text()
        functions = set(re.findall(r"^def (\w+)\(", text, re.MULTILINE))
        events = set(re.findall(r"^event (\w+):", text, re.MULTILINE))
        assert functions <= names_of(document, "function"), name
        assert events <= names_of(document, "event"), name


def test_abi__inherited_entries_and_typed_errors__are_there(documents):
    market = names_of(documents["LicenseMarket"], "function")
    assert {"ownerOf", "safeTransferFrom", "tokenURI", "supportsInterface"} <= market
    errors = names_of(documents["Governor"], "error")
    assert {"GovernorUnexpectedProposalState", "GovernorInsufficientProposerVotes"} <= errors
    assert "TimelockInsufficientDelay" in names_of(documents["Timelock"], "error")
    assert "ERC721NonexistentToken" in names_of(documents["LicenseMarket"], "error")
    assert "GovernorOnlyExecutor" not in names_of(documents["Treasury"], "error")


def test_abi__natspec__is_with_it(documents):
    for name, document in documents.items():
        assert document["userdoc"]["methods"], name
        assert document["devdoc"]["methods"], name


def test_clients__every_error_and_event__is_decoded(documents):
    asked = json.dumps(list(documents.values()))
    found = subprocess.run(["node", SCRIPT], input=asked, text=True, capture_output=True, cwd=ROOT)
    assert found.returncode == 0, found.stderr
    counted = json.loads(found.stdout)
    for kind, key in (("error", "errors"), ("event", "events")):
        listed = sum(
            entry["type"] == kind for document in documents.values() for entry in document["abi"]
        )
        assert counted[key] == listed > 0
    assert counted["functions"] > 500


def test_typed_errors__of_the_sources__are_told_in_words_by_commands():
    raised = {f"{name}({','.join(types)})" for name, types in abi.typed_errors().items()}
    assert raised - set(reverts.TYPED_ERRORS) == set()


def test_index__of_journals__has_addresses_by_chain(tmp_path):
    (tmp_path / "deployments").mkdir()
    journal = {"contracts": {"Treasury": {"address": "0xab"}, "Asset": {"address": "0xcd"}}}
    (tmp_path / "deployments" / "1.json").write_text(json.dumps(journal))
    assert abi.index(["Treasury"], tmp_path) == {
        "contracts": ["Treasury"],
        "deployments": {"1": {"Asset": "0xcd", "Treasury": "0xab"}},
    }


def test_typed_errors__functions_that_are_called__are_none():
    found = abi.typed_errors(paths.ROOT)
    assert "GovernorOnlyExecutor" in found
    assert not {"STRICT_DELAY", "transfer"} & set(found)
