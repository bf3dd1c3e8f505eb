"""Testing campaigns: points of accepted reports, from the files to the leaves."""

import pytest

from flywheel.errors import FlywheelError
from flywheel.rewards import drop_files, earnings, publication
from flywheel.rewards.leaves import Domain
from flywheel.rewards.report_files import ReportFiles

RULE = "kind: reports\npoints: {critical: 100, high: 30, medium: 8, low: 2}\n"
HEADER = "worker,report,severity,ruling,reason"
DROP = Domain(31_337, "0x" + "aa" * 20, 1, "0x" + "bb" * 20, 1)
LINES = (
    "ann,r1,critical,accepted,reproduced",
    "bob,r2,critical,duplicate,of r1",
    "bob,r3,high,accepted,reproduced",
    "cat,r4,high,refused,works as documented",
    "ann,r5,low,accepted,a slip",
    "dan,r6,medium,open,not read yet",
)
POINTS = {"ann": 102, "bob": 30, "cat": 0, "dan": 0}


@pytest.fixture
def files(tmp_path):
    """Writes reports, and persons if there are any."""

    def write(*lines: str, persons: tuple[str, ...] = ()) -> ReportFiles:
        reports, rule = tmp_path / "reports.csv", tmp_path / "rule.yaml"
        reports.write_text("\n".join((HEADER, *lines)), encoding="utf-8")
        rule.write_text(RULE, encoding="utf-8")
        path = None
        if persons:
            path = tmp_path / "persons.csv"
            path.write_text("\n".join(("worker,person", *persons)), encoding="utf-8")
        return ReportFiles(reports, rule, path)

    return write


def test_earn__accepted_reports__pay_by_severity(files):
    found = earnings.earn(files(*LINES))
    assert (found.points, found.workers) == (POINTS, 2)
    assert found.table_file == "points.csv"
    assert found.table == b"worker,accepted,points\nann,2,102\nbob,1,30\ncat,0,0\ndan,0,0\n"


def test_earn__any_order_and_spelling__is_the_same(files):
    assert earnings.earn(files(*reversed(LINES))) == earnings.earn(files(*LINES))
    spaced = [line.replace(",", " , ") for line in LINES]
    assert earnings.earn(files(*spaced)) == earnings.earn(files(*LINES))


def test_earn__persons__are_paid_under_one_name(files):
    found = earnings.earn(files(*LINES, persons=("bob,ann", "eve,ann")))
    assert found.points == {"ann": 132, "cat": 0, "dan": 0}


def test_earn__a_person_who_is_said_to_be_another__is_refused_with_its_line(files):
    with pytest.raises(FlywheelError, match="line 2: 'ben' is said to be 'ann' itself"):
        earnings.earn(files(*LINES, persons=("bob,ben", "ben,ann")))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("eve,r1,low,accepted,again", "line 8: report 'r1' is there already, in line 2"),
        ("eve, r1 ,low,accepted,again", "line 8: report 'r1' is there already, in line 2"),
        ("eve,r7,Critical,accepted,x", "line 8: the severity 'Critical' is unknown. Write one of"),
        ("eve,r7,severe,open,x", "line 8: the severity 'severe' is unknown"),
        (
            "eve,r7,low,Accepted,x",
            "line 8: the ruling 'Accepted' is unknown. Write one of accepted",
        ),
        ("eve,r7,low,accepted,", "line 8: no reason"),
        ("eve,,low,accepted,x", "line 8: no report"),
        ("eve,r7,low,accepted", "line 8: the row has 4 fields"),
        ("e\u200bve,r7,low,accepted,x", "line 8: .* cannot be seen"),
    ],
)
def test_earn__hostile_line__is_refused_with_its_number(files, line, said):
    with pytest.raises(FlywheelError, match=said):
        earnings.earn(files(*LINES, line))


def test_earn__several_faults__are_told_at_once(files):
    with pytest.raises(FlywheelError) as error:
        earnings.earn(files("ann,r1,huge,accepted,x", "bob,r2,low,perhaps,x"))
    assert [line.split(": ")[0].split(", ")[-1] for line in str(error.value).splitlines()] == [
        "line 2",
        "line 3",
    ]


def test_build__reports__verify_and_are_conserved(files, tmp_path):
    folder = tmp_path / "drop"
    manifest, _ = drop_files.build(folder, DROP, 1_000_001, files(*LINES, persons=("bob,ben",)))
    assert (manifest.total, manifest.leaf_count) == (1_000_001, 2)
    assert sorted(manifest.files) == [
        "inputs/addresses.csv",
        "inputs/persons.csv",
        "inputs/reports.csv",
        "inputs/rule.yaml",
        "points.csv",
    ]
    found = drop_files.verify(folder)
    assert found.earned.points == {"ann": 102, "ben": 30, "cat": 0, "dan": 0}
    amounts = sorted(amount for _, amount in found.tree.items())
    assert amounts == [1_000_001 - 1_000_001 * 102 // 132, 1_000_001 * 102 // 132]


def test_build__nothing_accepted__is_refused_and_leaves_nothing(files, tmp_path):
    with pytest.raises(FlywheelError, match="no accepted work"):
        drop_files.build(tmp_path / "drop", DROP, 1_000, files(LINES[3]))
    assert not (tmp_path / "drop").exists()


def test_build__faulty__names_the_file_that_was_given(files, tmp_path):
    given = files("ann,r1,huge,accepted,x")
    with pytest.raises(FlywheelError) as error:
        drop_files.build(tmp_path / "drop", DROP, 1_000, given)
    assert str(error.value).startswith(f"{given.reports}, line 2")


def republished(folder, leaves):
    """The publication of whoever changed its inputs: hashes and root fit again."""
    (folder / publication.MANIFEST_FILE).unlink()
    publication.publish(folder, DROP, leaves)


def leaves_of(folder):
    return publication.read_leaves(folder / publication.LEAF_FILE)


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("inputs/reports.csv", "bob,r3,high", "bob,r3,low", "is not what the inputs give"),
        ("inputs/rule.yaml", "high: 30", "high: 31", "is not what the inputs give"),
        ("points.csv", "bob,1,30", "bob,1,40", "is not what the inputs give"),
        ("inputs/rule.yaml", "kind: reports", "kind: units", "No work of the kind units reads"),
        ("inputs/addresses.csv", "ann,0x", "eve,0x", "workers have no account, first 'ann'"),
    ],
)
def test_verify__changed_and_published_anew__is_refused(files, tmp_path, name, before, after, said):
    folder = tmp_path / "drop"
    drop_files.build(folder, DROP, 1_000, files(*LINES))
    text = (folder / name).read_text()
    assert before in text
    (folder / name).write_text(text.replace(before, after))
    republished(folder, leaves_of(folder))
    with pytest.raises(FlywheelError, match=said):
        drop_files.verify(folder)


def test_verify__without_its_table__is_refused(files, tmp_path):
    folder = tmp_path / "drop"
    drop_files.build(folder, DROP, 1_000, files(*LINES))
    (folder / "points.csv").unlink()
    republished(folder, leaves_of(folder))
    with pytest.raises(FlywheelError, match=r"Cannot read .*points.csv"):
        drop_files.verify(folder)


def test_verify__amounts_moved_between_accounts__is_refused(files, tmp_path):
    folder = tmp_path / "drop"
    drop_files.build(folder, DROP, 1_000, files(*LINES))
    one, other = leaves_of(folder)
    amounts = leaves_of(folder)
    republished(folder, {one: amounts[one] + 1, other: amounts[other] - 1})
    with pytest.raises(FlywheelError, match="The inputs do not give"):
        drop_files.verify(folder)
