"""The contract of metrics of lists, over all that are registered."""

import numpy as np
import pytest

from harness.plugins.registry import registry
from harness.testing import MetricContract
from harness.testing.metric_contract import LENGTH

LARGEST = {"average_popularity": np.inf, "aclt": LENGTH, "ee_d": 4 / 3, "ee_r": 8 / 3, "ee_l": 8 / 3}
"""With a patience of 1/2, ‖ε‖² and ‖ε*‖² are at most Σ_r 4^(−r+1) = 4/3."""


class TestEveryMetric(MetricContract):
    @pytest.fixture(autouse=True, params=registry.names("metric"))
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.metric = request.param
        self.bounds = (0.0, LARGEST.get(self.metric, 1.0))
