"""Splits by time: nothing invented or lost, nothing learnt from the future, each user's last ones held out."""

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.base.errors import BadInput
from harness.data.build_corpus import build_corpus
from harness.data.corpus import Corpus
from harness.data.prepared import prepared
from harness.data.split import split
from harness.data.table.card_dataset import from_card
from harness.domain.tables import Tables
from harness.plugins import Dataset
from harness.spec.options import DataOptions

TIMED = st.dictionaries(
    st.tuples(st.integers(0, 8), st.integers(0, 12)), st.integers(0, 30), min_size=5, max_size=80
)  # (user, item) -> time
few = settings(max_examples=80, deadline=None)
TEMPORAL = DataOptions(core=1, min_rating=None, split="temporal")
LAST = DataOptions(core=1, min_rating=None, split="leave_one_out")


def corpus_of(times: dict[tuple[int, int], int | None], column: str = "timestamp") -> Corpus:
    rows = [(f"u{user}", f"i{item}", time) for (user, item), time in times.items()]
    interactions = pl.DataFrame(rows, {"user": pl.String, "item": pl.String, column: pl.Int64}, orient="row")
    items, users = (interactions.select(side).unique() for side in ("item", "user"))
    return build_corpus(Tables(interactions, items, users), LAST)


def timed(corpus: Corpus, options: DataOptions, seed: int = 0) -> list[dict[tuple[int, int], int]]:
    """Of each part, (user index, item index) and time."""
    assert corpus.order is not None
    when = dict(zip(zip(corpus.user_indices, corpus.item_indices, strict=True), corpus.order, strict=True))
    found = split(corpus, options, seed)
    parts = (found.training, found.validation, found.test)
    return [{pair: when[pair] for pair in zip(part.users, part.items, strict=True)} for part in parts]


def temporal(times: dict[tuple[int, int], int]) -> list[dict[tuple[int, int], int]]:
    """The parts, of times for which none stays empty."""
    before = [sum(other < time for other in times.values()) / len(times) for time in times.values()]
    assume(any(0.4 <= share < 0.699 for share in before))
    assume(max(before) >= 0.701)
    return timed(corpus_of(times), TEMPORAL)


@few
@given(TIMED)
def test_temporal_invents_and_loses_nothing(times: dict[tuple[int, int], int]) -> None:
    parts = temporal(times)
    assert sum(map(len, parts)) == len(times) == len(set().union(*parts))
    assert sorted(time for part in parts for time in part.values()) == sorted(times.values())


@few
@given(TIMED)
def test_temporal_learns_nothing_from_the_future(times: dict[tuple[int, int], int]) -> None:
    training, validation, test = temporal(times)
    assert max(training.values()) < min(validation.values())
    assert max(validation.values()) < min(test.values())


@few
@given(st.integers(5, 200))
def test_temporal_shares_where_no_two_happen_at_once(n: int) -> None:
    training, validation, test = temporal({(i % 3, i): i for i in range(n)})
    assert len(training) == sum(10 * j < 4 * n for j in range(n))
    assert len(test) == sum(10 * j >= 7 * n for j in range(n))
    assert len(validation) == n - len(training) - len(test)


@few
@given(TIMED, st.integers(0, 2**40))
def test_leave_one_out_holds_each_users_last_two_out(times: dict[tuple[int, int], int], seed: int) -> None:
    counts = Counter(user for user, _ in times)
    assume(max(counts.values()) >= 3)
    corpus = corpus_of(times)
    training, validation, test = timed(corpus, LAST, seed)
    assert sum(map(len, (training, validation, test))) == len(times)
    for user in range(corpus.n_users):
        early, late, last = ([t for (u, _), t in part.items() if u == user] for part in (training, validation, test))
        total = len(early) + len(late) + len(last)
        assert (len(late), len(last)) == (int(total >= 3), int(total >= 2))
        assert max([*early, *late], default=-1) <= min(last, default=99)
        assert max(early, default=-1) <= min(late, default=99)


def test_what_happened_at_once_is_ordered_by_the_seed_alone() -> None:
    corpus = corpus_of({(user, item): 7 for user in range(5) for item in range(10)})
    digests = [split(corpus, LAST, seed).digest for seed in (0, 0, 1)]
    assert digests[0] == digests[1] != digests[2]


