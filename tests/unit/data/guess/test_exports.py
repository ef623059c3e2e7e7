"""Files as spreadsheets, pandas and others write them: the card that is guessed reads the same data back."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from harness.data.guess.findings import Chosen
from harness.data.guess.new_card import NewCard, new_card
from harness.data.table.card_dataset import from_card
from harness.domain.tables import Tables

N_USERS, N_ITEMS, N = 40, 30, 600
MIDNIGHT = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def loans() -> pd.DataFrame:
    """Who borrowed what when (to the minute), and liked it how much (in halves)."""
    random = np.random.default_rng(0)
    users, items = random.integers(1, N_USERS + 1, N), random.integers(1, N_ITEMS + 1, N)
    users[:N_USERS], items[:N_ITEMS] = range(1, N_USERS + 1), range(1, N_ITEMS + 1)
    times = pd.to_datetime(MIDNIGHT).tz_localize(None) + pd.to_timedelta(random.integers(0, 800_000, N), unit="min")
    return pd.DataFrame({"reader": users, "book": items, "lent": times, "stars": random.integers(1, 11, N) / 2})


@pytest.fixture(scope="module")
def books() -> pd.DataFrame:
    genres = [["prose"], ["verse", "prose"], ["drama"]] * 10
    titles = [f"Élégie {n}; or, the café" for n in range(1, N_ITEMS + 1)]
    price = [n + 0.5 for n in range(N_ITEMS)]
    return pd.DataFrame({"id": range(1, N_ITEMS + 1), "title": titles, "genres": genres, "price": price})


def read(made: NewCard) -> Tables:
    """What the card reads, once it is written."""
    made.path.write_text(made.text, encoding="utf-8")
    dataset = from_card(made.path)()
    return dataset.read(dataset.lies_in())


def pairs_of(loans: pd.DataFrame) -> list[tuple[str, str]]:
    return [(str(user), str(item)) for user, item in zip(loans["reader"], loans["book"], strict=True)]


def seconds_of(loans: pd.DataFrame) -> list[int]:
    return [int(time.replace(tzinfo=dt.UTC).timestamp()) for time in loans["lent"].dt.to_pydatetime()]


def excel(loans: pd.DataFrame, books: pd.DataFrame, form: str, **written: Any) -> Callable[[Path], list[Path]]:
    """Both tables as Excel saves them: dates in the form of its country, Windows' ends of lines."""

    def _write(folder: Path) -> list[Path]:
        dated = loans.assign(lent=loans["lent"].dt.strftime(form))
        joined = books.assign(genres=books["genres"].str.join("|"))
        files = []
        for name, frame in (("loans", dated), ("books", joined)):
            files.append(folder / f"{name}{written.get('ending', '.csv')}")
            options = {key: value for key, value in written.items() if key != "ending"}
            frame.to_csv(files[-1], index=False, lineterminator="\r\n", **options)
        return files

    return _write


EXCEL = {
    "german": ("%d.%m.%Y %H:%M", {"sep": ";", "decimal": ",", "encoding": "cp1252"}),
    "american, with a byte order mark": ("%m/%d/%Y %I:%M %p", {"encoding": "utf-8-sig"}),
    "french": ("%d/%m/%Y %H:%M:%S", {"sep": ";", "decimal": ",", "encoding": "utf-8-sig"}),
    "unicode text": ("%d.%m.%y %H:%M", {"sep": "\t", "encoding": "utf-16", "ending": ".txt"}),
    "tsv": ("%Y-%m-%d %H:%M", {"sep": "\t", "ending": ".tsv"}),
}


@pytest.mark.parametrize("kind", EXCEL)
def test_what_excel_saves_is_read_back(kind: str, loans: pd.DataFrame, books: pd.DataFrame, tmp_path: Path) -> None:
    form, written = EXCEL[kind]
    files = excel(loans, books, form, **written)(tmp_path)
    tables = read(new_card("library", files, Chosen()))
    interactions = tables.interactions
    assert interactions.select("user", "item").rows() == pairs_of(loans)
    assert interactions["rating"].to_list() == loans["stars"].tolist()
    assert interactions["timestamp"].to_list() == seconds_of(loans)
    assert tables.items["title"].to_list() == books["title"].tolist()
    assert tables.items["genres"].to_list() == books["genres"].tolist()
    assert tables.items["price"].to_list() == books["price"].tolist()
    assert tables.skipped == {}


