"""All readers of files against hostile bytes: one clear refusal or the right values, nothing else.

Two properties. Whatever the bytes, a reader returns or raises `FlywheelError`, whose lines a
terminal can show. And what a writer of good values writes, decorated as spreadsheets and editors
decorate it, is read as the same values. `make test-deep` tries more, drawn at random.
"""

import csv
import io
import json
import os
import tempfile
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flywheel import documents
from flywheel.deploy import parameters
from flywheel.deploy.journal import Journal
from flywheel.energy import card_block, codecarbon, estimate, power_samples
from flywheel.errors import FlywheelError
from flywheel.evaluations import attestations, harness
from flywheel.funding.allow_list import AllowList, accounts_of
from flywheel.governance import ballots
from flywheel.governance.ballots import Signed
from flywheel.grants import vouchers
from flywheel.models import cards, salts, weights
from flywheel.models.kinds import ModelKind
from flywheel.reading import strict_json, strict_yaml, texts
from flywheel.rewards import judgements
from flywheel.royalties import royalty_file
from flywheel.story import lineage_scenario, scenario
from flywheel.wording.arguments import parse_pairs
from tests.kits import energy, hostile
from tests.kits.hostile_rewards import REWARD_READERS
from tests.support import ROOT

FACTOR = int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
EXAMPLES, DEEP_EXAMPLES = 15, 500
CONTRACT = "0x" + "22" * 20


def examples(count: int) -> settings:
    """`count` examples, always the same; FLYWHEEL_EXAMPLES=n makes it n times as many at random."""
    return settings(
        max_examples=count * FACTOR,
        deadline=None,
        derandomize=FACTOR == 1,
        suppress_health_check=list(HealthCheck),
    )


# --- every reader ---


def _of_schema(schema: str) -> Callable[[Path], Any]:
    return lambda path: documents.load(path, schema)


def _index_of_weights(path: Path) -> Any:
    (path.parent / "m.safetensors").write_bytes(b"weights")
    return weights.weight_files([path.parent])


def _scores_of_results(path: Path) -> Any:
    """Every score of a file of results, as a claim would have it."""
    return [(measured.score(True), measured.task_hash) for measured in harness.Results(path).all()]


def _option(path: Path) -> Any:
    return parse_pairs((f"name={path.read_bytes().decode('latin-1')}",))


