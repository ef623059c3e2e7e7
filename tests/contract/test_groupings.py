"""The contract of fairness definitions, over all that are registered, and under options that change what they read."""

from typing import Any

import pytest

from harness.plugins.registry import registry
from harness.testing import GroupingContract

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    **{name: (name, {}) for name in registry.names("grouping") if name != "column"},
    "column of lists": ("column", {"column": "categories", "min_members": 3}),
    "column of users": ("column", {"column": "occupation", "side": "user", "min_members": 3}),
    "column in bins": ("column", {"column": "price", "bins": 4, "min_members": 1}),
    "category of text": ("category", {"column": "brand", "min_items": 4}),
    "provider of 1": ("provider", {"min_items": 1}),
    "half-decades": ("release_period", {"width": 5, "min_items": 2}),
    "gender × age": ("intersection", {"of": ["gender", "age"], "min_members": 3, "options": {"age": {"min_users": 1}}}),
    "three": ("intersection", {"of": ["genre", "popularity", "release_period"], "min_members": 2}),
    "genre and gender": ("two_sided", {"items": "genre", "users": "gender", "options": {"gender": {"min_users": 1}}}),
}


class TestEveryGrouping(GroupingContract):
    @pytest.fixture(autouse=True, params=CASES)
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.grouping, self.config = CASES[request.param]
        self.named_after_members = self.grouping.endswith("_individual")
