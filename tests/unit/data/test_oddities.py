"""What is odd about data is said, whether they are read or found prepared."""

from pathlib import Path

import polars as pl
import pytest

from harness.data.build_corpus import build_corpus
from harness.data.prepared import prepared
from harness.data.table.card_dataset import from_card
from harness.domain.tables import Tables
from harness.plugins import Dataset
from harness.spec.options import DataOptions


def notes(interactions: pl.DataFrame, min_rating: float | None = 4.0) -> tuple[str, ...]:
    items, users = (interactions.select(side).unique() for side in ("item", "user"))
    return build_corpus(Tables(interactions, items, users), DataOptions(core=1, min_rating=min_rating)).notes


def rated(ratings: list[float]) -> pl.DataFrame:
    return pl.DataFrame(
        {"user": ["u"] * len(ratings), "item": [f"i{k}" for k in range(len(ratings))], "rating": ratings}
    )


@pytest.mark.parametrize(
    ("ratings", "bound", "said"),
    [
        ([0.0, 3.0, 50.0, 100.0], 4.0, "ratings go from 0 to 100, and data.min_rating=4 takes 50% of them for praise"),
        ([1.0, 4.0, 9.0, 10.0], 4.0, "such as data.min_rating=7.75"),
        ([1.0, 4.0, 9.0, 10.0], 8.0, ""),
        ([1.0, 4.0, 9.0, 10.0], None, ""),
        ([0.5, 4.0, 5.0], 4.0, ""),
        ([1.0, 4.0, 5.0], 2.0, ""),
        ([0.0, 100.0], 75.0, ""),
    ],
)
def test_ratings_on_another_scale(ratings: list[float], bound: float | None, said: str) -> None:
    found = notes(rated(ratings), bound)
    assert len(found) == bool(said)
    assert all(note.startswith("warning: ") and said in note for note in found)


def card(folder: Path, rows: str, columns: str) -> Dataset:
    (folder / "t.csv").write_text(rows, encoding="utf-8")
    (folder / "own.toml").write_text(
        'name = "own"\ntitle = "t"\nsummary = "s"\nhomepage = ""\nlicence = "l"\ncitation = "c"\n'
        'groupings = ["popularity"]\ndefault_group = "popularity"\n[interactions]\nfile = "t.csv"\n'
        f"columns = {{ {columns} }}\n"
    )
    return from_card(folder / "own.toml")()


def test_they_are_said_again_where_the_data_are_found_prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    dataset = card(tmp_path, "u,i,r\na,1,80\na,2,90\nb,1,3\nb,2,100\n", 'user = "u", item = "i", rating = "r"')
    said: list[list[str]] = [[], []]
    found = [prepared(dataset, tmp_path, DataOptions(core=1), 0, lines.append).found for lines in said]
    assert found == [False, True]
    assert said[0] == said[1]
    assert [line.partition(", and")[0] for line in said[0]] == ["warning: ratings go from 3 to 100"]