def _files(*patterns: str) -> list[bytes]:
    return [path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def _saved(signed: Signed | attestations.Signed) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ballot.json"
        signed.save(path)
        return path.read_bytes()


RESULTS = _files("tests/fixtures/evaluations/*.json")
VOUCHER = (
    b'{"chain_id": 1, "contract": "0x1111111111111111111111111111111111111111", "order_id": 1, '
    b'"gpu_seconds": 3600, "signature": "0xabab"}'
)
INDEX = b'{"weight_map": {"a": "m.safetensors", "b": "n.safetensors"}}'
JOURNAL = (
    b'{"format": 1, "chain_id": 1337, "deployer": null, "values": {}, "contracts": {}, '
    b'"calls": {}, "pending": null}'
)
SITE = power_samples.Site(pue_bps=11_000, grid_grams_per_kwh=57, region="FRA")
SALT = json.dumps({"format": 1, "chain_id": 1, "registry": "r", "salt": "ab" * 32}).encode()

# What reads a file, the name that the file has, and good and hostile files of its kind.
READERS: dict[str, tuple[Callable[[Path], Any], str, list[bytes]]] = {
    **REWARD_READERS,
    "card": (cards.read, "card.md", hostile.CARDS),
    "model": (cards.read, "model.yaml", hostile.YAMLS),
    "parameters": (parameters.load, "p.yaml", _files("parameters/devnet.yaml")),
    "scenario": (lambda path: scenario.load(str(path)), "s.yaml", _files("scenarios/failed*.yaml")),
    "lineages": (lineage_scenario.load, "l.yaml", hostile.YAMLS),
    "is_one": (lineage_scenario.is_one, "l.yaml", hostile.YAMLS),
    "round": (_of_schema("round"), "r.yaml", _files("examples/round*.yaml")),
    "actions": (_of_schema("actions"), "a.yaml", _files("examples/action*.yaml")),
    "application": (_of_schema("application"), "a.yaml", _files("examples/application*.yaml")),
    "terms": (_of_schema("terms"), "t.yaml", _files("flywheel/licensing/presets/api.yaml")),
    "summary": (_of_schema("license_summary"), "s.yaml", [b"license: mit\n", *hostile.YAMLS]),
    "option": (_option, "option", hostile.YAMLS),
    "royalties": (royalty_file.read, "r.csv", hostile.TABLES),
    "accounts": (accounts_of, "a.csv", hostile.TABLES),
    "allow-list": (AllowList.read, "a.json", hostile.JSONS),
    "ballot": (
        ballots.load,
        "b.json",
        [_saved(hostile.BALLOT), _saved(hostile.DELEGATION), *hostile.JSONS],
    ),
    "voucher": (vouchers.load, "v.json", [VOUCHER, *hostile.JSONS]),
    "journal": (lambda path: Journal.at(path, 1337), "1337.json", [JOURNAL, *hostile.JSONS]),
    "salt": (
        lambda path: salts.salt_of(path, 1, "r", hostile.ACCOUNT, bytes(32)),
        "s.json",
        [SALT, *hostile.JSONS],
    ),
    "emissions": (
        lambda path: codecarbon.read(path, energy.FILING),
        "emissions.csv",
        energy.EMISSIONS_FILES,
    ),
    "power": (
        lambda path: power_samples.read(path, SITE, energy.FILING),
        "power.csv",
        energy.SAMPLES_FILES,
    ),
    "estimate": (
        lambda path: estimate.read(path, energy.FILING),
        "estimate.yaml",
        energy.ESTIMATE_FILES,
    ),
    "carbon": (card_block.read, "card.md", energy.CARDS),
    "results": (_scores_of_results, "r.json", [*RESULTS, *hostile.JSONS]),
    "attestation": (
        attestations.load,
        "a.json",
        [_saved(hostile.ATTESTATION), _saved(hostile.BALLOT), *hostile.JSONS],
    ),
    "weights": (_index_of_weights, "m.safetensors.index.json", [INDEX, *hostile.JSONS]),
}


def survives(name: str, data: bytes) -> None:
    """The reader returns, or refuses in lines that can be shown; all else fails the test."""
    read, file, _ = READERS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        (path.parent / "README.md").write_bytes(hostile.CARD)
        path.write_bytes(data)
        for line in _refusal_of(read, path).splitlines():
            assert line.isprintable(), repr(line)
            assert len(line) < 1_000


def _refusal_of(read: Callable[[Path], Any], path: Path) -> str:
    """What the reader says against the file; nothing if it reads it."""
    try:
        read(path)
    except FlywheelError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", READERS)
def test_reader__any_seed__is_read_or_refused_in_plain_lines(name):
    seeds = [*READERS[name][2], *hostile.CARDS, *hostile.YAMLS, *hostile.TABLES, *hostile.JSONS]
    for data in seeds:
        survives(name, data)


SNIPPETS = [
    *(
        b"\0",
        b"\x08",
        b"\x1b[2J",
        b'"',
        b"'",
        b"\t",
        b"\r",
        b"\n",
        b"\n\n",
        b",",
        b":",
        b": ",
        b"- ",
    ),
    *(b"---\n", b"\n---\n", b"#", b"{", b"}", b"[", b"]", b"*a", b"&a ", b"!!int ", b"|", b">"),
    *(b"\xff", b"\xe8", b"\xef\xbb\xbf", b"\xff\xfe", "\u202e".encode(), "\u200b".encode()),
    *(
        b"NaN",
        b"1e999",
        b"-1",
        b"010",
        b"0x12",
        b"1:30",
        b"2025-02-30",
        b"true",
        b"null",
        b"~",
        b"=",
    ),
    *(b'"\\ud800"', b'"\\U00110000"', b"\\", b"=1+1", hostile.DIGITS.encode(), b"<<: *a\n"),
]


@st.composite
def spoilt(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A seed after a few accidents."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        how = draw(st.sampled_from(["insert", "cut", "replace", "repeat", "end"]))
        snippet = draw(st.sampled_from(SNIPPETS) | st.binary(max_size=8))
        data = {
            "insert": data[:start] + snippet + data[start:],
            "cut": data[:start] + data[end:],
            "replace": data[:start] + snippet + data[end:],
            "repeat": data[:end] + data[start:],
            "end": data[:start],
        }[how]
    return data


def campaign(name: str, count: int) -> None:
    @examples(count)
    @given(data=spoilt(READERS[name][2]))
    def try_all(data: bytes) -> None:
        survives(name, data)

    try_all()


@pytest.mark.parametrize("name", READERS)
def test_reader__spoilt_file__is_read_or_refused_in_plain_lines(name):
    campaign(name, EXAMPLES)


@pytest.mark.deep
@pytest.mark.parametrize("name", READERS)
def test_reader__many_spoilt_files__are_read_or_refused_in_plain_lines(name):
    campaign(name, DEEP_EXAMPLES)


# --- what was written is what is read ---


def _is_plain(text: str) -> bool:
    return bool(text) and text == text.strip() and not texts.unseen(text)


# Values that people can see, in the form in which they are compared.
VALUES = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
    .map(lambda text: unicodedata.normalize("NFC", text.strip()))
    .filter(_is_plain)
)
NUMBERS = st.integers(0, 2**64 - 1)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
LINE_BREAKS = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def tables(
    draw: st.DrawFn, columns: tuple[str, ...], row: Any
) -> tuple[list[Any], list[int], bytes]:
    """Rows of values, their lines, and a file that a spreadsheet may have made of them."""
    rows = draw(st.lists(row, min_size=1, max_size=8))
    end = draw(LINE_BREAKS)
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    lines, numbers = [], []

    def written(cells: tuple[str, ...]) -> str:
        buffer = io.StringIO()
        csv.writer(buffer, quoting=quoting, lineterminator="").writerow(cells)
        return buffer.getvalue()

    for number, cells in enumerate([columns, *rows]):
        lines += [draw(st.sampled_from(["", "," * (len(columns) - 1), " , "]))] * draw(
            st.integers(0, 1)
        )
        text = written(tuple(map(str, cells)))
        is_padded = '"' not in text and draw(st.booleans())
        lines.append(" " + text.replace(",", " , ") + "\t" if is_padded else text)
        numbers += [len(lines)] if number else []
    lines += draw(st.sampled_from([[], [""], ["," * (len(columns) - 1)] * 3, ["", ",,,,,"]]))
    return rows, numbers, end.join(lines).encode(draw(ENCODINGS))


def _read_as(read: Callable[[Path], Any], name: str, data: bytes) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return read(path)


@examples(100)
@given(tables(("worker", "task", "label"), st.tuples(VALUES, VALUES, VALUES)))
def test_read_labels__what_was_written__is_read(written):
    rows, lines, data = written
    table = _read_as(judgements.read_labels, "l.csv", data)
    assert list(table.itertuples(index=False, name=None)) == rows
    assert list(table.index) == lines


@examples(100)
@given(
    tables(
        ("license", "period", "revenue", "units"),
        st.tuples(*[NUMBERS.map(lambda n: n + 1)] * 3, NUMBERS),
    )
)
def test_royalty_read__what_was_written__is_read(written):
    rows, lines, data = written
    found, faults = _read_as(royalty_file.read, "r.csv", data)
    assert faults == []
    assert [(row.license_id, row.period, int(row.revenue), row.units) for row in found] == rows
    assert [row.line for row in found] == lines


ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda data: f"0x{data.hex()}")


