"""The contract of methods, over all that are registered, built in or installed by somebody else."""

import pytest

from harness.registry import registry
from harness.testing import MethodContract


class TestEveryMethod(MethodContract):
    @pytest.fixture(autouse=True, params=registry.names("method"))
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.method = request.param
