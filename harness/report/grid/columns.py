"""The columns of a comparison's tables: which metric, what people call it, and which way is better."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.domain.metric_key import GROUP, MetricKey
from harness.plugins.direction import Direction, direction
from harness.spec.spec_view import SpecView
from harness.study.study_spec import GridSpec


@dataclass(frozen=True)
class Column:
    """A metric in a table.

    Attributes:
        key: as declared, or in full
        heading: what the table calls it
    """

    key: MetricKey
    heading: str

    @property
    def better(self) -> Direction:
        """Which way is better; ``neither`` where nobody has said."""
        return direction(self.key)


def columns(study: GridSpec, spec: SpecView) -> tuple[Column, ...]:
    """The study's own metrics, else NDCG, recall, CV and MIN of the grouping trained on, at the headline cut-off.

    Args:
        spec: of one of the runs that the table shows
    """
    if study.metrics:
        named = {key.replace(GROUP, spec.group): heading for key, heading in study.metrics.items()}
        return tuple(Column(MetricKey.parse(key), heading.replace(GROUP, spec.group)) for key, heading in named.items())
    return headline(spec)


def headline(spec: SpecView) -> tuple[Column, ...]:
    """NDCG, recall, CV and MIN of the grouping trained on, at the headline cut-off, on test data."""
    keys = [spec.metric(metric) for metric in ("ndcg", "recall", f"{GROUP}/cv", f"{GROUP}/min25")]
    return tuple(Column(key, key.heading) for key in keys)


def unjudged(shown: Iterable[Column]) -> list[str]:
    """Headings of the columns of which nobody has said which way is better."""
    return [column.heading for column in shown if column.better == "neither"]
