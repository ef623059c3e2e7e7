"""The contract of disparities, over all that are registered."""

import pytest

from harness.plugins.registry import registry
from harness.testing import DisparityContract


class TestEveryDisparity(DisparityContract):
    @pytest.fixture(autouse=True, params=[*registry.names("disparity"), "min1", "min50", "min100"])
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.disparity = request.param
