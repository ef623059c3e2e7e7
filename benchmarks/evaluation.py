"""Evaluation on MovieLens-1M (every metric, every grouping, cut-offs 5, 10, 20, 50) in units of the bare ranking.

The recommender is a product of random 64-dimensional factors; the real interactions are split 4 : 3 : 3. *Bare* is the
matrix product and ``topk(50)`` in blocks of the same size, without masks, ties or metrics. Memory is how much a fresh
process grows at its peak while it evaluates.
"""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
import torch

from benchmarks import real_data
from benchmarks.table import Table
from benchmarks.timing import in_turn
from harness.base.errors import BadInput
from harness.data.group_assignment import definition, groups
from harness.domain.interactions import Interactions, Split, Test, Training, Validation
from harness.domain.ranking import BLOCK_SCORES, Score, block_of, rank
from harness.evaluation.evaluate import Evaluation, Fairness, evaluate, validate
from harness.plugins import GroupingInput
from harness.plugins.registry import registry
from harness.spec.options import EvaluationOptions

NAME, DIMENSIONS = "MovieLens-1M", 64
OPTIONS = EvaluationOptions(ks=(5, 10, 20, 50), headline_k=20)
BLOCKS = (BLOCK_SCORES // 8, BLOCK_SCORES // 2, BLOCK_SCORES, BLOCK_SCORES * 4)


def tables() -> Iterator[Table]:
    """Time, then memory."""
    yield _time()
    yield _memory()


def _time() -> Table:
    parts = divided(real_data.interactions(NAME))
    users, items = _factors(parts.test.n_users, parts.test.n_items)
    score: Score = lambda chosen: users[chosen] @ items.T  # noqa: E731 - a recommender in one line
    everything = definitions(parts)
    few = [found for found in everything if "individual" not in found.membership.grouping]
    both, seen = [parts.training, parts.validation], [parts.training]
    trained = next(found for found in few if found.membership.grouping == "genre")
    steps = {
        "bare": lambda: _bare(score, parts.test),
        "ranking": lambda: rank(score, parts.test, both, max(OPTIONS.ks)),
        "evaluation": lambda: evaluate(score, parts.test, both, few, OPTIONS),
        "evaluation, also single users and items": lambda: evaluate(score, parts.test, both, everything, OPTIONS),
        "validation of an epoch": lambda: validate(score, parts.validation, seen, trained, OPTIONS),
    }
    seconds = in_turn(steps, rounds=11)
    rows = [[name, f"{seconds.median(name) * 1e3:.0f}", f"{seconds.ratio(name, 'bare'):.2f}"] for name in steps]
    shape = f"{parts.test.n_users:,} users × {parts.test.n_items:,} items"
    return Table(
        f"{shape}, {len(parts.test):,} test interactions",
        ["", "ms (median of 11)", "of the bare ranking"],
        rows,
        [
            f"groupings: {', '.join(found.membership.grouping for found in everything)}",
            f"{_keys(evaluate(score, parts.test, both, few, OPTIONS))} without single users and items; "
            f"{_keys(evaluate(score, parts.test, both, everything, OPTIONS))} with them",
            "*ranking* adds masks, exact ties and hits to *bare*; *validation* is of NDCG, recall and genre CV @20",
        ],
    )


def _keys(evaluation: Evaluation) -> str:
    return f"{len(evaluation.metrics):,} metrics and {len(evaluation.groups):,} group utilities"


def _bare(score: Score, target: Interactions) -> None:
    """What no full ranking can do without."""
    block = block_of(target.n_items)
    with torch.no_grad():
        for chosen in torch.arange(target.n_users).split(block):
            score(chosen).topk(max(OPTIONS.ks), dim=1)


def _memory() -> Table:
    sizes = [(*_sizes(), scores) for scores in BLOCKS] + [(200, 1_000_000, BLOCK_SCORES)]
    rows = []
    for n_users, n_items, scores in sizes:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as fresh:
            growth = fresh.submit(_growth, n_users, n_items, scores, torch.get_num_threads()).result()
        block, all_at_once = scores * 4 / 2**20, n_users * n_items * 4 / 2**20
        cells = (block_of(n_items, scores), block, all_at_once, growth)
        rows.append([f"{n_users:,} × {n_items:,}", f"{scores:,}", *(f"{cell:,.0f}" for cell in cells)])
    return Table(
        "Peak growth of memory while ranking",
        ["users × items", "scores in a block", "users in a block", "MB of a block", "MB of all scores", "MB of growth"],
        rows,
        [f"the default is {BLOCK_SCORES:,} scores; what is left besides blocks are the lists themselves"],
    )


def _sizes() -> tuple[int, int]:
    whole = real_data.interactions(NAME)
    return whole.n_users, whole.n_items


def _growth(n_users: int, n_items: int, block_scores: int, threads: int) -> float:
    """Megabytes by which this process grows at its peak while it ranks; 100 users of a small catalogue come first."""
    torch.set_num_threads(threads)
    _rank_random(100, 1000, BLOCK_SCORES // 100)
    before = _peak()
    _rank_random(n_users, n_items, block_scores)
    factors = (n_users + n_items) * DIMENSIONS * 4 / 2**20
    return _peak() - before - factors


def _rank_random(n_users: int, n_items: int, block_scores: int) -> None:
    users, items = _factors(n_users, n_items)
    everyone = np.arange(n_users)
    target = Test(everyone, everyone, n_users, n_items)
    rank(lambda chosen: users[chosen] @ items.T, target, [], max(OPTIONS.ks), block_of(n_items, block_scores))


def _peak() -> float:
    """Megabytes of memory that this process has had at most (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 2**10


def _factors(n_users: int, n_items: int) -> tuple[torch.Tensor, torch.Tensor]:
    source = torch.Generator().manual_seed(0)
    return torch.randn(n_users, DIMENSIONS, generator=source), torch.randn(n_items, DIMENSIONS, generator=source)


def divided(whole: Interactions) -> Split:
    """4 : 3 : 3 at random."""
    which = np.random.default_rng(0).choice(3, len(whole), p=(0.4, 0.3, 0.3))
    sizes = (whole.n_users, whole.n_items)
    chosen = [(whole.users[which == part], whole.items[which == part]) for part in range(3)]
    return Split(Training(*chosen[0], *sizes), Validation(*chosen[1], *sizes), Test(*chosen[2], *sizes), "")


def definitions(parts: Split) -> list[Fairness]:
    """Every registered grouping that the tables allow, with its defaults."""
    source = GroupingInput(parts.training, _items(), _users())
    found = []
    for name in registry.names("grouping"):
        try:
            grouping = definition(name)
            found.append(Fairness.of(grouping, groups(grouping, source)))
        except BadInput as error:  # a column that MovieLens-1M does not have
            print(f"left out: {error}")
    return found


def _items() -> pl.DataFrame:
    """Items in the order of ids: raw id, year, genres."""
    labels, _ = real_data.genres()
    lines = (real_data.folder() / "ml-1m" / "movies.dat").read_text(encoding="latin-1").splitlines()
    known = pl.DataFrame(
        {"item": [line.split("::")[0] for line in lines], "title": [line.split("::")[1] for line in lines]}
    )
    order = _ids("item_id").to_frame("item").join(known, on="item", how="left", maintain_order="left")
    year = pl.col("title").str.extract(r"\((\d{4})\)$").cast(pl.Int64).alias("year")
    return order.with_columns(year, pl.Series("genres", labels))


def _users() -> pl.DataFrame:
    """Users in the order of ids: raw id, gender, age, occupation."""
    lines = (real_data.folder() / "ml-1m" / "users.dat").read_text(encoding="latin-1").splitlines()
    columns = list(zip(*(line.split("::") for line in lines), strict=True))
    known = pl.DataFrame(dict(zip(("user", "gender", "age", "occupation"), columns[:4], strict=True)))
    order = _ids("user_id").to_frame("user").join(known, on="user", how="left", maintain_order="left")
    return order.with_columns(pl.col("age").cast(pl.Int64))


def _ids(column: str) -> pl.Series:
    """Raw ids as text, ascending as numbers."""
    table = pl.read_parquet(real_data.folder() / "ml-1m" / "interactions.parquet")
    return table[column].unique().sort().cast(pl.String)
