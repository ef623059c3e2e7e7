"""Data without files: tables in memory are a data set by name, the same one wherever they come from."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

import harness as h
from harness.base import paths
from harness.cli.app import main
from harness.runs.experiment import prepare

LOANS = pl.DataFrame({"user": [i // 10 for i in range(240)], "item": [(7 * i + i // 10) % 30 for i in range(240)]})
BOOKS = pl.DataFrame(
    {
        "item": range(30),
        "title": [f"Book {i}" for i in range(30)],
        "year": [1990 + i for i in range(30)],
        "genres": [["prose"] if i % 3 else ["verse", "prose"] for i in range(30)],
    }
)
READERS = pl.DataFrame({"user": range(24), "gender": ["F", "M"] * 12})


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def spec(name: str, **more: Any) -> h.RunSpec:
    return h.build_spec({"method": "most_popular", "dataset": name, "compute": {"threads": 1}} | more)


def test_they_are_what_a_run_reads() -> None:
    name = h.dataset_from_frames(LOANS, BOOKS, READERS, name="loans", groupings=["genre", "popularity", "gender"])
    assert name.startswith("loans-")
    experiment = prepare(spec(name), encode=False)
    assert (experiment.corpus.n_users, experiment.corpus.n_items, len(experiment.corpus)) == (24, 30, 240)
    assert [definition.membership.grouping for definition in experiment.definitions] == [
        "genre",
        "popularity",
        "gender",
    ]
    row = experiment.corpus.items.row(by_predicate=pl.col("item") == "6", named=True)
    assert row == {"item": "6", "title": "Book 6", "year": 1996, "genres": ["verse", "prose"]}


def test_the_same_tables_are_the_same_data_set_and_the_same_run() -> None:
    name = h.dataset_from_frames(LOANS, BOOKS)
    run = h.run(spec(name))
    again = h.dataset_from_frames(
        LOANS.sample(fraction=1, shuffle=True, seed=3).to_pandas(),
        BOOKS.select("genres", "year", "title", "item").to_pandas(),
    )
    assert again == name
    assert h.run(spec(again)) == run
    assert h.find_runs(dataset=name) == [run]


def test_other_tables_are_another_one_and_the_first_can_still_be_looked_into() -> None:
    names = {
        h.dataset_from_frames(LOANS, BOOKS),
        h.dataset_from_frames(LOANS[1:], BOOKS),
        h.dataset_from_frames(LOANS, BOOKS.with_columns(year=pl.col("year") + 1)),
        h.dataset_from_frames(LOANS, BOOKS, groupings=["popularity"]),
        h.dataset_from_frames(LOANS, BOOKS, name="other"),
        h.dataset_from_frames(LOANS),
    }
    assert len(names) == 6
    first = h.dataset_from_frames(LOANS, BOOKS)
    run = h.run(spec(first))
    h.dataset_from_frames(LOANS[5:], BOOKS)
    assert h.rescore(run, "popularity", bins=2).groups["group"].n_unique() == 2


def test_a_spec_means_the_same_on_every_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = h.dataset_from_frames(LOANS, BOOKS)
    digest = spec(name).digest
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "another"))
    assert h.dataset_from_frames(LOANS, BOOKS) == name
    assert spec(name).digest == digest


def test_a_home_that_has_moved_still_has_them(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = h.dataset_from_frames(LOANS, BOOKS)
    moved = home.rename(tmp_path / "moved")
    monkeypatch.setenv(paths.HOME_VARIABLE, str(moved))
    assert len(prepare(spec(name), encode=False).corpus) == 240


def test_another_process_and_the_command_line_know_them(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = h.dataset_from_frames(LOANS, BOOKS)
    code = "import sys; from harness.cli.app import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-P", "-c", code, "data", "audit", name, "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert main(["data", "list", "--home", str(home)]) == 0
    assert f"{name}" in capsys.readouterr().out
    assert main(["data", "export", name, str(tmp_path / "out"), "--home", str(home)]) == 0
    assert pl.read_parquet(tmp_path / "out" / "interactions.parquet").height == 240


def test_a_file_that_was_damaged_is_made_again(home: Path) -> None:
    name = h.dataset_from_frames(LOANS, BOOKS)
    file = home / "frames" / name / "items.parquet"
    before = file.read_bytes()
    for damage in (b"", before[:100], before.replace(b"Book 6", b"Hook 6")):
        file.write_bytes(damage)
        assert h.dataset_from_frames(LOANS, BOOKS) == name
        assert file.read_bytes() == before


def test_columns_may_be_called_otherwise() -> None:
    name = h.dataset_from_frames(
        LOANS.rename({"user": "reader", "item": "Book Id"}),
        BOOKS.rename({"item": "Book Id", "title": "Name"}).with_columns(title=pl.lit("a series")),
        columns={"user": "reader", "item": "Book Id", "title": "Name"},
    )
    assert name == h.dataset_from_frames(LOANS, BOOKS)


def test_gaps_and_pandas_types_are_read_as_what_they_are() -> None:
    years: list[float | None] = [None, *(1990.0 + i for i in range(1, 30))]
    books = pd.DataFrame(
        {
            "item": pd.Categorical([str(i) for i in range(30)]),
            "year": years,
            "price": [i / 2 for i in range(30)],
            "genres": [{"verse", "prose"} if i % 2 else ("prose",) for i in range(30)],
            "lent": [i % 2 == 0 for i in range(30)],
        }
    )
    items = prepare(spec(h.dataset_from_frames(LOANS, books)), encode=False).corpus.items
    row = items.row(by_predicate=pl.col("item") == "0", named=True)
    assert row == {"item": "0", "year": None, "price": 0.0, "genres": ["prose"], "lent": "true"}
    assert items.filter(item="1").row(0, named=True)["genres"] == ["prose", "verse"]
    assert items.schema["year"] == pl.Int64


@pytest.mark.parametrize("kind", ["seconds", "dates", "zoned", "iso", "text"])
def test_times_of_every_kind_are_the_same(kind: str) -> None:
    seconds = pl.Series("timestamp", [1_700_000_000 + 3600 * i for i in range(LOANS.height)])
    moments = [datetime.fromtimestamp(second, UTC) for second in seconds]
    given = {
        "seconds": seconds,
        "dates": pl.Series("timestamp", [moment.replace(tzinfo=None) for moment in moments]),
        "zoned": pl.Series("timestamp", moments).dt.convert_time_zone("Europe/Berlin"),
        "iso": pl.Series("timestamp", [moment.isoformat() for moment in moments]),
        "text": seconds.cast(pl.String),
    }[kind]
    name = h.dataset_from_frames(LOANS.with_columns(given), BOOKS)
    assert name == h.dataset_from_frames(LOANS.with_columns(seconds), BOOKS)
    order = prepare(spec(name, data={"split": "temporal"}), encode=False).corpus.order
    assert order is not None
    assert (order.min(), order.max()) == (seconds.min(), seconds.max())


def test_days_written_without_hyphens_are_no_seconds() -> None:
    days = [datetime(2024, 3, 1 + i % 28, tzinfo=UTC) for i in range(LOANS.height)]
    compact, seconds = ([as_told(day) for day in days] for as_told in (lambda d: f"{d:%Y%m%d}", datetime.timestamp))
    written, told = (LOANS.with_columns(timestamp=pl.Series(times)) for times in (compact, seconds))
    assert h.dataset_from_frames(written, BOOKS) == h.dataset_from_frames(told, BOOKS)


def test_ratings_and_rows_that_cannot_be_used_are_counted_and_said() -> None:
    rated = LOANS.with_columns(rating=pl.Series([5.0, None] + [float(i % 5 + 1) for i in range(238)]))
    with pytest.warns(UserWarning, match=r"frames-\w+: 1 interactions: rating is not a number"):
        name = h.dataset_from_frames(rated, BOOKS)
    assert prepare(spec(name, data={"core": 1}), encode=False).corpus.counts["interactions: rating too low"] > 100
    with pytest.warns(UserWarning, match="2 interactions: no user"):
        h.dataset_from_frames(LOANS.with_columns(user=pl.Series([None, None, *LOANS["user"][2:]])), BOOKS)
    with pytest.warns(UserWarning, match="1 items: repeated id"):
        h.dataset_from_frames(LOANS, pl.concat([BOOKS, BOOKS[:1]]))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"interactions": LOANS.rename({"user": "usr"})},
            r"interactions: no column 'user' \('usr' is near\): call it so, ",
        ),
        ({"interactions": LOANS.drop("item")}, r"interactions: no column 'item' \(it has user\)"),
        ({"interactions": LOANS[:0]}, "interactions: the table has no rows"),
        ({"interactions": {"user": [1]}}, "interactions: a polars or pandas DataFrame is needed, not dict"),
        ({"items": BOOKS.drop("item")}, r"items: no column 'item' \('title' is near|items: no column 'item'"),
        (
            {"items": BOOKS.rename({"title": "Full Title"})},
            r"'Full Title' is no name .* columns=\{'full_title': 'Full T",
        ),
        ({"items": BOOKS.with_columns(x=pl.struct("item"))}, "items: the column 'x' holds Struct"),
        (
            {"items": pd.DataFrame({"item": range(30), "x": [object()] * 30})},
            "the column 'x' holds mixed types, or obj",
        ),
        ({"items": BOOKS.with_columns(item=pl.col("item") + 100)}, "none of the items that have interactions"),
        ({"columns": {"user": "userr"}}, "columns: no table has a column 'userr': did you mean 'user'"),
        ({"groupings": ["genr"]}, "unknown grouping 'genr': did you mean 'genre'"),
        ({"groupings": ["gender"]}, "grouping 'gender'"),
        ({"groupings": []}, "groupings: one at least is needed"),
        ({"groupings": [None]}, "grouping: a name is needed, not None"),
        ({"name": "My Loans"}, "name='My Loans': a name is made of a-z, 0-9 and -"),
        ({"name": "a\n"}, r"name='a\\n': a name is made of a-z, 0-9 and -"),
        ({"name": "a" * 65}, "a name is made of a-z, 0-9 and -, at most 64 of them"),
        ({"name": None}, "name: text is needed, not None"),
        ({"interactions": None}, "interactions: a polars or pandas DataFrame is needed, not NoneType"),
        ({"interactions": pl.scan_csv("/no/such.csv")}, "interactions: FileNotFoundError: No such file"),
        (
            {"interactions": LOANS.with_columns(timestamp=pl.lit("soon"))},
            "^interactions: no value of the column 'timestamp' can be read, such as 'soon'$",
        ),
        ({"interactions": LOANS.with_columns(timestamp=timedelta(1))}, "'timestamp' holds Duration"),
        (
            {"interactions": LOANS.with_columns(rating=pl.lit("five"))},
            "^interactions: no value of the column 'rating' can be read, such as 'five'$",
        ),
        ({"interactions": LOANS.with_columns(rating=pl.lit([1, 2]))}, "'rating' holds lists: one value a row"),
        (
            {"interactions": LOANS.with_columns(user=pl.lit(None))},
            "^interactions: no value of the column 'user' can be read, such as nothing$",
        ),
        ({"items": BOOKS[:0]}, "items: the table has no rows: leave it out"),
        (
            {"items": BOOKS.with_columns(genres=pl.lit("prose|verse"))},
            r"items: the column 'genres' holds text, lists of text make groups: split it, as polars does by \.str",
        ),
    ],
)
def test_what_is_wrong_is_one_line_and_leaves_nothing(given: dict[str, Any], message: str, home: Path) -> None:
    with pytest.raises(h.BadInput, match=message) as caught:
        h.dataset_from_frames(**({"interactions": LOANS, "items": BOOKS} | given))
    assert "\n" not in str(caught.value)
    left = [path for place in ("frames", "cards") for path in (home / place).rglob("*") if path.is_file()]
    assert left == []


def test_genres_as_text_are_no_mistake_where_the_groupings_are_said() -> None:
    written = BOOKS.with_columns(genres=pl.lit("prose|verse"))
    assert h.dataset_from_frames(LOANS, written, groupings="popularity").startswith("frames-")
    one, twice = (h.dataset_from_frames(LOANS, BOOKS, groupings=named) for named in ("genre", ["genre", "Genre"]))
    assert one == twice


def test_nothing_in_a_set_of_genres_is_no_genre() -> None:
    genres = [{"prose", None} if i % 2 else {"verse"} for i in range(30)]
    name = h.dataset_from_frames(LOANS, pd.DataFrame({"item": range(30), "genres": genres}))
    groups = prepare(spec(name), encode=False).trained.membership.names
    assert "None" not in groups


def test_a_home_that_cannot_be_written_is_one_line(home: Path) -> None:
    home.write_text("a file")
    with pytest.raises(h.BadInput, match=f"home folder {home} cannot be written: Not a directory"):
        h.dataset_from_frames(LOANS, BOOKS)


def test_pandas_is_not_imported_for_it() -> None:
    code = """
import sys, polars as pl
from harness.api.incoming import as_polars
assert as_polars(pl.DataFrame({"a": [1]}), "x").height == 1
print("pandas" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "False"


def test_a_table_whose_file_is_damaged_is_refused_and_made_again() -> None:
    name = h.dataset_from_frames(LOANS, name="loans")
    asked = spec(name, data={"core": 1})
    right = h.run(asked).to_frame().filter(split="test")
    file = paths.frames_folder() / name / "interactions.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(h.BadInput, match=r"interactions\.parquet is damaged, or another one than SHA256SUMS"):
        h.run(asked)
    assert h.dataset_from_frames(LOANS, name="loans") == name
    assert h.run(asked).to_frame().filter(split="test").equals(right)
