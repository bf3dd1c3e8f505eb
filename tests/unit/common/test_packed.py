"""Every `packed_*.vy` keeps the layout that its header says.

The tests read the header of each module: `[0..95] balance ...` is field `balance` of its struct, in
the bits 0 to 95. All such modules of the tree are found here, so none is without its test; those
that have no struct are named, with the file that tests them.
"""

import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boa
import pytest

from tests.support import ROOT, answer_of, refused

LAYOUT_LINE = re.compile(r"^ +\[(\d+)(?:\.\.(\d+))?\] +(\w+)  ", re.MULTILINE)
STRUCT = re.compile(r"^struct (\w+):\n((?:    \w+: \w+\n)+)", re.MULTILINE)
FOUND = sorted((ROOT / "contracts").rglob("packed_*.vy"))
MODULES = [path for path in FOUND if STRUCT.search(path.read_text())]
# These are never unpacked as a whole. Each has its tests in a file of its room.
WITHOUT_STRUCT = {"packed_page": "rewards/test_packed_rewards.py"}
GETTER = re.compile(r"@internal\n@pure\ndef _(\w+)\(packed: uint256\) -> (\w+):")
SETTER = re.compile(r"@internal\n@pure\ndef _with_(\w+)\(packed: uint256, \w+: (\w+)\) -> uint256:")
ROUNDS = 40
# The selector of Error(string).
ERROR_STRING = bytes.fromhex("08c379a0")

HARNESS = """
# pragma version 0.4.3
from contracts.{room} import {stem} as packed_module

@external
@pure
def pack(fields: packed_module.{struct}) -> uint256:
    return packed_module._pack(fields)

@external
@pure
def unpack(packed: uint256) -> packed_module.{struct}:
    return packed_module._unpack(packed)
"""
GET = """
@external
@pure
def get_{field}(packed: uint256) -> {kind}:
    return packed_module._{field}(packed)
"""
SET = """
@external
@pure
def set_{field}(packed: uint256, new: {kind}) -> uint256:
    return packed_module._with_{field}(packed, new)
"""


@dataclass(frozen=True)
class Field:
    """One field of a packed word: its lowest bit, its width in bits and its type."""

    name: str
    offset: int
    width: int
    kind: str

    @property
    def limit(self) -> int:
        return 2**self.width

    def value(self, number: int) -> Any:
        """`number` as the contract takes it."""
        if self.kind == "bool":
            return bool(number)
        if self.kind == "address":
            return boa.util.abi.Address("0x" + number.to_bytes(20, "big").hex())
        return number

    def random(self, rng: random.Random) -> int:
        """Zero, all ones or anything."""
        return rng.choice([0, self.limit - 1, rng.randrange(self.limit)])

    def number(self, value: Any) -> int:
        return int(str(value), 16) if self.kind == "address" else int(value)


class Module:
    """A packed module, what its header and its struct say, and a contract that opens it."""

    def __init__(self, path: Path):
        text = path.read_text()
        struct, body = STRUCT.search(text).groups()
        kinds = dict(line.strip().split(": ") for line in body.strip().splitlines())
        self.layout = [
            (name, int(low), int(high or low) - int(low) + 1)
            for low, high, name in LAYOUT_LINE.findall(text)
        ]
        self.names = list(kinds)
        self.fields = [
            Field(name, low, width, kinds[name])
            for name, low, width in self.layout
            if name in kinds
        ]
        names = set(kinds)
        self.getters = [name for name, _ in GETTER.findall(text) if name in names]
        self.setters = [name for name, _ in SETTER.findall(text) if name in names]
        source = HARNESS.format(room=path.parent.name, stem=path.stem, struct=struct)
        source += "".join(GET.format(field=name, kind=kinds[name]) for name in self.getters)
        source += "".join(SET.format(field=name, kind=kinds[name]) for name in self.setters)
        self.contract = boa.loads(source)

    def expected(self, numbers: dict[str, int]) -> int:
        return sum(numbers[one.name] << one.offset for one in self.fields)

    def pack(self, numbers: dict[str, int]) -> int:
        return int(
            self.contract.pack(tuple(one.value(numbers[one.name]) for one in self.ordered()))
        )

    def ordered(self) -> list[Field]:
        """The fields in the order of the struct."""
        by_name = {one.name: one for one in self.fields}
        return [by_name[name] for name in self.names]

    def random(self, rng: random.Random) -> dict[str, int]:
        return {
            one.name: rng.choice([0, one.limit - 1, rng.randrange(one.limit)])
            for one in self.fields
        }


def reason_of(answer: bytes) -> str:
    """The phrase of a refusal; empty when the call failed without one."""
    return answer[68:].rstrip(b"\0").decode() if answer[:4] == ERROR_STRING else ""


@pytest.fixture(scope="module", params=MODULES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def module(request) -> Module:
    return Module(request.param)


def test_modules__without_a_struct__have_tests_of_their_own():
    assert {path.stem for path in FOUND if path not in MODULES} == set(WITHOUT_STRUCT)
    for stem, file in WITHOUT_STRUCT.items():
        assert stem in (ROOT / "tests/unit" / file).read_text()


def test_header__names_each_field_of_the_struct__without_overlap(module):
    assert [name for name, _, _ in module.layout] == module.names
    end = 0
    for _, low, width in module.layout:
        assert low >= end
        end = low + width
    assert end <= 256


def test_pack__any_values__lie_where_the_header_says(module):
    rng = random.Random(1)
    for _ in range(ROUNDS):
        numbers = module.random(rng)
        assert module.pack(numbers) == module.expected(numbers)


def test_unpack__of_packed__is_what_was_packed(module):
    rng = random.Random(2)
    for _ in range(ROUNDS):
        numbers = module.random(rng)
        found = module.contract.unpack(module.expected(numbers))
        values = zip(module.ordered(), found, strict=True)
        assert {one.name: one.number(value) for one, value in values} == numbers


def test_unpack__bits_between_the_fields__are_of_no_field(module):
    used = sum((one.limit - 1) << one.offset for one in module.fields)
    rest = (2**256 - 1) & ~used
    found = module.contract.unpack(rest)
    assert all(one.number(value) == 0 for one, value in zip(module.ordered(), found, strict=True))


def test_pack__value_too_wide__is_refused(module):
    """Nothing spills over into the field above, whoever forgets a bound."""
    for wide in module.fields:
        if wide.kind != "uint256" or wide.width == 256:
            continue
        numbers = {one.name: 0 for one in module.fields}
        module.pack(numbers | {wide.name: wide.limit - 1})
        with refused() as error:
            module.pack(numbers | {wide.name: wide.limit})
        assert reason_of(answer_of(error))


def test_getters__any_packed__tell_their_field_alone(module):
    rng = random.Random(3)
    for one in module.fields:
        if one.name not in module.getters:
            continue
        get = getattr(module.contract, f"get_{one.name}")
        for _ in range(ROUNDS):
            numbers = module.random(rng)
            assert one.number(get(module.expected(numbers))) == numbers[one.name]


def test_setters__any_packed__change_their_field_alone(module):
    rng = random.Random(4)
    for one in module.fields:
        if one.name not in module.setters:
            continue
        put = getattr(module.contract, f"set_{one.name}")
        for _ in range(ROUNDS):
            numbers = module.random(rng)
            new = one.random(rng)
            changed = module.expected(numbers | {one.name: new})
            assert put(module.expected(numbers), one.value(new)) == changed
