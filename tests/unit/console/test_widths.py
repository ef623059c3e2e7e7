"""Tables fit what they are shown on: figures stay whole, names are cut so that each can be told from the others."""

import io
from dataclasses import replace
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from harness.console.comparison_tables import print_comparison
from harness.console.list_tables import print_lists
from harness.console.literal_console import LiteralConsole
from harness.console.result_tables import print_summary
from harness.console.short_names import short_names
from harness.console.table_width import table_width
from harness.domain.metric_key import MetricKey
from harness.evaluation.bootstrap_difference import BootstrapDifference
from harness.evaluation.group_row import GroupRow
from harness.runs.against import Against
from harness.runs.comparison import ComparedRun, Comparison
from harness.runs.summary import Summary
from harness.spec.spec_view import SpecView
from harness.stats.user_tests import UserTests

GROUPING = "publishers_by_the_country_of_their_registered_office"
METHOD = "a_method_with_a_name_as_long_as_files_may_have"
NAMES = [f"Verlagsgesellschaft für Wissenschaft und Kunst, Band {number}" for number in range(19)] + ["short"]
ROWS = [
    GroupRow(grouping, name, k, 0.9 - place / 30, 1_234_567, 12_345)
    for grouping in (GROUPING, "genre")
    for k in (5, 10, 20, 50)
    for place, name in enumerate(NAMES)
]
KEYS = [MetricKey(name, k, grouping) for grouping in (GROUPING, "genre") for name in ("cv", "min25", "gini_index_x")
        for k in (5, 10, 20, 50)]  # fmt: skip
METRICS = {**dict.fromkeys(KEYS, 0.1234), **{MetricKey("average_popularity", k): 1234.56 for k in (5, 10, 20, 50)}}
DIFFERENCES = {
    MetricKey(name, 20, grouping): BootstrapDifference(0.4567, 0.3456, -0.1111, -0.2222, -0.0333, 0, 100)
    for name, grouping in (("ndcg", ""), ("cv", GROUPING), ("min25", GROUPING))
}
AGAINST = Against(METHOD, "r" * 32, 20, GROUPING, DIFFERENCES, dict.fromkeys(NAMES, 0.5))
ALONE = Summary("a run", GROUPING, GROUPING, (5, 10, 20, 50), 20, METRICS, ROWS, notes=["12 epochs"])


def shown(width: int, summary: Summary) -> list[str]:
    stream = io.StringIO()
    print_summary(LiteralConsole(file=stream, width=width, force_terminal=False, color_system=None), summary)
    return stream.getvalue().splitlines()


def cells(lines: list[str]) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if line.startswith("│")]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("summary", [ALONE, replace(ALONE, against=AGAINST)], ids=["alone", "against"])
def test_the_tables_of_a_run(width: int, summary: Summary) -> None:
    lines = shown(width, summary)
    assert [line for line in lines if cell_len(line) > width] == []
    rows = cells(lines)
    groups = [row for row in rows if "12,345" in row]
    assert len(groups) == len(NAMES)
    assert all("1,234,567" in row and f"{0.9 - place / 30:.4f}" in row for place, row in enumerate(groups))
    names = [row[0] for row in groups]
    assert len(set(names)) == len(NAMES), "each can be told from the others"
    assert names[-1] == "short"
    assert all("…" in name and name.endswith(str(number)) for number, name in enumerate(names[:-1]))
    assert sum(row.count("1234.6") for row in rows) == 4, "each cut-off once"
    if summary.against is not None:
        assert sum("0.4567" in row and "-0.0333" in row for row in rows) == 3


def test_a_bar_needs_room_and_takes_what_there_is() -> None:
    rows = [GroupRow("genre", name, 20, 0.5, 12, 3) for name in ("Drama", "War")]
    few = replace(ALONE, groups=rows, headline="genre")
    assert [row for row in cells(shown(80, few)) if row[0] == "War"] == [["War", "3", "12", "0.5000", "█" * 20]]
    narrow = [row for row in cells(shown(60, few)) if row[0] == "War"]
    assert narrow == [["War", "3", "12", "0.5000", "█" * 20]]
    assert [row[-1] for row in cells(shown(50, few)) if row[0] == "War"] == ["█" * 11]
    assert [row for row in cells(shown(40, few)) if row[0] == "War"] == [["War", "3", "12", "0.5000"]]


def test_of_many_groups_the_rest_is_counted_where_there_is_no_bar() -> None:
    rows = [GroupRow("genre", f"{number:04}", 20, number / 1000, 7, 1) for number in range(1000)]
    lines = shown(44, replace(ALONE, groups=rows, headline="genre", trained="genre"))
    assert any("… 984 more" in line for line in lines)
    assert max(map(cell_len, lines)) <= 44


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_comparison_of_many_runs(width: int) -> None:
    tree = {
        "method": METHOD,
        "dataset": "d",
        "group": GROUPING,
        "seed": 0,
        "evaluation": {"headline_k": 20, "ks": [20]},
    }
    runs = [
        ComparedRun(letter, letter * 32, SpecView({**tree, "seed": seed}), METRICS, {})
        for seed, letter in enumerate("ABCDEFG")
    ]
    tests = [UserTests(943, 812, -0.0123, 1e-9, 0.04, 0.0001)] * 6
    comparison = Comparison(runs, 20, GROUPING, [DIFFERENCES] * 6, tests, 2000, 943)
    stream = io.StringIO()
    print_comparison(
        LiteralConsole(file=stream, width=width, force_terminal=False, color_system=None), comparison, True
    )
    lines = stream.getvalue().splitlines()
    tables = [line for line in lines if not line.startswith(tuple(f"{run.letter}  " for run in runs))]
    assert [line for line in tables if cell_len(line) > width] == []
    found = [cell for row in cells(lines) for cell in row]
    assert found.count("0.1234") == 7 * len(KEYS)
    assert found.count("-0.2222") == 6 * len(DIFFERENCES)


def test_lists(capsys: pytest.CaptureFixture[str]) -> None:
    title = "A title of a book as long as titles of dissertations of the last century were, and longer still"
    items = {"item": ["9" * 40], "title": [title], "groups": [NAMES[:8]], "score": [0.123456]}
    print_lists(pl.DataFrame({"user": ["u"], "rank": [1], **items}))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(cell_len, lines)) <= 120
    assert any("0.1235" in row and "1" in row for row in cells(lines))


@given(st.lists(st.text("ab1日", max_size=30), max_size=12), st.integers(6, 20))
def test_short_names_fit_and_no_two_become_one(names: list[str], width: int) -> None:
    found = short_names(names, width)
    assert set(found) == set(names)
    assert len(set(found.values())) == len(found)
    assert all(cell_len(text) <= width for text in found.values())
    assert all(found[name] == name for name in names if cell_len(name) <= width)


def test_short_names_keep_the_beginning_and_of_the_end_what_tells_them_apart() -> None:
    assert short_names(["Documentary", "Documentation", "Film"], 8) == {
        "Documentary": "Docume…y", "Documentation": "Docume…n", "Film": "Film",
    }  # fmt: skip
    assert short_names(["Documentary", "Thrillers"], 8) == {"Documentary": "Documen…", "Thrillers": "Thrille…"}
    alike = [f"{'a' * 10}{middle}{'b' * 10}" for middle in "xyz"]
    found = list(short_names(alike, 6).values())
    assert all(one != other for one, other in pairwise(found))


def test_without_a_terminal_a_table_has_the_width_that_is_asked_for() -> None:
    assert table_width(io.StringIO()) == 80
    assert table_width(io.StringIO(), piped=120) == 120
