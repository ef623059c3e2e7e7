"""Which way a metric is better, as whoever computes it says."""

from typing import Literal

from harness.base.errors import BadInput
from harness.domain.exposure_names import EXPOSURE_DISPARITIES
from harness.domain.metric_key import UTILITY, MetricKey
from harness.plugins.registry import registry

Direction = Literal["lower", "higher", "neither"]


def direction(key: MetricKey) -> Direction:
    """Which way a metric is better; ``neither`` where nobody has said, as of one whose plug-in is not installed."""
    if key.is_cost:
        return "lower"
    if key.name == UTILITY:
        return "higher"
    if key.grouping and key.name in EXPOSURE_DISPARITIES:
        return EXPOSURE_DISPARITIES[key.name].better
    try:
        return registry.get("disparity" if key.grouping else "metric", key.name).better
    except BadInput:
        return "neither"
