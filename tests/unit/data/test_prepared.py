"""Preparation is done once: found again exactly, made again when anything it depends on changes or is damaged."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from harness.base import paths
from harness.base.errors import BadInput
from harness.data.build_corpus import build_corpus
from harness.data.prepared import Prepared, prepared
from harness.data.split import split
from harness.data.table.card_dataset import from_card
from harness.domain.tables import Tables
from harness.plugins import Dataset
from harness.spec.options import DataOptions

CARD = """
name = "films"
title = "Films"
summary = "a few films"
homepage = ""
licence = "mine"
citation = "me"
groupings = ["genre"]
default_group = "genre"
interactions = { file = "seen.csv", columns = { user = "u", item = "i", rating = "r", timestamp = "t" } }
items = { file = "films.tsv", columns = { item = "i", title = "n", genres = { from = "g", type = "list" } } }
"""
OPTIONS = DataOptions(core=2)


class Watched(Dataset):
    """Counts how often its files are read."""

    reads = 0

    def read(self, folder: Path) -> Tables:
        self.reads += 1
        return super().read(folder)


@pytest.fixture
def films(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """A data set in ``tmp_path``, and a home folder of the test's own."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    draw = np.random.default_rng(0)
    rows = [f"{u},{i},{draw.integers(1, 6)},{draw.integers(0, 99)}" for u in range(20) for i in range(15)]
    (tmp_path / "seen.csv").write_text("\n".join(["u,i,r,t", *rows]))
    (tmp_path / "films.tsv").write_text("\n".join(["i\tn\tg", *(f"{i}\tFilm {i}\tgenre {i % 3}" for i in range(15))]))
    (tmp_path / "films.toml").write_text(CARD)
    return from_card(tmp_path / "films.toml")()


@pytest.fixture
def watched(films: Dataset) -> Watched:
    """The same data set."""
    made: Watched = type("WatchedFilms", (Watched, type(films)), {})()
    return made


def again(films: Dataset, options: DataOptions = OPTIONS, seed: int = 0) -> Prepared:
    return prepared(films, Path(str(films.lies_in())), options, seed)


def entries() -> list[Path]:
    return sorted((paths.cache_folder() / "prepared").glob("*.npz"))


def same(one: Prepared, other: Prepared) -> None:
    for name in ("users", "items"):
        assert_frame_equal(getattr(one.corpus, name), getattr(other.corpus, name))
    for name in ("user_indices", "item_indices", "order"):
        np.testing.assert_array_equal(getattr(one.corpus, name), getattr(other.corpus, name))
        assert getattr(one.corpus, name).dtype == getattr(other.corpus, name).dtype
    for name in ("digest", "counts", "order_is_time"):
        assert getattr(one.corpus, name) == getattr(other.corpus, name)
    assert one.split.digest == other.split.digest


def test_what_is_found_is_what_was_made(films: Dataset) -> None:
    made, found = again(films), again(films)
    assert (made.cached, found.cached) == (False, True)
    same(made, found)
    corpus = build_corpus(films.read(Path(str(films.lies_in()))), OPTIONS)
    assert found.corpus.digest == corpus.digest
    assert found.split.digest == split(corpus, OPTIONS, 0).digest


def test_a_second_time_reads_no_file(watched: Watched) -> None:
    again(watched)
    assert watched.reads == 1
    assert again(watched).cached
    assert watched.reads == 1


@pytest.mark.parametrize(
    "options",
    [DataOptions(core=3), DataOptions(core=2, min_rating=3), DataOptions(core=2, split="temporal")],
)
def test_other_options_are_prepared_afresh(films: Dataset, options: DataOptions) -> None:
    again(films)
    assert not again(films, options).cached
    assert again(films, options).cached


def test_another_seed_shares_the_corpus_and_not_the_split(watched: Watched) -> None:
    first = again(watched)
    second = again(watched, seed=1)
    assert watched.reads == 1
    assert not second.cached
    assert first.corpus.digest == second.corpus.digest
    assert first.split.digest != second.split.digest


def test_the_texts_template_changes_nothing(films: Dataset) -> None:
    again(films)
    assert again(films, DataOptions(core=2, text="{title}!")).cached


def test_a_changed_file_is_read_again(films: Dataset) -> None:
    first = again(films)
    path = Path(str(films.lies_in())) / "films.tsv"
    path.write_text(path.read_text().replace("Film 3", "Movie 3"))
    second = again(films)
    assert not second.cached
    assert first.corpus.digest != second.corpus.digest
    assert "Movie 3" in second.corpus.items["title"].to_list()


def test_a_file_with_a_new_date_alone_is_the_same(films: Dataset) -> None:
    again(films)
    (Path(str(films.lies_in())) / "seen.csv").touch()
    assert again(films).cached


@pytest.mark.parametrize("where", [0, 100, -1])
def test_a_damaged_entry_is_made_again_and_said(films: Dataset, where: int) -> None:
    first = again(films)
    for path in entries():
        content = bytearray(path.read_bytes())
        content[where] ^= 1
        path.write_bytes(content)
    said: list[str] = []
    second = prepared(films, Path(str(films.lies_in())), OPTIONS, 0, said.append)
    assert [line.split()[1:] for line in said] == [["is", "damaged:", "it", "is", "computed", "again"]] * 2
    same(first, second)
    assert again(films).cached


@pytest.mark.parametrize("size", [0, 1, 40])
def test_a_torn_entry_is_made_again(films: Dataset, size: int) -> None:
    again(films)
    for path in entries():
        path.write_bytes(path.read_bytes()[:size])
    assert not again(films).cached
    assert again(films).cached


def test_a_cache_that_cannot_be_written_stops_nothing(films: Dataset) -> None:
    paths.cache_folder().parent.mkdir(parents=True)
    paths.cache_folder().write_text("in the way")
    said: list[str] = []
    found = prepared(films, Path(str(films.lies_in())), OPTIONS, 0, said.append)
    assert len(found.split.training) > 0
    assert all("not cached" in line for line in said)
    assert len(said) == 2


def test_nothing_is_kept_of_what_was_refused(films: Dataset) -> None:
    with pytest.raises(BadInput, match=r"lower data\.core"):
        again(films, DataOptions(core=50))
    assert entries() == []


def test_two_processes_at_once_agree(films: Dataset, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from harness.data.prepared import prepared; "
        "from harness.data.table.card_dataset import from_card; from harness.spec.run_spec import DataOptions; "
        "card = Path(sys.argv[1]); "
        "print(prepared(from_card(card)(), card.parent, DataOptions(core=2), 0).split.digest)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "films.toml")]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    digests = {worker.communicate(timeout=120)[0].strip() for worker in workers}
    assert digests == {again(films).split.digest}
    assert again(films).cached
    assert [path.suffix for path in (paths.cache_folder() / "prepared").iterdir()] == [".npz", ".npz"]


def test_lists_and_missing_values_survive(films: Dataset) -> None:
    found = [again(films) for _ in range(2)][1]
    assert found.corpus.items.schema["genres"] == pl.List(pl.String)
    assert found.corpus.users.columns == ["user"]
