"""Amazon reviews of 2014, 2018 and 2023, in files as published, ugly cases included."""

import gzip
import json
import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from harness.base.errors import BadInput
from harness.domain.tables import Tables
from harness.plugins import Dataset
from harness.plugins.registry import registry
from harness.spec.run_spec import dataset_of


def dataset(name: str, **options: object) -> Dataset:
    return dataset_of(name, options)


def packed(path: Path, lines: Iterable[str | bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines)
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)


def classic(user: str, item: str, rating: Any = 5.0, time: Any = 1_400_000_000, **more: object) -> str:
    """A review as in the releases of 2014 and 2018."""
    review = {"reviewerID": user, "asin": item, "reviewerName": 'J. "Jay" Doe', "helpful": [2, 3]}
    text = {"reviewText": "<b>Good</b>,\nreally", "overall": rating, "summary": "é", "unixReviewTime": time}
    return json.dumps({**review, **text, "reviewTime": "09 13, 2009", **more})


UGLY = (
    classic("A1", "B1"),
    classic("A1", "B1", 3.0, 1_300_000_000),
    classic("A2", "B1", "4.0"),
    classic("A2", "B2", 2, None),
    classic("", "B2"),
    json.dumps({"asin": "B2", "overall": 5.0}),
    classic("A3", "B2", None),
    classic("A3", "B2", "five"),
    "{'reviewerID': 'A4', 'asin': 'B2', 'overall': 1.0, 'unixReviewTime': 1400000001}",
    "not json",
    '{"reviewerID": "A5", "asin": "B',
    b'{"reviewerID": "\xff\xfe", "asin": "B1", "overall": 5.0}',
    "[1, 2]",
    "",
)
UGLY_SKIPPED = {
    "interactions: not a record": 4,
    "interactions: no user or item": 2,
    "interactions: rating is not a number": 2,
}


def rows(tables: Tables) -> list[tuple[Any, ...]]:
    return tables.interactions.cast({"user": pl.String, "item": pl.String}).rows()


def items(tables: Tables) -> dict[str, dict[str, Any]]:
    return {row.pop("item"): row for row in tables.items.to_dicts()}


def meta_2014(**fields: object) -> str:
    return repr(fields)


class Test2014:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        packed(tmp_path / "reviews_Beauty_5.json.gz", UGLY)
        described = [
            meta_2014(
                asin="B1",
                title="L'Or&eacute;al &amp; <b>Co</b>",
                brand="L'Oreal",
                categories=[["Beauty", "Hair Care", "Shampoos"], ["Beauty", "Hair Care"], ["Health", "Personal"]],
                related={"also_bought": ["B9"]},
                salesRank={"Beauty": 3},
            ),
            meta_2014(asin="B2", categories=[["Beauty"]], price=3.5),
            meta_2014(asin="B2", title="again"),
            meta_2014(title="nobody's", categories=[[]]),
            meta_2014(asin="B3", title=" &nbsp; ", categories=[]),
            '{"asin": "B4", "title": null}',
            "{'asin': __import__('os').system('exit 1'), 'title': 'evil'}",
            "{'asin': 'B5', 'title': 'unfinished",
            "{'asin': 'B6', 'title': " + "(" * 5000,
        ]
        packed(tmp_path / "meta_Beauty.json.gz", described)
        return tmp_path

    def test_reviews(self, folder: Path) -> None:
        tables = dataset("amazon-2014", category="Beauty").read(folder)
        assert rows(tables) == [
            ("A1", "B1", 5.0, 1_400_000_000),
            ("A1", "B1", 3.0, 1_300_000_000),
            ("A2", "B1", 4.0, 1_400_000_000),
            ("A2", "B2", 2.0, None),
            ("A4", "B2", 1.0, 1_400_000_001),
        ]
        assert {why: n for why, n in tables.skipped.items() if why.startswith("interactions")} == UGLY_SKIPPED
        assert tables.users["user"].to_list() == ["A1", "A2", "A4"]

    def test_items_are_literals_never_evaluated(self, folder: Path) -> None:
        tables = dataset("amazon-2014", category="Beauty").read(folder)
        assert items(tables) == {
            "B1": {
                "title": "L'Oréal & Co",
                "brand": "L'Oreal",
                "categories": ["Hair Care", "Shampoos", "Personal"],
            },
            "B2": {"title": None, "brand": None, "categories": []},
            "B3": {"title": None, "brand": None, "categories": []},
        }
        assert {why: n for why, n in tables.skipped.items() if why.startswith("item")} == {
            "items: not a record": 4,
            "items: no id": 1,
            "items: repeated id": 1,
        }

    @pytest.mark.parametrize("name", ["reviews_Beauty_5.json", "Beauty_5.json.gz", "Beauty_5.json"])
    def test_other_names_and_unpacked_files(self, tmp_path: Path, name: str) -> None:
        packed(tmp_path / name, UGLY)
        packed(tmp_path / "meta_Beauty.json", [meta_2014(asin="B1", title="x")])
        beauty = dataset("amazon-2014", category="Beauty")
        assert beauty.recognises(tmp_path)
        assert beauty.read(tmp_path).interactions.height == 5

    def test_all_reviews_are_another_file(self, folder: Path) -> None:
        full = dataset("amazon-2014", category="Beauty", reviews="full")
        assert not full.recognises(folder)
        with pytest.raises(BadInput, match=r"reviews_Beauty\.json\.gz and meta_Beauty\.json\.gz are needed"):
            full.read(folder)

    def test_a_damaged_file_is_one_line(self, folder: Path) -> None:
        path = folder / "reviews_Beauty_5.json.gz"
        path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(BadInput, match="damaged or incomplete: remove it and fetch it again"):
            dataset("amazon-2014", category="Beauty").read(folder)


