"""The contract of metrics of lists, over all that are registered."""

import numpy as np
import pytest

from harness.plugins.registry import registry
from harness.testing import MetricContract


class TestEveryMetric(MetricContract):
    @pytest.fixture(autouse=True, params=registry.names("metric"))
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.metric = request.param
        self.bounds = (0.0, np.inf if self.metric == "average_popularity" else 1.0)
