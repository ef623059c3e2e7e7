"""Tables and figures of a run as files."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from harness.evaluate import GroupRow
from harness.report.figures import group_utilities
from harness.report.tables import write_groups, write_top_lists

ROWS = [
    GroupRow("genre", "Children's", 20, 0.25, 100, 10),
    GroupRow("genre", "Cost $5$", 20, 0.5, 300, 20),
    GroupRow("genre", "Cost $5$", 10, 0.4, 300, 20),
    GroupRow("popularity", "most", 20, 0.9, 500, 9),
]


def test_groups_as_csv(tmp_path: Path) -> None:
    write_groups(ROWS, tmp_path / "tables" / "groups.csv")
    table = pl.read_csv(tmp_path / "tables" / "groups.csv")
    assert table.columns == ["grouping", "group", "k", "utility", "interactions", "members"]
    assert table.row(1) == ("genre", "Cost $5$", 20, 0.5, 300, 20)


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
    file = tmp_path / "figures" / "genre.svg"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matplotlib.rcParams", __import__("matplotlib").rcParams | {"svg.fonttype": "none"})
        draw(ROWS, file)
    text = file.read_text(encoding="utf-8")
    for expected in ("Children's  (n = 10)", "Cost $5$  (n = 20)", "mean of groups 0.375", "genre: CV 0.333", "0.250"):
        assert expected in text, expected
    assert "most" not in text


@pytest.mark.parametrize("rows", [[], [GroupRow("genre", "all", 20, 0.0, 1, 1)]], ids=["no group", "all zero"])
def test_figure_of_nothing_is_still_a_file(rows: list[GroupRow], tmp_path: Path) -> None:
    draw(rows, tmp_path / "genre.png")
    assert (tmp_path / "genre.png").read_bytes().startswith(b"\x89PNG")


def draw(rows: list[GroupRow], file: Path) -> None:
    group_utilities(
        rows, grouping="genre", k=20, disparities={"CV": 1 / 3}, utility="recall", title="bifair $a$", file=file
    )
