"""What is odd about data is said, whether they are read or found prepared."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from harness.base.errors import BadInput
from harness.builtin.groupings.column import Column, ColumnConfig
from harness.cli.app import main
from harness.data.build_corpus import build_corpus
from harness.data.item_text import item_texts
from harness.data.prepared import prepared
from harness.data.readers.fields import Fields, read_field_lines
from harness.data.readers.text_blocks import read_text
from harness.data.table.card_dataset import from_card
from harness.domain.interactions import Training
from harness.domain.tables import Tables
from harness.plugins import Dataset, GroupingInput
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
    found = [prepared(dataset, tmp_path, DataOptions(core=1), 0, lines.append).cached for lines in said]
    assert found == [False, True]
    assert said[0] == said[1]
    assert [line.partition(", and")[0] for line in said[0]] == ["warning: ratings go from 3 to 100"]


def test_ids_of_two_unicode_forms() -> None:
    composed, taken_apart = "caf\u00e9", "cafe\u0301"
    pairs = [("u", composed), ("u", taken_apart), ("u", "cafe"), ("\u00fc", "x"), ("\u00fc", "y")]
    found = notes(pl.DataFrame(pairs, schema=["user", "item"], orient="row"))
    assert found == (
        "warning: 1 items have ids of two Unicode forms that look the same, such as 'caf\u00e9': they count as "
        "two each; write them in one form (NFC)",
    )
    assert notes(pl.DataFrame(pairs[1:], schema=["user", "item"], orient="row")) == ()


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["nan", "drama", "nan"], ["column: a group is called 'nan': where that stands for no label, make it "]),
        (
            ["None", "N/A", "drama"],
            ["column: a group is called 'N/A': where that stands for no label, make it "],
        ),
        (
            ["['A', 'B']", "['A']", "C"],
            ["column: 2 labels look like lists, such as \"['A', 'B']\": make lists"],
        ),
        (["nan", "[A]", "C"], ["column: a group is called 'nan'", "column: 1 labels look like lists, such as '[A]'"]),
        (["Nancy", "none of these", "Sci-Fi (old)", None], []),
    ],
)
def test_labels_that_are_hardly_meant(labels: list[str | None], said: list[str]) -> None:
    items = pl.DataFrame({"x": pl.Series(labels, dtype=pl.String)})
    training = Training(np.array([0]), np.array([0]), 1, len(labels))
    source = GroupingInput(training, items, pl.DataFrame())
    found = Column(ColumnConfig(column="x", min_members=1)).assign(source).notes
    assert len(found) == len(said)
    assert all(note.startswith(start) for note, start in zip(found, said, strict=True))


FOREIGN = {
    "zip": (b"PK\x03\x04rest", "is a zip file: unpack it"),
    "xlsx": (b"PK\x03\x04rest", "is a workbook of a spreadsheet: save it as CSV"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "is an Excel workbook: save it as CSV"),
    "parquet": (b"PAR1rest", r"is a parquet file: say so \(in a card: format = 'parquet'\)"),
    "bz2": (b"BZh9rest", "is compressed by bzip2: unpack it"),
    "xz": (b"\xfd7zXZ\x00rest", "is compressed by xz: unpack it"),
    "zst": (b"\x28\xb5\x2f\xfdrest", "is compressed by zstd: unpack it"),
}


@pytest.mark.parametrize("ending", FOREIGN)
def test_files_that_are_no_text_say_what_they_are(ending: str, tmp_path: Path) -> None:
    content, message = FOREIGN[ending]
    path = tmp_path / f"t.{ending}"
    path.write_bytes(content)
    for read in (lambda: read_text(path, "utf-8"), lambda: read_field_lines(path, Fields())):
        with pytest.raises(BadInput, match=rf"t\.{ending}: {message}"):
            read()


@pytest.mark.parametrize(
    "marks", ["\x01", "\x01\x02\x03", "".join(map(chr, range(1, 9))) + "".join(map(chr, range(14, 32)))]
)
def test_control_characters_keep_their_row(marks: str, tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text(f"1\ta{marks}b\tx\n2\tplain\ty\n", encoding="utf-8")
    table, bad = read_field_lines(tmp_path / "t.tsv", Fields("\t", ("id", "title", "kind"), quotes=False))
    assert table.rows() == [("1", f"a{marks}b", "x"), ("2", "plain", "y")]
    assert bad == 0


@pytest.mark.parametrize("rows", [",u,i,\n0,a,1,\n1,b,2,\n", ',u,i,\n0,"a",1,\n1,b,2,\n'])
def test_unnamed_columns_that_nobody_uses_do_not_matter(rows: str, tmp_path: Path) -> None:
    tables = card(tmp_path, rows, 'user = "u", item = "i"').read(tmp_path)
    assert tables.interactions.rows() == [("a", "1"), ("b", "2")]
    table, bad = read_field_lines(tmp_path / "t.csv", Fields())
    assert table.columns == ["(unnamed 1)", "u", "i", "(unnamed 4)"]
    assert table["u"].to_list() == ["a", "b"]
    assert bad == 0


def test_items_without_any_text_say_so() -> None:
    with pytest.raises(BadInput, match=r"^data\.text='\{title\}': these items have no text, only ids: describe them"):
        item_texts(pl.DataFrame({"item": ["1"]}), "{title}")
    with pytest.raises(BadInput, match=r"unknown column in data\.text 'titel': did you mean 'title'"):
        item_texts(pl.DataFrame({"item": ["1"], "title": ["One"]}), "{titel}")
    with pytest.raises(BadInput) as caught:
        item_texts(pl.DataFrame({"item": ["1"], "year": [1999]}), "{time}")
    assert "'item'" not in str(caught.value)


def test_small_catalogues_are_exported_and_audited_without_cut_offs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    rows = "".join(f"u{u},{i}\n" for u in range(6) for i in range(6))
    card(tmp_path, f"u,i\n{rows}", 'user = "u", item = "i"')
    own = str(tmp_path / "own.toml")
    assert main(["data", "export", own, str(tmp_path / "out")]) == 0, capsys.readouterr().err
    assert pl.read_parquet(tmp_path / "out" / "interactions.parquet").height == 36
    assert main(["data", "audit", own]) == 0, capsys.readouterr().err
    assert main(["run", "--dataset", own, "--method", "most_popular"]) == 2
    assert "cut-off" in capsys.readouterr().err