@examples(100)
@given(
    tables(("name", "account"), st.tuples(VALUES, ADDRESSES)).filter(
        lambda found: len({row[1] for row in found[0]}) == len(found[0])
    )
)
def test_accounts_of__what_was_written__is_read(written):
    rows, _, data = written
    assert _read_as(accounts_of, "a.csv", data) == [account for _, account in rows]


@examples(100)
@given(
    name=VALUES.filter(lambda text: texts.utf8_bytes(text) <= cards.MAX_NAME),
    bases=st.lists(VALUES.filter(lambda text: not text.endswith("/")), max_size=3, unique=True),
    before=st.sampled_from(["", "\n", " \n\n"]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=ENCODINGS,
    allow_unicode=st.booleans(),
)
def test_card_read__what_was_written__is_read(name, bases, before, end, encoding, allow_unicode):
    front = {"gated": "Agree:\n---\nYes.\n", "model_name": name, "base_model": bases}
    head = yaml.safe_dump(front, allow_unicode=allow_unicode)
    text = f"{before}---\n{head}---\n# Another\n".replace("\n", end)
    found = _read_as(
        lambda path: cards.read(path, None, ModelKind.MERGE), "card.md", text.encode(encoding)
    )
    assert found.name == name
    assert [parent.model for parent in found.parents] == bases


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**250), 2**250)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
    | st.sampled_from(["010", "1:30", "2025-02-30", "0x12", "yes", "~", "=", "<<", ".nan", "1e3"])
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner),
    max_leaves=10,
)


