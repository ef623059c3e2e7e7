"""Finished runs are scored and compared on the data that they were measured on, or not at all."""

import io
from collections.abc import Callable, Iterator

import polars as pl
import pytest

from harness.base.errors import BadInput
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.runs.rescoring import rescore
from harness.runs.run import run
from harness.runs.summary import Summary
from harness.spec.build import build_spec
from harness.track.memory import MemoryTracker

from .conftest import House, Said, rewrite, write_card


@pytest.fixture(scope="module")
def runs(house_of_module: House) -> list[str]:
    """Ids of two finished runs on one split in time."""
    house = house_of_module
    for method in ("most_popular", "itemknn"):
        assert house.harness(*house.quick(data__split="temporal"), "--method", method).code == 0
    return [house.last(method=method).id for method in ("most_popular", "itemknn")]


@pytest.fixture
def measured(house_of_module: House) -> Iterator[House]:
    """Their house, whose tables are what they were after each test."""
    yield house_of_module
    write_card(house_of_module.folder)


@pytest.fixture
def commands(measured: House, runs: list[str]) -> dict[str, Callable[[], Said]]:
    where = ["--tracking-uri", measured.store, "--offline"]
    return {
        "evaluate": lambda: measured.harness("evaluate", runs[0], "--fairness", "genre", *where),
        "compare": lambda: measured.harness("compare", *runs, "--resamples", 100, *where),
    }


def without_the_last_miss(house: House, run_id: str) -> None:
    """Take a test row away that is no hit of the run: the last in time, so that all others stay in their parts."""
    lists = pl.read_parquet(io.BytesIO(house.tracker.artifact(run_id, "top_lists.parquet")))
    hits = set(lists.filter(pl.col("hit")).select("user", "item").rows())

    def change(rows: list[str]) -> list[str]:
        misses = [row for row in rows if tuple(row.split(",")[:2]) not in hits]
        return [row for row in rows if row != misses[-1]]

    rewrite(house.folder / "t.csv", change)


def other_genres(house: House) -> None:
    """Every third song gets another genre."""

    def change(rows: list[str]) -> list[str]:
        return [f"{row.rpartition(',')[0]},jazz" if number % 3 == 0 else row for number, row in enumerate(rows)]

    rewrite(house.folder / "items.csv", change)


def test_runs_of_other_groups_under_one_name_are_not_compared(measured: House, runs: list[str]) -> None:
    """Neither where it is the first run whose groups are those of today, nor where it is the second."""
    own = measured.quick(data__split="temporal", groupings='{"popularity": {"bins": 3}}')
    assert measured.harness(*own, "--method", "itemknn", "--group", "popularity").code == 0
    coarse = measured.last(group="popularity").id
    where = ["--resamples", 100, "--tracking-uri", measured.store, "--offline"]
    said = measured.harness("compare", coarse, runs[0], *where)
    assert said.code == 2
    assert f"popularity has other groups in run {runs[0]} than in run {coarse}" in said.err
    assert said.err.count("\n") == 1
    said = measured.harness("compare", runs[0], coarse, *where)  # of genres, which are the same
    assert said.code == 0
    assert f"popularity has other groups in run {coarse} than in run {runs[0]}" in " ".join(said.out.split())


def other_titles(house: House) -> None:
    rewrite(house.folder / "items.csv", lambda rows: [row.replace("song", "tune") for row in rows])


class Kept(Observer):
    """Keeps warnings and results."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.results: list[Summary] = []

    def say(self, line: str) -> None:
        if line.startswith("warning"):
            self.warnings.append(line)

    def result(self, summary: Summary) -> None:
        self.results.append(summary)


def scored(run_id: str, tracker: MemoryTracker) -> tuple[list[str], str]:
    """The warnings of scoring a run under genres, and the grouping that its table calls trained."""
    observer = Kept()
    rescore(run_id, "genre", Context(tracker=tracker, observer=observer))
    return observer.warnings, observer.results[0].trained


def marked(said: Said) -> bool:
    return "genre (trained)" in " ".join(said.out.split())


def test_unchanged_data_are_scored_and_compared(commands: dict[str, Callable[[], Said]]) -> None:
    for command in commands.values():
        said = command()
        assert said.code == 0
        assert "warning" not in said.out + said.err
    assert marked(commands["evaluate"]())


@pytest.mark.parametrize("name", ["evaluate", "compare"])
def test_a_row_taken_away_is_noticed(
    name: str, measured: House, runs: list[str], commands: dict[str, Callable[[], Said]]
) -> None:
    without_the_last_miss(measured, runs[0])
    said = commands[name]()
    assert said.code == 2
    assert said.err.startswith(f"error: run {runs[0]} was measured on other data than there are now")
    assert "run it again" in said.err
    assert said.err.count("\n") == 1
    assert " cv " not in said.out


def test_other_groups_are_scored_and_not_called_those_that_were_trained_on(
    measured: House, runs: list[str], commands: dict[str, Callable[[], Said]]
) -> None:
    other_genres(measured)
    said = commands["evaluate"]()
    assert said.code == 0
    assert not marked(said)
    assert "genre cv" in " ".join(said.out.split())
    assert f"the tables of items or users have changed since run {runs[0]}, its interactions have not" in said.out
    assert f"these groups of genre are not the ones that run {runs[0]} was trained on" in said.out


def test_recorded_metrics_are_not_compared_under_other_groups(
    measured: House, commands: dict[str, Callable[[], Said]]
) -> None:
    other_genres(measured)
    said = commands["compare"]()
    assert said.code == 2
    assert "the tables of items or users have changed since" in said.err
    assert said.err.count("\n") == 1


def test_a_change_that_leaves_the_groups_alone_is_said_and_no_more(
    measured: House, commands: dict[str, Callable[[], Said]]
) -> None:
    other_titles(measured)
    for command in commands.values():
        said = command()
        assert said.code == 0
        assert "the tables of items or users have changed since" in said.out
    assert marked(commands["evaluate"]())


def test_of_a_record_without_hashes_nothing_is_claimed(house: House) -> None:
    tracker = MemoryTracker()
    tree = {"method": "most_popular", "dataset": str(house.card), "data": {"core": 1}, "compute": {"threads": 1}}
    tree["evaluation"] = {"ks": [5], "headline_k": 5, "origins": False}
    done = run(build_spec(tree), Context(tracker))
    lines, trained = scored(done.id, tracker)
    assert (lines, trained) == ([], "genre")
    tags = tracker.runs[done.id].tags
    for name in [name for name in tags if name.startswith("hash.groups")]:
        del tags[name]
    lines, trained = scored(done.id, tracker)
    assert [line for line in lines if "whether it was trained on these is not known" in line]
    assert trained == ""
    for name in [name for name in tags if name.startswith("hash.")]:
        del tags[name]
    lines, trained = scored(done.id, tracker)
    assert [line for line in lines if "whether they have changed since cannot be checked" in line]
    rewrite(house.folder / "t.csv", lambda rows: rows[: len(rows) // 2])
    with pytest.raises(BadInput, match="the run was measured on"):
        scored(done.id, tracker)