class Test2018:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        packed(tmp_path / "Video_Games_5.json.gz", UGLY)
        page = "\n\n\n\n        <script>var aPageStart = (new Date()).getTime();</script>"
        described = [
            {
                "asin": "B1",
                "title": '<span class="a-size-large">Zelda &amp;amp; Link</span>',
                "brand": "Visit Amazon's Nintendo Page",
                "category": ["Video Games", "PC", "Games &amp; More", "</span></span></span>", "Extras"],
                "main_cat": '<img src="https://images/x.png" alt="Video Games"/>',
            },
            {"asin": "B2", "title": page, "brand": "by\n\n    \n    EA", "category": [], "also_buy": ["B1"]},
            {"asin": "B3", "title": "", "brand": "", "category": ""},
            {"asin": "B4", "title": "2 < 3 but 4 > 3", "category": None},
        ]
        packed(tmp_path / "meta_Video_Games.json.gz", [*map(json.dumps, described), "{broken"])
        return tmp_path

    def test_reviews(self, folder: Path) -> None:
        tables = dataset("amazon-2018").read(folder)
        assert tables.interactions.height == 5
        assert {why: n for why, n in tables.skipped.items() if why.startswith("interactions")} == UGLY_SKIPPED

    def test_pieces_of_web_pages(self, folder: Path) -> None:
        tables = dataset("amazon-2018").read(folder)
        assert items(tables) == {
            "B1": {"title": "Zelda & Link", "brand": "Nintendo", "categories": ["PC", "Games & More"]},
            "B2": {"title": None, "brand": "EA", "categories": []},
            "B3": {"title": None, "brand": None, "categories": []},
            "B4": {"title": "2 < 3 but 4 > 3", "brand": None, "categories": []},
        }
        assert tables.skipped["item titles: code of a web page"] == 1
        assert tables.skipped["items: not a record"] == 1


REVIEWS_2023 = [
    {"rating": 5.0, "title": "t", "asin": "V1", "parent_asin": "P1", "user_id": "U1", "timestamp": 1588687728923},
    {"rating": 4.0, "title": "t", "asin": "V2", "parent_asin": "P1", "user_id": "U2", "timestamp": 1588615855070},
]
ITEMS_2023 = [
    {"parent_asin": "P1", "title": "A &quot;game&quot;", "store": "EA", "categories": ["Video Games", "PC", "Games"]},
    {"parent_asin": "P2", "title": None, "store": None, "categories": []},
]