def test_what_pandas_writes_is_read_back(loans: pd.DataFrame, books: pd.DataFrame, tmp_path: Path) -> None:
    """An index without a name, once more read and written; ids that a missing one made floats; lists as Python's."""
    floats = loans.astype({"reader": float, "book": float})
    floats.loc[N] = [np.nan, 1.0, pd.Timestamp(2020, 1, 1), 3.0]
    floats.to_csv(tmp_path / "once.csv")
    pd.read_csv(tmp_path / "once.csv").to_csv(tmp_path / "loans.csv")
    books.to_csv(tmp_path / "books.csv")
    made = new_card("library", [tmp_path / "books.csv", tmp_path / "loans.csv"], Chosen())
    assert "Unnamed" not in made.text.partition("\nname =")[2]
    tables = read(made)
    assert tables.interactions.select("user", "item").rows() == pairs_of(loans)
    assert tables.interactions["timestamp"].to_list() == seconds_of(loans)
    assert tables.items["item"].to_list() == [str(number) for number in books["id"]]
    assert tables.items["genres"].to_list() == books["genres"].tolist()
    assert tables.skipped == {"interactions: no user": 1}


def test_parquet_with_floats_times_and_lists_is_read_back(
    loans: pd.DataFrame, books: pd.DataFrame, tmp_path: Path
) -> None:
    loans.astype({"reader": float}).to_parquet(tmp_path / "loans.parquet")
    books.set_index("id", drop=False).rename_axis(None).to_parquet(tmp_path / "books.parquet")
    tables = read(new_card("library", [tmp_path / "loans.parquet", tmp_path / "books.parquet"], Chosen()))
    assert tables.interactions.select("user", "item").rows() == pairs_of(loans)
    assert tables.interactions["timestamp"].to_list() == seconds_of(loans)
    assert tables.items["genres"].to_list() == books["genres"].tolist()


def test_pairs_alone_are_enough(loans: pd.DataFrame, tmp_path: Path) -> None:
    loans[["reader", "book"]].to_csv(tmp_path / "loans.csv", index=False)
    made = new_card("library", [tmp_path / "loans.csv"], Chosen())
    tables = read(made)
    assert tables.interactions.columns == ["user", "item"]
    assert tables.interactions.rows() == pairs_of(loans)
    assert not made.has_texts


def test_one_table_of_everything_describes_its_items(loans: pd.DataFrame, books: pd.DataFrame, tmp_path: Path) -> None:
    ages = {user: 20 + user for user in range(1, N_USERS + 1)}
    flat = loans.merge(books.assign(genres=books["genres"].str.join("|")), left_on="book", right_on="id")
    flat.drop(columns="id").assign(age=flat["reader"].map(ages)).to_csv(tmp_path / "flat.csv", index=False)
    made = new_card("library", [tmp_path / "flat.csv"], Chosen())
    tables = read(made)
    assert dict(tables.items.select("item", "title").iter_rows()) == {
        str(number): title for number, title in zip(books["id"], books["title"], strict=True)
    }
    assert dict(tables.users.select("user", "age").iter_rows()) == {str(user): age for user, age in ages.items()}
    assert made.has_texts


@pytest.mark.parametrize("names", [("train.csv", "valid.csv", "test.csv"), ("a-train.csv", "a-dev.csv", "a-test.csv")])
def test_three_files_that_look_like_a_split_are_one(
    names: tuple[str, ...], loans: pd.DataFrame, books: pd.DataFrame, tmp_path: Path
) -> None:
    once = loans.drop_duplicates(["reader", "book"])
    ends = [0, 250, 350, len(once)]
    for name, start, end in zip(names, ends, ends[1:], strict=False):
        once[start:end].to_csv(tmp_path / name, index=False)
    books.to_csv(tmp_path / "books.csv", index=False)
    files = [tmp_path / name for name in (names[2], "books.csv", names[0], names[1])]
    made = new_card("library", files, Chosen())
    assert made.options["data.split"] == "given"
    parts = read(made).interactions
    assert parts["part"].value_counts().sort("part")["count"].to_list() == [250, 100, len(once) - 350]
    assert parts.select("user", "item").rows() == pairs_of(once)


