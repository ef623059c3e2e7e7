"""The contract of re-rankers, over all that are registered."""

from typing import ClassVar

import pytest

from harness.plugins.registry import registry
from harness.testing import RerankerContract


class TestEveryReranker(RerankerContract):
    neutral: ClassVar = {"lam": 0.0}

    @pytest.fixture(autouse=True, params=registry.names("reranker"))
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.reranker = request.param


class TestManyUsersAtOnce(RerankerContract):
    reranker = "pmmf"
    config: ClassVar = {"batch_users": 3, "lam": 5.0, "rate": 0.5}
    neutral: ClassVar = {"lam": 0.0}


class TestAgainstTheCatalogue(RerankerContract):
    reranker = "pmmf"
    config: ClassVar = {"target": "catalogue", "lam": 5.0, "rate": 0.5}
