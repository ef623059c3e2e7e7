"""Small groups inside a batch: what giving them weight does to validation metrics, arm by arm, paired by seed.

``harness run --study min_rows --method METHOD --dataset DATASET --group GROUP`` makes the runs (other arms by ``--set``
of ``config.floor=128``, ``config.remember=true`` or ``config.gram_scale=own``), ``harness export min_rows --to FOLDER``
their records, ``python -m benchmarks.min_rows FOLDER…`` gathers these in ``results/min_rows.csv``, and
``python -m benchmarks min_rows`` makes the tables of that.

Every run keeps the fairest epoch of those with 98 % of AlphaRec's validation NDCG on its seed (``fair_within:0.02``;
where none has, the most accurate one). *Late* is the mean over a run's last ten epochs, whichever is kept: no luck of a
choice is in it. **Validation data alone**: no run in the tables has touched test data.

All at learning rate 0.005 for 25 epochs at most (Beauty: 15, three seeds), AlphaRec too: less than the default 60
epochs at 0.002; every other option at its default, nothing tuned. *Late* values and *directions* came in after the
first results had been seen; so did Steam with every publisher as a group (``groupings.provider.min_items=1``), where
half the groups have fewer than 32 rows in a batch. On Steam next to no run comes up to 98 % of AlphaRec, so that its
most accurate epochs are compared, and on MovieLens-100K few do.

**What it says.** No arm is better on every set at an accuracy that is as good, so the default stays. With a batch of
4,096 rows ``min_rows`` decides about few groups: none of the popularity bins (800 rows each), one or two of the
others. 1 and 8 do the same; the kept epoch's CV falls by a few per cent that may be chance, the late ones' by 6 %
(significant), for up to 1.5 % of late NDCG. With 44 publishers it matters: MIN is near 0 with 32.
1 cannot be the default: of the 12,101 single items of Beauty 2,870 would have a column of gradients in each batch,
with 8 there are 8, with 32 none. ``group_dro`` takes it for a trade: on the 44 publishers CV −22 % for 9 % of NDCG.
Floors do what ``min_rows`` 1 does, a little more of it late; remembering absent groups did less than 8 alone in the
one cell where it was run.

What keeps small groups from weight is another thing (``gram_noise``): after ten epochs three quarters to all of
‖ĝ_k‖² is sampling noise σ²/n_k, so that ½ wᵀMw weighs groups by their rows whatever ``min_rows`` says. Compared by
directions they are weighed alike: over nine cells MIN rises by 16 ‰ (4 to 27), CV by −12 % (−24 to +2; late −11 %,
−18 to −5), NDCG by −0.5 % (−2.8 to +1.9); the price is paid on MovieLens-100K, 1 to 2 % of late NDCG. It is a
candidate for an arm of its own, tuned as the others are.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from math import expm1, log
from pathlib import Path
from statistics import fmean
from typing import Any

import harness as h
from benchmarks.table import Table
from harness.stats.paired import paired_test
from harness.study.records import Record, read_records

FILE = Path(__file__).parent / "results" / "min_rows.csv"
KEYS = {"ndcg": "ndcg", "cv": "{group}/cv", "min25": "{group}/min25"}
CELL, METRICS, LATE = ("dataset", "group", "method"), (*KEYS, "late_ndcg", "late_cv", "late_min25"), 10
COLUMNS = (*CELL, "arm", "seed", *METRICS, "qualifies", "epoch")
TODAY, SEEDS = "min_rows 32", 5
Row = Mapping[str, str]
BySeed = Mapping[str, Row]


def tables() -> Iterator[Table]:
    """One for what all cells say together, one for each data set, grouping and method."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cells = [(cell, list(own)) for cell, own in groupby(rows, lambda row: tuple(row[name] for name in CELL))]
    note = (
        f"changes against `{TODAY}`, mean over seeds and 95 % t-interval: of NDCG and CV in % (of logarithms' means), "
        "of MIN, which may be 0, in thousandths"
    )
    whole = [(cell, own) for cell, own in cells if len(_by_seed(own, TODAY)) >= SEEDS and cell[-1] != "group_dro"]
    notes = [note, "not every arm was run in every cell: compare arms where their cells are the same, below"]
    yield Table(
        f"Over all cells with {SEEDS} seeds, `group_dro`'s left out",
        ("arm", "cells", "seeds", *map(_head, METRICS)),
        list(_together(whole)),
        notes,
    )
    heads = ("data", "groups", "method", "arm", "seeds", "qualify", "NDCG", "CV", "MIN", *map(_head, METRICS))
    yield Table(
        "Each data set and method", heads, [line for cell, own in cells for line in _of_cell(cell, own)], [note]
    )