def test_a_column_that_says_the_part_is_found(loans: pd.DataFrame, tmp_path: Path) -> None:
    parts = (["train"] * 4 + ["test", "valid"]) * (N // 6)
    loans.assign(split=parts).to_csv(tmp_path / "loans.csv", index=False)
    made = new_card("library", [tmp_path / "loans.csv"], Chosen())
    assert made.options["data.split"] == "given"
    assert read(made).interactions["part"].to_list() == [["train", "valid", "test"].index(part) for part in parts]


def test_files_without_names_are_taken_in_the_usual_order(loans: pd.DataFrame, tmp_path: Path) -> None:
    """As MovieLens has them: no header, '::' between fields, latin-1, years at the end of titles."""
    rows = zip(loans["reader"], loans["book"], loans["stars"], seconds_of(loans), strict=True)
    (tmp_path / "ratings.dat").write_text("\n".join("::".join(map(str, row)) for row in rows))
    films = [f"{n}::Été {n} ({1950 + n})::{'Drama|War' if n % 2 else 'War'}" for n in range(1, N_ITEMS + 1)]
    (tmp_path / "movies.dat").write_text("\n".join(films), encoding="latin-1")
    made = new_card("films", [tmp_path / "ratings.dat", tmp_path / "movies.dat"], Chosen())
    doubts = [why for what, why in made.rows if what == "not sure"]
    assert any("--user column_1 --item column_2" in doubt for doubt in doubts)
    assert any("encoding is taken for cp1252, so that it has 'Été'" in doubt for doubt in doubts)
    tables = read(made)
    assert tables.interactions.select("user", "item").rows() == pairs_of(loans)
    assert tables.interactions["rating"].to_list() == loans["stars"].tolist()
    assert tables.interactions["timestamp"].to_list() == seconds_of(loans)
    assert tables.items.row(0, named=True) == {"item": "1", "title": "Été 1", "year": 1951, "genres": ["Drama", "War"]}


@pytest.mark.parametrize(
    ("stars", "bound"),
    [(range(1, 6), None), (range(1, 11), 7.75), (range(101), 75), (range(2), 0.75), ([0.5, 5.0], None)],
)
def test_the_bound_of_praise_fits_the_scale(
    stars: Any, bound: float | None, loans: pd.DataFrame, tmp_path: Path
) -> None:
    scale = np.resize(list(stars), N)
    loans.assign(stars=scale).to_csv(tmp_path / "loans.csv", index=False)
    assert new_card("library", [tmp_path / "loans.csv"], Chosen()).options.get("data.min_rating") == bound


@pytest.mark.parametrize("column", ["stars", "plays"])
def test_constants_and_counts_are_no_ratings(column: str, loans: pd.DataFrame, tmp_path: Path) -> None:
    values = 1 if column == "stars" else np.resize(range(1, 300), N)
    loans.drop(columns="stars").assign(**{column: values}).to_csv(tmp_path / "loans.csv", index=False)
    assert "rating" not in read(new_card("library", [tmp_path / "loans.csv"], Chosen())).interactions.columns
    if column == "plays":
        chosen = read(new_card("library", [tmp_path / "loans.csv"], Chosen(rating="plays"))).interactions
        assert chosen["rating"].to_list() == list(values)


def test_guesses_are_told_with_counts(loans: pd.DataFrame, books: pd.DataFrame, tmp_path: Path) -> None:
    loans = loans.assign(lent=loans["lent"].astype(str))
    loans.loc[0, "lent"] = "soon"
    loans.to_csv(tmp_path / "loans.csv", index=False)
    books[:29].assign(genres="-").to_csv(tmp_path / "books.csv", index=False)
    rows = dict(new_card("library", [tmp_path / "loans.csv", tmp_path / "books.csv"], Chosen()).rows)
    assert rows["loans.csv"] == "interactions: 600 rows, 4 columns, ',' between fields, utf8"
    assert rows["  user"] == "'reader': 40 different ids, such as '1'"
    assert rows["  timestamp"].startswith("'lent': times, ISO 8601, 2020-01-0")
    assert rows["  timestamp"].endswith(", 1 of 600 rows unreadable")
    assert rows["  rating"] == "'stars': ratings from 0.5 to 5 in 10 different values, 0 of 600 rows unreadable"
    assert rows["  item"] == "'id': 29 different ids; 29 of 30 that have interactions are here"


@pytest.mark.parametrize(
    ("days", "unit", "doubted"),
    [
        (["2024-03-01", "2024-03-02"], "iso", False),
        (["20240301", "20240302"], "iso", False),
        (["1.3.2024", "2.3.2024"], "dmy", False),
        (["3/13/2024", "3/1/2024"], "mdy", False),
        (["13/3/2024", "1/3/2024"], "dmy", False),
        (["1/3/2024", "2/3/2024"], "dmy", True),
    ],
)
def test_how_dates_are_written_is_told_by_days_that_are_no_months(
    days: list[str], unit: str, doubted: bool, loans: pd.DataFrame, tmp_path: Path
) -> None:
    loans.assign(lent=np.resize(days, N)).to_csv(tmp_path / "loans.csv", index=False)
    made = new_card("library", [tmp_path / "loans.csv"], Chosen())
    assert f'time_unit = "{unit}"' in made.text
    assert any("may have the month first" in why for what, why in made.rows if what == "not sure") is doubted


def test_what_is_called_like_times_and_cannot_be_read_is_said(loans: pd.DataFrame, tmp_path: Path) -> None:
    loans.rename(columns={"lent": "date"}).assign(date="some day").to_csv(tmp_path / "loans.csv", index=False)
    made = new_card("library", [tmp_path / "loans.csv"], Chosen())
    assert (
        "not sure",
        "loans.csv: 'date' is called like times and none that can be read, such as 'some day'",
    ) in made.rows
    assert "timestamp" not in read(made).interactions.columns


@pytest.mark.parametrize("between", ["|", ";", ", ", "/", " > "])
def test_what_divides_lists_is_found(between: str, loans: pd.DataFrame, books: pd.DataFrame, tmp_path: Path) -> None:
    """And a text with commas is none."""
    loans.to_csv(tmp_path / "loans.csv", index=False)
    texts = [f"a {n}, b {n}, c" for n in range(N_ITEMS)]
    books.assign(genres=books["genres"].str.join(between), blurb=texts).to_csv(tmp_path / "books.csv", index=False)
    items = read(new_card("library", [tmp_path / "loans.csv", tmp_path / "books.csv"], Chosen())).items
    assert items["genres"].to_list() == books["genres"].tolist()
    assert items["blurb"].to_list() == texts


def test_words_for_nothing_and_empty_columns_are_left_out(
    loans: pd.DataFrame, books: pd.DataFrame, tmp_path: Path
) -> None:
    loans.to_csv(tmp_path / "loans.csv", index=False)
    years = [None if n % 3 else 1900.0 + n for n in range(N_ITEMS)]
    books.assign(genres="prose", year=years, empty="").to_csv(tmp_path / "books.csv", index=False, na_rep="NULL")
    items = read(new_card("library", [tmp_path / "loans.csv", tmp_path / "books.csv"], Chosen())).items
    assert items["year"].to_list() == [None if n % 3 else 1900 + n for n in range(N_ITEMS)]
    assert "empty" not in items.columns


def test_of_two_users_columns_the_id_is_taken_and_a_mere_row_number_never(loans: pd.DataFrame, tmp_path: Path) -> None:
    named = loans.rename(columns={"reader": "readerId"}).assign(reader_name="Ann", loan_id=range(1, N + 1))
    named[["loan_id", "reader_name", "readerId", "book"]].to_csv(tmp_path / "loans.csv", index=False)
    assert read(new_card("library", [tmp_path / "loans.csv"], Chosen())).interactions.rows() == pairs_of(loans)


def test_real_data_are_read_as_their_own_cards_read_them(tmp_path: Path) -> None:
    """MovieLens-1M without a word said, against tests/cards."""
    if not (place := os.environ.get("HARNESS_TEST_DATA")):
        pytest.skip("the files of MovieLens-1M are needed: set HARNESS_TEST_DATA to the folder that holds them")
    folder = Path(place) / "ml-1m"
    made = new_card("guessed", [folder / "interactions.parquet", folder / "movies.dat"], Chosen())
    (tmp_path / "guessed.toml").write_text(made.text, encoding="utf-8")
    guessed = from_card(tmp_path / "guessed.toml")().read(folder)
    own = from_card(Path(__file__).parents[3] / "cards" / "movielens-1m.toml")().read(folder)
    assert guessed.interactions.equals(own.interactions)
    for name in ("item", "title", "year", "genres"):
        assert guessed.items[name].equals(own.items[name].cast(guessed.items.schema[name])), name
    assert isinstance(guessed.items.schema["genres"], pl.List)
