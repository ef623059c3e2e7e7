"""What the metrics and disparities on request add to an evaluation: of lists, of groups' exposure, and all together.

The recommender is a truncated singular value decomposition: scores cost a product of 64-dimensional factors and no
more, so that shares are as large as they get. *As a run has it*: the groupings that the data set declares, cut-offs 10
and 20. *Everything*: every registered grouping but single users and items, cut-offs 5, 10, 20, 50.

Together they are to add at most 10 %. That holds for MovieLens-1M as a run has it. On the 938 users of MovieLens-100K,
where an evaluation takes less than 20 ms, they do not stay below, for each measure has a cost of its own, and neither
do they for as many groupings as there are, for AWRF goes through every list once for each.
"""

from collections.abc import Iterator, Sequence

import torch
from scipy.sparse.linalg import svds

from benchmarks import real_data
from benchmarks.evaluation import OPTIONS, definitions, divided
from benchmarks.table import Table
from benchmarks.timing import in_turn
from harness.domain.exposure_names import EXPOSURE_DISPARITIES
from harness.domain.interactions import Split
from harness.domain.ranking import Score
from harness.evaluation.evaluate import Fairness, evaluate
from harness.plugins.registry import registry
from harness.runs.experiment import prepare
from harness.spec.build import build_spec
from harness.spec.options import EvaluationOptions

DIMENSIONS, ROUNDS = 64, 31
LISTS = tuple(name for name in registry.names("metric") if registry.get("metric", name).on_request)
EXPOSURE = tuple(name for name, found in EXPOSURE_DISPARITIES.items() if found.on_request)


def tables() -> Iterator[Table]:
    """One of all."""
    rows = []
    for name, parts, judged, ks in _worlds():
        plain = EvaluationOptions(ks=ks, headline_k=20)
        lists, exposure = {"metrics": ("default", *LISTS)}, {"exposure": EXPOSURE}
        asked = [EvaluationOptions(ks=ks, headline_k=20, **more) for more in (lists, exposure, lists | exposure)]
        rows.append([name, *_shares(parts, judged, plain, asked)])
    yield Table(
        "Processor time of an evaluation",
        ["", "ms without", "with metrics of lists", "with exposure of groups", "with both"],
        rows,
        [f"medians of {ROUNDS} rounds", f"of lists: {', '.join(LISTS)}", f"of groups: {', '.join(EXPOSURE)}"],
    )


def _worlds() -> Iterator[tuple[str, Split, Sequence[Fairness], tuple[int, ...]]]:
    small = prepare(build_spec({"dataset": "movielens-100k"}), encode=False)
    yield "MovieLens-100K, as a run has it", small.split, small.definitions, (10, 20)
    parts = divided(real_data.interactions("MovieLens-1M"))
    every = [found for found in definitions(parts) if "individual" not in found.membership.grouping]
    card = registry.get("dataset", "movielens-1m").card
    declared = [found for found in every if found.membership.grouping in card.groupings]
    yield "MovieLens-1M, as a run has it", parts, declared, (10, 20)
    yield "MovieLens-1M, everything", parts, every, OPTIONS.ks


def _shares(
    parts: Split, judged: Sequence[Fairness], plain: EvaluationOptions, asked: Sequence[EvaluationOptions]
) -> list[str]:
    score, masked = _recommender(parts), [parts.training, parts.validation]
    steps = {
        str(number): lambda options=options: evaluate(score, parts.test, masked, judged, options)
        for number, options in enumerate([plain, *asked])
    }
    found = in_turn(steps, rounds=ROUNDS)
    more = [f"+{found.ratio(name, '0') - 1:.0%}" for name in list(steps)[1:]]
    return [f"{found.cpu_median('0') * 1e3:.0f}", *more]


def _recommender(parts: Split) -> Score:
    left, values, right = svds(parts.training.matrix().astype(float), DIMENSIONS, random_state=0)
    users, items = (torch.from_numpy(factors.copy()).float() for factors in (left * values, right.T))
    return lambda chosen: users[chosen] @ items.T