def test_a_place_in_the_history_serves_leave_one_out_and_not_time() -> None:
    corpus = corpus_of({(user, item): item for user in range(3) for item in range(4)}, "position")
    _, validation, test = timed(corpus, LAST)
    assert set(validation.values()) == {2}
    assert set(test.values()) == {3}
    with pytest.raises(BadInput, match=r"data\.split='temporal': this data set has no timestamps"):
        split(corpus, TEMPORAL, 0)


@pytest.mark.parametrize("options", [TEMPORAL, LAST])
def test_a_data_set_without_times_is_refused(options: DataOptions) -> None:
    pairs = pl.DataFrame({"user": ["a", "b"], "item": ["x", "y"]})
    corpus = build_corpus(Tables(pairs, pairs.select("item"), pairs.select("user")), LAST)
    with pytest.raises(BadInput, match=r"use data\.split='random'"):
        split(corpus, options, 0)


@pytest.mark.parametrize("options", [TEMPORAL, LAST])
def test_a_missing_time_is_refused(options: DataOptions) -> None:
    corpus = corpus_of({(0, 0): 1, (0, 1): None, (0, 2): 3, (0, 3): 4})
    with pytest.raises(BadInput, match="1 of 4 interactions have no time"):
        split(corpus, options, 0)


@pytest.mark.parametrize("options", [TEMPORAL, LAST])
def test_a_part_without_interactions_is_refused(options: DataOptions) -> None:
    corpus = corpus_of({(user, 0): 5 for user in range(6)})
    with pytest.raises(BadInput, match="leaves nothing for"):
        split(corpus, options, 0)


def test_times_follow_their_interactions() -> None:
    times = {(user, item): 100 * user + item for user in range(4) for item in range(5)}
    corpus = corpus_of(times)
    users, items = corpus.users["user"].to_list(), corpus.items["item"].to_list()
    assert corpus.order is not None
    found = {
        (users[user], items[item]): time
        for user, item, time in zip(corpus.user_indices, corpus.item_indices, corpus.order, strict=True)
    }
    assert found == {(f"u{user}", f"i{item}"): time for (user, item), time in times.items()}
    assert np.issubdtype(corpus.order.dtype, np.int64)


def timed_card(folder: Path, loans: str, column: str = "timestamp") -> Dataset:
    """A data set by a card, with times or places in each user's history."""
    (folder / "loans.csv").write_text("u,i,t\n" + loans)
    (folder / "own.toml").write_text(
        'name = "own"\ntitle = "t"\nsummary = "s"\nhomepage = ""\nlicence = "l"\ncitation = "c"\n'
        'groupings = ["popularity"]\ndefault_group = "popularity"\n[interactions]\nfile = "loans.csv"\n'
        f'columns = {{ user = "u", item = "i", {column} = "t" }}\n'
    )
    return from_card(folder / "own.toml")()


ROWS = [(f"u{u}", f"i{(u + k) % 7}", 10 * u + k) for u in range(4) for k in range(5)]


@pytest.mark.parametrize("column", ["timestamp", "position"])
def test_rows_without_a_time_are_lost_by_no_split_that_needs_none(
    column: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    loans = "".join(f"{u},{i},{'' if t % 4 == 0 else 'soon' if t == 11 else t}\n" for u, i, t in ROWS)
    dataset = timed_card(tmp_path, loans, column)
    without = sum(t % 4 == 0 or t == 11 for _, _, t in ROWS)
    found = prepared(dataset, tmp_path, DataOptions(core=1), 0)
    assert len(found.corpus) == len(ROWS) == 20
    assert found.corpus.counts == {f"interactions: {column} is not a number, left empty": without}
    with pytest.raises(BadInput, match=rf"leave_one_out': {without} of 20 interactions have no time: complete them"):
        prepared(dataset, tmp_path, LAST, 0)


@pytest.mark.parametrize(("start", "warned"), [(0, True), (20_240_301, True), (1_700_000_000, False)])
def test_an_order_that_is_called_time_is_warned_of(
    start: int, warned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    dataset, said = timed_card(tmp_path, "".join(f"{u},{i},{start + t}\n" for u, i, t in ROWS)), []
    for _ in range(2):  # made, and found again
        prepared(dataset, tmp_path, TEMPORAL, 0, said.append)
    assert len(said) == 2 * warned
    assert all("say columns.position and data.split=leave_one_out" in line for line in said)
    prepared(dataset, tmp_path, LAST, 0, said.append)
    assert len(said) == 2 * warned