class Test2023:
    EXPECTED = (("U1", "P1", 5.0, 1588687728), ("U2", "P1", 4.0, 1588615855))

    def check(self, tables: Tables) -> None:
        assert rows(tables) == list(self.EXPECTED)
        assert items(tables) == {
            "P1": {"title": 'A "game"', "brand": "EA", "categories": ["PC", "Games"]},
            "P2": {"title": None, "brand": None, "categories": []},
        }

    def test_json_lines(self, tmp_path: Path) -> None:
        packed(tmp_path / "Video_Games.jsonl.gz", map(json.dumps, REVIEWS_2023))
        packed(tmp_path / "meta_Video_Games.jsonl", map(json.dumps, ITEMS_2023))
        self.check(dataset("amazon-2023").read(tmp_path))

    def test_parquet_as_on_the_hub(self, tmp_path: Path) -> None:
        for name, table in (("review", REVIEWS_2023), ("meta", ITEMS_2023)):
            folder = tmp_path / f"raw_{name}_Video_Games"
            folder.mkdir()
            for k, row in enumerate(table):
                frame = pl.DataFrame([row], schema_overrides={"title": pl.String, "store": pl.String})
                if name == "meta":
                    frame = frame.cast({"categories": pl.List(pl.String)})
                frame.write_parquet(folder / f"full-0000{k}-of-00002.parquet")
        games = dataset("amazon-2023")
        assert len(games.files(tmp_path)) == 4
        self.check(games.read(tmp_path))

    def test_a_parquet_file_of_something_else(self, tmp_path: Path) -> None:
        packed(tmp_path / "meta_Video_Games.jsonl", map(json.dumps, ITEMS_2023))
        pl.DataFrame({"user": ["U1"], "parent_asin": ["P1"]}).write_parquet(tmp_path / "Video_Games.parquet")
        with pytest.raises(BadInput, match="no column 'user_id': did you mean 'user'"):
            dataset("amazon-2023").read(tmp_path)
        (tmp_path / "Video_Games.parquet").write_bytes(b"PAR1 not really")
        with pytest.raises(BadInput, match="not a readable Parquet file"):
            dataset("amazon-2023").read(tmp_path)


class TestDeclarations:
    @pytest.mark.parametrize("year", [2014, 2018, 2023])
    @pytest.mark.parametrize(
        ("name", "category"), [("books", "Books"), ("games", "Video_Games"), ("movies", "Movies_and_TV")]
    )
    def test_named_categories(self, year: int, name: str, category: str) -> None:
        declared = dataset(f"amazon-{year}-{name}")
        general = dataset(f"amazon-{year}", category=category)
        assert declared.card == general.card
        assert category in declared.card.sources[0].place
        assert declared.key == declared.name

    @pytest.mark.parametrize("year", [2014, 2018, 2023])
    def test_a_named_category_has_the_releases_options(self, year: int) -> None:
        whole, books = dataset(f"amazon-{year}"), dataset(f"amazon-{year}-books")
        assert books.config.model_dump() == whole.config.model_dump() | {"category": "Books"}
        schemas = [type(found.config).model_json_schema()["properties"] for found in (whole, books)]
        assert schemas[1] == schemas[0] | {"category": schemas[0]["category"] | {"default": "Books"}}
        assert dataset(f"amazon-{year}-books", category="Books").key == books.key == books.name

    def test_its_options_travel_between_processes(self) -> None:
        config = dataset("amazon-2018-movies", reviews="full").config
        found = pickle.loads(pickle.dumps(config))  # noqa: S301 - our own bytes
        assert type(found) is type(config)
        assert found == config

    def test_an_unknown_category_gets_a_suggestion(self) -> None:
        with pytest.raises(BadInput, match="did you mean 'Video_Games'"):
            dataset("amazon-2018", category="Video_Gamez")
        with pytest.raises(BadInput, match=r"dataset_options\.category"):
            dataset("amazon-2014", category="../../etc")

    def test_categories_never_share_a_folder(self) -> None:
        assert dataset("amazon-2018", category="Books").key != dataset("amazon-2018").key

    @pytest.mark.parametrize("year", [2014, 2018, 2023])
    def test_every_file_has_a_mirror(self, year: int) -> None:
        for source in dataset(f"amazon-{year}").card.sources:
            assert all(file.mirrors and file.url.startswith("https://") for file in source.downloads)

    def test_groupings_exist(self) -> None:
        for name in dataset("amazon-2023").card.groupings:
            registry.check("grouping", name)