def _head(name: str) -> str:
    late, _, own = name.rpartition("_")
    return " ".join(part for part in (late, {"ndcg": "NDCG, %", "cv": "CV, %", "min25": "MIN, ‰"}[own]) if part)


def _of_cell(cell: Sequence[str], rows: Sequence[Row]) -> Iterator[list[str]]:
    today = _by_seed(rows, TODAY)
    for arm in sorted({row["arm"] for row in rows}, key=lambda arm: (arm != TODAY, arm)):
        own = _by_seed(rows, arm)
        means = [f"{fmean(float(row[name]) for row in own.values()):.4f}" for name in KEYS]
        qualify = sum(row["qualifies"] == "yes" for row in own.values())
        changes = ["" if arm == TODAY else _change([(own, today)], name) for name in METRICS]
        yield [*cell, f"`{arm}`", str(len(own)), str(qualify), *means, *changes]


def _together(cells: Iterable[tuple[Sequence[str], Sequence[Row]]]) -> Iterator[list[str]]:
    """Each arm's changes, averaged seed by seed over the cells that have the arm."""
    for arm in sorted({row["arm"] for _, rows in cells for row in rows} - {TODAY}):
        pairs = [(_by_seed(rows, arm), _by_seed(rows, TODAY)) for _, rows in cells]
        pairs = [(own, today) for own, today in pairs if own.keys() & today.keys()]
        if pairs:
            yield [f"`{arm}`", str(len(pairs)), str(len(_shared(pairs))), *(_change(pairs, name) for name in METRICS)]


def _change(pairs: Sequence[tuple[BySeed, BySeed]], name: str) -> str:
    """What the first of each pair changes, averaged over the pairs seed by seed."""
    seeds = _shared(pairs)
    if not seeds:
        return ""
    percent = not name.endswith("min25")
    own, today = (
        [fmean(_value(pair[side][seed][name], percent) for pair in pairs) for seed in seeds] for side in (0, 1)
    )
    found = paired_test(today, own).difference
    mean, low, high = (100 * expm1(end) if percent else 1000 * end for end in (found.mean, found.low, found.high))
    return f"{mean:+.1f} ({low:+.1f} to {high:+.1f})"


def _value(text: str, percent: bool) -> float:
    return log(float(text)) if percent else float(text)


def _shared(pairs: Iterable[tuple[BySeed, BySeed]]) -> list[str]:
    return sorted(set.intersection(*(set(own.keys() & today.keys()) for own, today in pairs)))


def _by_seed(rows: Iterable[Row], arm: str) -> BySeed:
    return {row["seed"]: row for row in rows if row["arm"] == arm}


def gather(folders: Iterable[Path]) -> None:
    """Write ``FILE`` from exported records and, for values by epoch, the store that the runs are in."""
    records = [record for folder in folders for record in read_records(folder).stage("curve") if record.finished]
    rows = {tuple(row[name] for name in COLUMNS[:5]): row for row in map(_row, records)}
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[key] for key in sorted(rows))


def _row(record: Record) -> dict[str, str]:
    view, curves = record.view, h.load_run(record.run).curves
    row = {"dataset": view.dataset, "group": _group(record), "method": record.method}
    row |= {"arm": _arm(record.spec["config"]), "seed": str(record.seed)}
    for name, declared in KEYS.items():
        key = view.metric(declared, "validation")
        late = curves.filter(key=str(key.on("epoch"))).sort("epoch")["value"].tail(LATE).to_list()
        row |= {name: f"{record.metrics[str(key)]:.6f}", f"late_{name}": f"{fmean(late):.6f}"}
    return row | {"qualifies": "yes" if record.qualifies else "no", "epoch": f"{record.metrics['best_epoch']:.0f}"}


def _group(record: Record) -> str:
    """The grouping trained on, with how few items a group may have where it is not the default."""
    name = record.view.group
    least = record.spec["groupings"].get(name, {}).get("min_items")
    return name if least is None else f"{name}, min_items {least}"


def _arm(config: Mapping[str, Any]) -> str:
    """What is not as it was: ``min_rows`` is always said."""
    parts = [f"min_rows {config['min_rows']}"]
    parts += [f"floor {config['floor']}"] if config.get("floor") else []
    parts += ["remember"] if config.get("remember") else []
    parts += ["directions"] if config.get("gram_scale") == "own" else []
    parts += [config["balancer"]] if config.get("balancer", "entropy") != "entropy" else []
    return ", ".join(parts)


if __name__ == "__main__":
    gather(map(Path, sys.argv[1:]))
