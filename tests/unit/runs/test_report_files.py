"""Tables and figures of a run as files."""

import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from harness.evaluation.group_row import GroupRow
from harness.runs.group_figures import group_utilities
from harness.runs.group_tables import MAX_CSV_ROWS, read_groups, write_groups, write_top_lists

ROWS = [
    GroupRow("genre", "Children's", 20, 0.25, 100, 10),
    GroupRow("genre", "Cost $5$", 20, 0.5, 300, 20),
    GroupRow("genre", "Cost $5$", 10, 0.4, 300, 20),
    GroupRow("popularity", "most", 20, 0.9, 500, 9),
]


def test_groups_as_csv(tmp_path: Path) -> None:
    assert write_groups(ROWS, tmp_path / "tables") == tmp_path / "tables" / "groups.csv"
    table = pl.read_csv(tmp_path / "tables" / "groups.csv")
    assert table.columns == ["grouping", "group", "k", "utility", "interactions", "members"]
    assert table.row(1) == ("genre", "Cost $5$", 20, 0.5, 300, 20)


@pytest.mark.parametrize(("n", "name"), [(MAX_CSV_ROWS, "groups.csv"), (MAX_CSV_ROWS + 1, "groups.parquet")])
def test_every_group_comes_back_however_many(n: int, name: str, tmp_path: Path) -> None:
    rows = [GroupRow("item_individual", f"{number:07}", 20, number / n, number, 1) for number in range(n)]
    file = write_groups(rows, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [file.name] == [name]
    assert read_groups(file.read_bytes()) == rows


def test_top_lists_as_parquet_with_raw_ids(tmp_path: Path) -> None:
    lists = np.array([[2, 0, 1], [1, -1, -1]])
    hits = np.array([[True, False, False], [True, False, False]])
    write_top_lists(tmp_path / "lists.parquet", ["u7", "u3"], ["a", "b", "c"], lists, hits)
    assert pl.read_parquet(tmp_path / "lists.parquet").rows() == [
        ("u7", 1, "c", True),
        ("u7", 2, "a", False),
        ("u7", 3, "b", False),
        ("u3", 1, "b", True),
    ]


def test_figure_shows_sizes_mean_and_disparities(tmp_path: Path) -> None:
    text = drawn(ROWS, tmp_path / "figures" / "genre.svg")
    for expected in ("Children's  (n = 10)", "Cost $5$  (n = 20)", "mean of groups 0.375", "genre: CV 0.333", "0.250"):
        assert expected in text, expected
    assert "most" not in text


@pytest.mark.parametrize("rows", [[], [GroupRow("genre", "all", 20, 0.0, 1, 1)]], ids=["no group", "all zero"])
def test_figure_of_nothing_is_still_a_file(rows: list[GroupRow], tmp_path: Path) -> None:
    draw(rows, tmp_path / "genre.png")
    assert (tmp_path / "genre.png").read_bytes().startswith(b"\x89PNG")


def test_figure_of_many_groups_shows_the_extremes_and_says_how_many_there_are(tmp_path: Path) -> None:
    rows = [GroupRow("genre", f"item {number}", 20, number / 1000, 10, 1) for number in range(1000)]
    text = drawn(rows, tmp_path / "genre.svg")
    for expected in ("item 999  (n = 1)", "item 0  (n = 1)", "… 984 more …", "of 1,000", "mean of groups 0.499"):
        assert expected in text, expected
    assert "item 500" not in text


def test_a_hundred_times_the_groups_are_drawn_in_much_the_same_time(tmp_path: Path) -> None:
    seconds = []
    for n in (100, 100, 10_000):
        rows = [GroupRow("genre", f"item {number}", 20, number / n, 10, 1) for number in range(n)]
        start = time.process_time()
        draw(rows, tmp_path / f"{n}.png")
        seconds.append(time.process_time() - start)
    assert seconds[2] < 5 * seconds[1]


def drawn(rows: list[GroupRow], file: Path) -> str:
    """The figure as SVG, whose words are text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matplotlib.rcParams", __import__("matplotlib").rcParams | {"svg.fonttype": "none"})
        draw(rows, file)
    return file.read_text(encoding="utf-8")


def draw(rows: list[GroupRow], file: Path) -> None:
    group_utilities(
        rows, grouping="genre", k=20, disparities={"CV": 1 / 3}, utility="recall", title="bifair $a$", file=file
    )


def test_names_that_are_formulas_are_text_in_the_file_and_come_back(tmp_path: Path) -> None:
    names = ["=1+1", "'=1+1", "-5", "+cmd|x", "@a", "\ttab", "\rreturn", "plain", 'quo"te', "a,b"]
    rows = [GroupRow("genre", name, 20, -0.25, 100, 10) for name in names]
    file = write_groups(rows, tmp_path)
    assert read_groups(file.read_bytes()) == rows
    cells = pl.read_csv(file, schema_overrides={"group": pl.String})
    assert cells["group"].to_list()[:5] == ["'=1+1", "''=1+1", "-5", "'+cmd|x", "'@a"]
    assert cells["utility"].to_list() == [-0.25] * len(names)


def test_signs_that_no_font_has_are_drawn_in_silence(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    drawn([GroupRow("genre", "喜剧 🎬 हिन्दी", 20, 0.5, 10, 10)], tmp_path / "genre.svg")
    assert [str(warning.message) for warning in recwarn] == []
