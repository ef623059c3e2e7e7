"""The contract of studies, over all that ship or are installed."""

import pytest

from harness.study.study_files import study_names
from harness.testing import StudyContract


class TestEveryStudy(StudyContract):
    @pytest.fixture(autouse=True, params=study_names())
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.study = request.param
