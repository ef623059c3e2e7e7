"""The contract of data sets: every card, and readers where no download is needed."""

from pathlib import Path
from typing import ClassVar

import pytest

from harness.plugins.registry import registry
from harness.testing import DatasetContract


class TestEveryDataset(DatasetContract):
    @pytest.fixture(autouse=True, params=registry.names("dataset"))
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.dataset = request.param


class TestGenerated(DatasetContract):
    dataset = "long-tail"
    config: ClassVar = {"n_users": 60, "n_items": 50, "interactions_per_user": 8, "n_groups": 4, "dim": 8}


class TestMovieLens(DatasetContract):
    dataset = "movielens-100k"

    @pytest.fixture(autouse=True)
    def _files(self, movielens_folder: Path) -> None:
        self.folder = movielens_folder
