"""What a run on new data needs said: the rating from which on it is praise, the core, the cut-offs, the groupings."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from harness.base.errors import BadInput
from harness.data.build_corpus import build_corpus
from harness.data.corpus import Corpus
from harness.data.filter import coded, deduplicate
from harness.data.group_assignment import definition, groups
from harness.data.guess.findings import Findings
from harness.data.oddities import USUAL_HIGHEST, praise
from harness.domain.interactions import Training
from harness.domain.tables import Tables
from harness.plugins import GroupingInput
from harness.spec.options import DataOptions, EvaluationOptions

GROUPINGS = (
    "genre", "category", "provider", "release_period", "popularity", "gender", "age", "occupation", "activity",
)  # fmt: skip
"""What is reported where it makes two groups at least; the first one is trained on."""
AT_LAST = "item_individual"
"""What can be formed of anything."""


@dataclass(frozen=True)
class Fitting:
    """Groupings that can be formed, and options of a run that are not at their defaults, dotted."""

    groupings: list[str]
    options: dict[str, Any]


def fitting(data: Tables, divided: bool, findings: Findings) -> Fitting:
    """What fits the data; why is told.

    Args:
        divided: whether the data come in three parts

    Raises:
        BadInput: where nothing at all is left of them.
    """
    options: dict[str, Any] = {}
    if divided:
        options |= {"data.split": "given", "data.core": 1}
        findings.rows.append(
            ("split", "the data come divided: data.split=given keeps their parts, data.core=1 all rows")
        )
    defaults = DataOptions()
    bound = _bound(deduplicate(coded(data.interactions)), defaults.min_rating)
    if bound != defaults.min_rating:
        options["data.min_rating"] = bound
        findings.doubts.append(f"ratings of at least {bound:g} count as praise: --set data.min_rating=… says otherwise")
    corpus, core = _filtered(data, bound, 1 if divided else defaults.core)
    if core not in (defaults.core, options.get("data.core")):
        options["data.core"] = core
        findings.doubts.append(
            f"few data: with data.core={core} instead of {defaults.core} there are {corpus.n_users:,} users and "
            f"{corpus.n_items:,} items"
        )
    if corpus.n_items < max(EvaluationOptions().ks):
        options |= {
            "evaluation.ks": [max(1, corpus.n_items // 2)],
            "evaluation.headline_k": max(1, corpus.n_items // 2),
        }
        findings.doubts.append(f"{corpus.n_items:,} items are few: cut-offs of half of them")
    return Fitting(_groupings(corpus, findings), options)


def _bound(interactions: pl.DataFrame, usual: float | None) -> float | None:
    """The least rating of unique interactions that is praise; the default's where the scale ends with 4 or 5."""
    if "rating" not in interactions.columns or usual is None:
        return usual
    ratings = interactions["rating"].drop_nulls().to_numpy()
    low, high = float(ratings.min()), float(ratings.max())
    bound = praise(low, high)
    return usual if usual <= high <= USUAL_HIGHEST else int(bound) if bound.is_integer() else bound


def _filtered(data: Tables, bound: float | None, most: int) -> tuple[Corpus, int]:
    """The data under the largest core that leaves enough items for the usual cut-offs, else all of them."""
    for core in range(most, 1, -1):
        try:
            corpus = build_corpus(data, DataOptions(min_rating=bound, core=core))
        except BadInput:
            continue
        if corpus.n_items >= max(EvaluationOptions().ks):
            return corpus, core
    return build_corpus(data, DataOptions(min_rating=bound, core=1)), 1


def _groupings(corpus: Corpus, findings: Findings) -> list[str]:
    everything = Training(corpus.user_indices, corpus.item_indices, corpus.n_users, corpus.n_items)
    source = GroupingInput(everything, corpus.items, corpus.users)
    formed: dict[str, dict[str, int]] = {}
    for name in GROUPINGS:
        try:
            sizes = groups(definition(name), source).sizes
        except BadInput:  # a column that these data do not have
            continue
        if len(sizes) > 1 and sizes not in formed.values():
            formed[name] = sizes
    told = [f"{name} ({len(sizes)} groups)" for name, sizes in formed.items()]
    findings.rows.append(("groupings", ", ".join(told) or AT_LAST))
    trained = any(definition(name).side == "item" for name in formed)
    return [*([] if trained else [AT_LAST]), *formed]
