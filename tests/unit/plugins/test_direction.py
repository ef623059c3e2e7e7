"""Which way a metric is better."""

import pytest

from harness.domain.metric_key import MetricKey
from harness.plugins.direction import direction


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("test/ndcg_at_20", "higher"),
        ("test/genre/cv_at_20", "lower"),
        ("validation/age/cv_at_10", "lower"),
        ("test/genre/min25_at_20", "higher"),
        ("test/genre/min10_at_20", "higher"),
        ("test/genre/dp_at_20", "lower"),
        ("test/genre/utility_at_20/Action", "higher"),
        ("test/average_popularity_at_20", "neither"),
        ("test/nobody_knows_at_20", "neither"),
        ("train/loss", "neither"),
        ("training_seconds", "lower"),
        ("peak_memory_mb", "lower"),
    ],
)
def test_which_way_is_better(key: str, expected: str) -> None:
    assert direction(MetricKey.parse(key)) == expected
