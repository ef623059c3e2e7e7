"""The contract of balancers, over all that are registered."""

import pytest

from harness.plugins.registry import registry
from harness.testing import BalancerContract


class TestEveryBalancer(BalancerContract):
    @pytest.fixture(autouse=True, params=registry.names("balancer"))
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.balancer = request.param
        self.config = {"T": 1000} if "T" in self.plugin.Config.model_fields else {}
