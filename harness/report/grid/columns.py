"""The columns of a comparison's tables: which metric, what people call it, and which way is better."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from harness.base.errors import BadInput
from harness.domain.keys import at
from harness.plugins.registry import registry
from harness.study.study_spec import GridSpec

GROUP = "{group}"
"""What stands for the grouping trained on in the names of declared metrics."""
TEST = "test/"
Better = Literal["lower", "higher", "neither"]
_COSTS = ("seconds", "seconds_per_epoch", "peak_memory_mb")


@dataclass(frozen=True)
class Column:
    """A metric in a table; ``key`` is its name in the records."""

    key: str
    heading: str

    @property
    def better(self) -> Better:
        """Which way is better; ``neither`` where nobody has said."""
        return better(self.key)


def columns(study: GridSpec, spec: Mapping[str, Any]) -> tuple[Column, ...]:
    """The study's own metrics, else NDCG, recall, CV and MIN of the grouping trained on, at the headline cut-off.

    Args:
        spec: of one of the runs that the table shows
    """
    if study.metrics:
        group = str(spec["group"])
        return tuple(
            Column(key.replace(GROUP, group), heading.replace(GROUP, group)) for key, heading in study.metrics.items()
        )
    return headline(spec)


def headline(spec: Mapping[str, Any]) -> tuple[Column, ...]:
    """NDCG, recall, CV and MIN of the grouping trained on, at the headline cut-off, on test data."""
    k = spec["evaluation"]["headline_k"]
    named = {"ndcg": "NDCG", "recall": "Recall", f"{GROUP}/cv": "CV", f"{GROUP}/min25": "MIN"}
    return tuple(Column(test_key(metric, spec), f"{heading}@{k}") for metric, heading in named.items())


def test_key(metric: str, spec: Mapping[str, Any]) -> str:
    """The key, among a record's metrics, of a metric as studies declare it: ``{group}/cv`` is ``test/genre/cv_at_20``.

    Whole keys (``test/ndcg_at_10``, ``training_seconds``) stay as they are.
    """
    name = metric.replace(GROUP, str(spec["group"]))
    if name.startswith((TEST, "validation/")) or name.endswith(_COSTS):
        return name
    return TEST + (name if "_at_" in name else at(name, spec["evaluation"]["headline_k"]))


def better(key: str) -> Better:
    """Which way a metric is better, as its plug-in says; costs and disparities of exposure are better lower."""
    from harness.domain.exposure_names import EXPOSURE_DISPARITIES

    if key.endswith(_COSTS):
        return "lower"
    if "/utility_at_" in key:
        return "higher"
    path, _, name = key.rpartition("_at_")[0].removeprefix(TEST).removeprefix("validation/").rpartition("/")
    if path and name in EXPOSURE_DISPARITIES:
        return "lower"
    try:
        return registry.get("disparity", name).better if path else registry.get("metric", name).better
    except BadInput:  # a metric of a plug-in that is not installed here: the report does not need it
        return "neither"


def unjudged(shown: Iterable[Column]) -> list[str]:
    """Headings of the columns of which nobody has said which way is better."""
    return [column.heading for column in shown if column.better == "neither"]
