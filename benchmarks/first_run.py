"""How far the README's first command can be believed: BiFair beside AlphaRec on MovieLens-100K, five seeds, two rules.

Each seed has a split of its own. *Default* is the rule that BiFair declares, ``fair_within:0.02``: the fairest epoch
with 98 % of AlphaRec's validation NDCG. Test data, cut-off 20, genre groups; intervals are over resampled users.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

import harness as h
from benchmarks.table import Table
from harness.evaluation.bootstrap_difference import BootstrapDifference

SEEDS = range(5)
RULES = {"default": {}, "best_ndcg": {"selection": "best_ndcg"}}
HEADLINE = ("cv", "ndcg", "min25")


def tables() -> Iterator[Table]:
    """A row for each rule and seed, then how often and how much."""
    rows, short = [], []
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{Path(folder)}/runs.db"
        for rule, training in RULES.items():
            found = [_beside(seed, training, store) for seed in SEEDS]
            for seed, differences in zip(SEEDS, found, strict=True):
                cells = [cell for name in HEADLINE for cell in _cells(differences[name])]
                rows.append([rule, str(seed), *cells])
            short.append([rule, *_in_short(found)])
    columns = ["rule", "seed"]
    for name in ("CV", "NDCG", "MIN"):
        columns += [f"{name} AlphaRec", "BiFair", "change", "95 % of users"]
    yield Table("Each seed", columns, rows, ["data and vectors of the user folder, models trained anew"])
    headings = ["rule", "fairer than AlphaRec", "of these, intervals below 0", "mean change of CV", "from", "to"]
    yield Table("In short", [*headings, "mean change of NDCG", "from", "to"], short, [f"{len(SEEDS)} seeds"])


def _beside(seed: int, training: dict[str, str], store: str) -> dict[str, BootstrapDifference]:
    """BiFair minus AlphaRec, by metric."""
    asked = {"dataset": "movielens-100k", "seed": seed, "compute": {"threads": 1}}
    reference = h.run(h.build_spec({**asked, "method": "alpharec"}), tracking_uri=store)
    run = h.run(h.build_spec({**asked, "method": "bifair", "training": training}), tracking_uri=store)
    compared = h.compare([reference, run]).compared
    return {key.name: found for key, found in compared.differences[0].items()}


def _cells(found: BootstrapDifference) -> Iterator[str]:
    yield f"{found.first:.3f}"
    yield f"{found.second:.3f}"
    yield f"{found.difference / found.first:+.1%}"
    yield f"{found.low / found.first:+.1%} … {found.high / found.first:+.1%}"


def _in_short(found: list[dict[str, BootstrapDifference]]) -> Iterator[str]:
    cv = [one["cv"] for one in found]
    yield f"{sum(one.difference < 0 for one in cv)} of {len(cv)}"
    yield str(sum(one.high < 0 for one in cv))
    for name in ("cv", "ndcg"):
        shares = [one[name].difference / one[name].first for one in found]
        yield f"{fmean(shares):+.1%}"
        yield f"{min(shares):+.1%}"
        yield f"{max(shares):+.1%}"
