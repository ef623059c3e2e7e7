"""Anybody's own top-K lists: the numbers of a run for a run's lists, and nothing odd goes unsaid."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pytest

import harness as h
from harness.data.export import export
from harness.runs.context import Context
from harness.runs.experiment import prepare

QUICK: dict[str, Any] = {"evaluation": {"origins": False}, "compute": {"threads": 1}}
CATALOGUE: dict[str, Any] = {
    "method": "alpharec",
    "dataset": "long-tail",
    "dataset_options": {"n_users": 150, "n_items": 200, "n_groups": 5, "dim": 8},
    "groups": ["genre", "popularity", "activity", "item_individual", "user_individual"],
    "groupings": {"popularity": {"bins": 3}},
    "training": {"max_epochs": 1},
}
DIAGNOSES = ("test/unfairness", "test/drift")


@pytest.fixture(autouse=True, scope="module")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def split_of(spec: h.RunSpec, folder: Path, data: Path | None = None) -> dict[str, pl.DataFrame]:
    """The tables that ``harness data export`` writes: items, users, training, validation and test."""
    experiment = prepare(spec, Context(data_folder=data), encode=False)
    export(experiment.corpus, experiment.split, folder)
    interactions = pl.read_parquet(folder / "interactions.parquet")
    parts = {part: interactions.filter(part=part) for part in ("training", "validation", "test")}
    return parts | {name: pl.read_parquet(folder / f"{name}.parquet") for name in ("items", "users")}


def scored(run: h.Run, tables: dict[str, pl.DataFrame], lists: Any = None) -> h.Scores:
    spec = run.spec
    options = {name: config.model_dump() for name, config in spec.groupings.items()}
    own = run.top_lists if lists is None else lists
    return h.evaluate_lists(own, **tables, fairness=spec.groups, ks=spec.evaluation.ks, options=options)  # type: ignore[arg-type]


def assert_as_measured(scores: h.Scores, run: h.Run) -> None:
    measured = {key: value for key, value in run.metrics.items() if key.startswith("test/")}
    assert scores.metrics.keys() == measured.keys()
    for key, value in measured.items():
        assert scores.metrics[key] == pytest.approx(value, abs=1e-12, rel=0), key
    both = run.groups.join(scores.groups, on=["grouping", "group", "k"], suffix="_again")
    assert both.height == run.groups.height == scores.groups.height
    assert both["interactions"].equals(both["interactions_again"], check_names=False)
    assert both["members"].equals(both["members_again"], check_names=False)
    assert (both["utility"] - both["utility_again"]).abs().max() <= 1e-12  # type: ignore[operator]


@pytest.fixture(scope="module")
def run() -> h.Run:
    return h.run(h.build_spec(QUICK | CATALOGUE))


@pytest.fixture(scope="module")
def tables(run: h.Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    return split_of(run.spec, tmp_path_factory.mktemp("export") / "files")


def test_a_runs_lists_get_the_runs_own_metrics(run: h.Run, tables: dict[str, pl.DataFrame]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing is odd about them
        scores = scored(run, tables)
    assert_as_measured(scores, run)
    assert len(scores.metrics) > 80


def test_so_do_those_of_a_run_on_real_data(movielens_folder: Path, tmp_path: Path) -> None:
    spec = h.build_spec(
        QUICK | {"method": "most_popular", "groups": ["genre", "popularity", "gender", "release_period"]}
    )
    run = h.run(spec, data=movielens_folder)
    assert_as_measured(scored(run, split_of(spec, tmp_path / "files", movielens_folder)), run)


def test_order_kind_and_type_of_the_tables_do_not_matter(run: h.Run, tables: dict[str, pl.DataFrame]) -> None:
    shuffled = {name: table.sample(fraction=1, shuffle=True, seed=1) for name, table in tables.items()}
    assert_as_measured(scored(run, shuffled, run.top_lists.sample(fraction=1, shuffle=True, seed=2)), run)
    pandas = {name: table.to_pandas() for name, table in tables.items()}
    assert_as_measured(scored(run, pandas, run.top_lists.to_pandas()), run)  # type: ignore[arg-type]
    by_score = run.top_lists.select("user", "item", score=-pl.col("rank") / 7)
    assert_as_measured(scored(run, tables, by_score), run)
    by_user = {user: group["item"].to_list() for (user,), group in run.top_lists.sort("rank").group_by("user")}
    assert_as_measured(scored(run, tables, by_user), run)


def test_columns_may_be_called_otherwise(run: h.Run, tables: dict[str, pl.DataFrame]) -> None:
    names = {"user": "userId", "item": "movieId", "rank": "place", "genres": "kinds"}
    called = {
        name: table.rename({ours: theirs for ours, theirs in names.items() if ours in table.columns})
        for name, table in (tables | {"lists": run.top_lists}).items()
    }
    lists = called.pop("lists")
    scores = h.evaluate_lists(lists, **called, fairness=["genre"], columns=names)  # type: ignore[arg-type]
    assert {f"test/genre/{name}_at_20" for name in ("cv", "min25", "dp", "rsp")} <= scores.metrics.keys()
    assert all(run.metrics[key] == pytest.approx(value, abs=1e-12) for key, value in scores.metrics.items())


TEST = pl.DataFrame({"user": [1, 1, 2], "item": ["a", "b", "c"]})
ITEMS = pl.DataFrame({"item": ["a", "b", "c", "d"], "genres": [["x"], ["x", "y"], ["y"], ["y"]]})
TRAINING = pl.DataFrame({"user": [1, 2, 2], "item": ["c", "a", "b"]})
LISTS = {1: ["a", "d"], 2: ["d", "c"]}
SMALL: dict[str, Any] = {"fairness": ["genre"], "ks": [2], "options": {"genre": {"min_items": 1, "min_test": 0}}}


def test_by_hand() -> None:
    scores = h.evaluate_lists(LISTS, TEST, ITEMS, training=TRAINING, **SMALL)
    utilities = {row["group"]: row["utility"] for row in scores.groups.iter_rows(named=True)}
    assert utilities == {"x": 1 / 2, "y": 1 / 2}  # x: a found, b not; y: c found, b not
    assert scores.metrics["test/genre/cv_at_2"] == 0
    assert scores.metrics["test/recall_at_2"] == (1 / 2 + 1) / 2
    assert scores.metrics["test/average_popularity_at_2"] == (1 + 0 + 0 + 1) / 4
    # Candidates of x: a (user 1), b (user 1); of y: b (user 1), c (user 2), d twice. Shown: a once; c once, d twice.
    rates = [1 / 2, 3 / 4]
    mean = sum(rates) / 2
    assert scores.metrics["test/genre/rsp_at_2"] == pytest.approx((rates[1] - rates[0]) / 2 / mean)
    assert scores.evaluation.left_out == {"genre": []}
    assert "genre cv" in repr(scores)
    assert "lists of 2 users, 4 items" in repr(scores)


def test_without_fairness_there_is_accuracy() -> None:
    scores = h.evaluate_lists(LISTS, TEST, ITEMS, ks=[1, 2])
    assert scores.metrics["test/hit_rate_at_1"] == 1 / 2
    assert not [key for key in scores.metrics if key.count("/") > 1]
    assert "undefined: average_popularity_at_2" in repr(scores)
    assert scores.groups.is_empty()


@pytest.mark.parametrize(
    "wrap",
    [
        int,
        str,
        float,
        lambda number: UUID(int=number),
        lambda number: (number, "of", number),
        lambda number: number if number % 2 else f"{number}",
        np.float32,
    ],
    ids=["int", "text", "float", "UUID", "tuple", "mixed", "float32"],
)
def test_ids_of_any_type(wrap: Any) -> None:
    number = {"a": 1, "b": 2, "c": 3, "d": 4}
    lists = {user: [wrap(number[item]) for item in items] for user, items in LISTS.items()}
    item = [wrap(number[raw]) for raw in TEST["item"]]
    test = pd.DataFrame({"user": TEST["user"].to_list(), "item": pd.Series(item, dtype=object)})
    items = pd.DataFrame({"item": [*map(wrap, number.values())], "genres": ITEMS["genres"].to_list()})
    scores = h.evaluate_lists(lists, test, items, **SMALL)
    assert scores.metrics["test/recall_at_2"] == 3 / 4
    assert scores.groups.height == 2


@pytest.mark.parametrize(
    ("asked", "note"),
    [
        ({"lists": {1: ["a"], 2: ["d", "c"]}}, "1 lists are shorter than 2: the places that they lack show nothing"),
        ({"lists": {1: ["a", "d"]}}, "1 users of the test data have no list: they count as having found nothing"),
        ({"lists": LISTS | {9: ["a", "b"]}}, "1 lists are of users without test interactions: they do not count"),
        ({"test": pl.concat([TEST, TEST[:1]])}, "test: 1 rows are there already, each pair counts once"),
        ({"items": ITEMS[[0, 1, 3, 3]]}, "1 items: rows of an id that is there already, left out"),
        ({"items": ITEMS[[0, 1, 3]]}, "1 items of interactions that the table of items lacks: kept without a descript"),
        ({"items": None, "fairness": []}, "no table of items: the catalogue is the 4 items of lists and interactions"),
        (
            {"lists": pl.DataFrame({"user": [1, 1, 2], "item": ["a", "d", "c"], "rank": [1, 5, 1]})},
            "1 lists have ranks with gaps: their order counts, not the numbers",
        ),
        (
            {"lists": pl.DataFrame({"user": [1, 1, 2], "item": ["a", "d", "c"], "score": [0.5, 0.5, 0.1]})},
            "1 scores of lists equal another of their user: the order is that of the ids' hash",
        ),
    ],
)
def test_what_is_odd_is_counted_and_said(asked: dict[str, Any], note: str) -> None:
    with pytest.warns(UserWarning, match=note):
        scores = h.evaluate_lists(**({"lists": LISTS, "test": TEST, "items": ITEMS, **SMALL} | asked))
    assert [line for line in scores.notes if line.startswith(note)]
    assert note in " ".join(repr(scores).split())


def test_a_user_without_a_list_has_found_nothing_and_one_without_test_data_does_not_count() -> None:
    with pytest.warns(UserWarning, match="have no list"):
        scores = h.evaluate_lists({1: ["a", "d"], 9: ["a", "b"]}, TEST, ITEMS, **SMALL)
    assert scores.metrics["test/recall_at_2"] == (1 / 2 + 0) / 2
    assert scores.metrics["test/coverage_at_2"] == 2 / 4


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"lists": {1: ["a", "a"]}}, r"1 lists have an item twice, such as that of user '1' \('a'\)"),
        ({"lists": {1: "ad"}}, "the items of a user are a list, best first, not 'ad'"),
        ({"lists": {1: {"a", "d"}, 2: ["c"]}}, "the items of a user are a list, best first, not {"),
        ({"lists": {1: {"a": 0.5, "d": 0.7}}}, "scores by item have no order: a table of user, item and score has"),
        ({"lists": {1: ["a", None]}}, "lists: 1 of 2 rows have no item"),
        ({"lists": {1: ["a", pd.NA]}}, "lists: 1 of 2 rows have no item"),
        ({"lists": {}}, "lists: the table has no rows"),
        ({"lists": {1: ["a", "q"]}}, r"1 items \('q'\) are neither in items nor in any interaction: are their ids wri"),
        ({"lists": {"one": ["a"]}}, r"none of their users \('one'\) is in test \('1', '2'\)"),
        ({"lists": [["a"]]}, "lists: a polars or pandas DataFrame is needed, not list"),
        ({"lists": TEST}, "lists: a column 'rank' or 'score' is needed, there are: user, item"),
        (
            {"lists": pl.DataFrame({"user": [1, 1], "item": ["a", "b"], "rank": [1, 1]})},
            r"1 lists have two items at one rank, such as that of user '1' \('a', 'b'\)",
        ),
        (
            {"lists": pl.DataFrame({"user": [1, 1], "item": ["a", "b"], "score": [1.0, float("nan")]})},
            "lists: 1 of 2 rows have no score",
        ),
        ({"lists": pl.DataFrame({"user": [1], "item": ["a"], "rank": ["first"]})}, "'rank' holds String, numbers are"),
        ({"test": pl.DataFrame({"usr": [1], "item": ["a"]})}, r"test: no column 'user' \('usr' is near\): call it so"),
        ({"test": TEST[:0]}, "test: the table has no rows"),
        (
            {"items": ITEMS.with_columns(item=pl.Series([11, 12, 13, 14]))},
            r"none of the items of interactions \('a', 'b', 'c'\) is in the table of items \('11', '12', '13', …\)",
        ),
        ({"items": ITEMS.drop("genres")}, "grouping 'genre' reads the column 'genres'"),
        (
            {"fairness": ["popularity"]},
            "grouping 'popularity': it is computed from training interactions: pass them as",
        ),
        ({"fairness": ["activity"]}, "grouping 'activity': it is computed from training interactions: pass them as"),
        ({"fairness": ["genr"]}, "unknown grouping 'genr': did you mean 'genre'"),
        (
            {"options": {"genre": {"min_item": 1}}},
            r"unknown key 'groupings\.genre\.min_item': did you mean 'min_items'",
        ),
        ({"ks": []}, "ks: at least 1 must be given"),
        ({"ks": 20}, "ks: a list is needed"),
        ({"ks": [1, "a"]}, r"ks\.1: input should be a valid integer"),
        ({"test": None}, "test: a polars or pandas DataFrame is needed, not NoneType"),
        ({"items": ITEMS[:0]}, "items: the table has no rows: leave it out"),
        ({"fairness": None}, "fairness: a list is needed, not None"),
        ({"fairness": [pl.DataFrame]}, "a name or a file is needed, not the class DataFrame: write it into a file"),
        ({"columns": ["user"]}, r"columns: a dictionary of our names to yours is needed, not \['user'\]"),
        ({"columns": {"user": 0}}, "columns: no table has a column '0'"),
        ({"test": pl.LazyFrame({"user": [1]}).select("item")}, "test: ColumnNotFoundError"),
        ({"ks": [2, 2]}, "cut-offs must be distinct"),
        ({"ks": [5]}, r"cut-off 5 is not between 1 and the catalogue's 4 items"),
        (
            {"columns": {"user": "reader"}},
            "columns: no table has a column 'reader': there are: user, item, rank, genres",
        ),
        (
            {"training": pl.DataFrame({"user": [1], "item": ["d"]})},
            r"1 places of lists show what their user has in training \(user '1', item 'd'\): say unseen_only=False",
        ),
        (
            {"validation": pl.DataFrame({"user": [2], "item": ["d"]})},
            r"1 places of lists show what their user has in validation \(user '2', item 'd'\)",
        ),
        (
            {"training": pl.DataFrame({"user": [1], "item": ["b"]})},
            r"1 interactions are both in training and in test \(user '1', item 'b'\)",
        ),
    ],
)
def test_what_would_be_wrong_is_one_line(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(h.BadInput, match=message) as caught:
        h.evaluate_lists(**({"lists": LISTS, "test": TEST, "items": ITEMS, **SMALL} | asked))
    assert "\n" not in str(caught.value)


def test_where_users_may_get_again_what_they_have_everything_can_be_listed() -> None:
    training = pl.DataFrame({"user": [1, 2], "item": ["d", "a"]})
    scores = h.evaluate_lists(LISTS, TEST, ITEMS, training=training, unseen_only=False, **SMALL)
    # Both users could have been shown both items of x and all three of y: 1 of 4, and 3 of 6.
    assert scores.metrics["test/genre/rsp_at_2"] == pytest.approx((1 / 2 - 1 / 4) / 2 / (3 / 8))
    popular = h.evaluate_lists(
        LISTS, TEST, ITEMS, training=training, unseen_only=False, fairness=["popularity"], ks=[2],
        options={"popularity": {"bins": 2}},
    )  # fmt: skip
    assert popular.groups["utility"].to_list() == pytest.approx([2 / 3])  # everything wanted is among the unpopular


def test_one_definition_needs_no_list() -> None:
    listed = h.evaluate_lists(LISTS, TEST, ITEMS, **SMALL)
    assert h.evaluate_lists(LISTS, TEST, ITEMS, **(SMALL | {"fairness": "genre"})).metrics == listed.metrics


@pytest.mark.usefixtures("fresh_registry")
def test_a_definition_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "of_lists.py"
    file.write_text(
        "from harness.domain.membership import Membership\n"
        "from harness.plugins import Grouping\n\n\n"
        "class OfLists(Grouping):\n"
        "    name = 'of_lists'\n"
        "    summary = 'a or not'\n\n"
        "    def assign(self, source):\n"
        "        labels = [['a' if item == 'a' else 'rest'] for item in source.items['item']]\n"
        "        return Membership.from_labels(self.name, 'item', labels)\n"
    )
    scores = h.evaluate_lists(LISTS, TEST, ITEMS, fairness=file, ks=[2])
    assert scores.groups.select("group", "utility").rows() == [("a", 1.0), ("rest", 0.5)]