@examples(100)
@given(value=TREES)
def test_yaml_and_json_load__what_was_written__is_read(value):
    assert strict_yaml.load(yaml.safe_dump(value), "x.yaml") == value
    assert strict_json.loads(json.dumps(value), "x.json", "Write it again") == value


UINT256 = st.integers(0, 2**256 - 1)


@examples(100)
@given(
    value=st.decimals(-(10**12), 10**12, places=9, allow_nan=False),
    error=st.decimals(0, 1, places=9),
    encoding=ENCODINGS,
)
def test_results__what_was_written__is_read(value, error, encoding):
    """As the program writes a score, whose digits are those of a binary fraction."""
    task = {"acc": float(value), "acc_stderr": float(error)}
    data = json.dumps({"results": {"t": task}, "versions": {"t": 0}, "config": {}})
    found = _read_as(harness.Results, "r.json", data.encode(encoding)).read("t", "acc")
    assert (found.value, found.stderr) == (Decimal(str(float(value))), Decimal(str(float(error))))


@examples(100)
@given(
    claim_id=UINT256,
    deadline=UINT256,
    evaluator=ADDRESSES,
    claim_hash=st.binary(min_size=32, max_size=32),
    signature=st.binary(min_size=1, max_size=100),
    encoding=ENCODINGS,
)
def test_attestation_load__what_was_saved__is_read(
    claim_id, deadline, evaluator, claim_hash, signature, encoding
):
    signed = attestations.Signed(1, CONTRACT, evaluator, claim_id, claim_hash, deadline, signature)
    data = _saved(signed).decode().encode(encoding)
    assert _read_as(attestations.load, "a.json", data) == signed


@examples(100)
@given(
    proposal=UINT256,
    nonce=UINT256,
    support=st.integers(0, 2),
    voter=ADDRESSES,
    signature=st.binary(min_size=1, max_size=100),
    encoding=ENCODINGS,
)
def test_ballot_load__what_was_saved__is_read(proposal, nonce, support, voter, signature, encoding):
    message = {"proposalId": proposal, "support": support, "voter": voter, "nonce": nonce}
    signed = Signed(ballots.BALLOT, 1, CONTRACT, voter, message, signature)
    data = _saved(signed).decode().encode(encoding)
    assert _read_as(ballots.load, "b.json", data) == signed
