"""Small groups inside a batch: what giving them weight does to validation metrics, arm by arm, paired by seed.

``harness run --study min_rows --method METHOD --dataset DATASET --group GROUP`` makes the runs (other arms by ``--set``
of ``config.floor=128``, ``config.remember=true`` or ``config.gram_scale=own``), ``harness export min_rows --to FOLDER``
their records, ``python -m benchmarks.min_rows FOLDER…`` gathers these in ``results/min_rows.csv``, and
``python -m benchmarks min_rows`` makes the tables of that.

Every run keeps the fairest epoch of those with 98 % of AlphaRec's validation NDCG on its seed (``fair_within:0.02``;
where none has, the most accurate one). *Late* is the mean over a run's last ten epochs, whichever is kept: no luck of a
choice is in it. **Validation data alone**: no run in the tables has touched test data.

All at learning rate 0.005 for 25 epochs at most (Beauty: 15), AlphaRec too: less than the default 60 epochs at 0.002.
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
TODAY = "min_rows 32"
Row = Mapping[str, str]
BySeed = Mapping[str, Row]


def tables() -> Iterator[Table]:
    """One for what all cells say together, one for each data set, grouping and method."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cells = [(cell, list(own)) for cell, own in groupby(rows, lambda row: tuple(row[name] for name in CELL))]
    note = (
        f"changes against `{TODAY}`, mean over seeds and 95 % t-interval; of NDCG and CV in % "
        "(of the logarithms' means), of MIN, which may be 0, in thousandths"
    )
    yield Table("Over all cells", ("arm", "cells", "seeds", *map(_head, METRICS)), list(_together(cells)), [note])
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
