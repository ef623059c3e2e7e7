"""The contract of studies, over all that ship or are installed."""

import pytest

from harness.plugins.registry import registry
from harness.testing import StudyContract


class TestEveryStudy(StudyContract):
    @pytest.fixture(autouse=True, params=registry.names("study"))
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.study = request.param
