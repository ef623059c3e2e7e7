"""Shared fixtures. The repository root leaves ``sys.path``: its folder ``datasets/`` would shadow Hugging Face's."""

import os
import sys
from pathlib import Path

import pytest

import harness  # noqa: F401 - before the root leaves: an editable install finds the package through it

_root = str(Path(__file__).resolve().parent.parent)
sys.path[:] = [entry for entry in sys.path if entry not in ("", _root)]


@pytest.fixture(scope="session")
def movielens_folder() -> Path:
    """MovieLens-100K's files, downloaded once per machine into ``HARNESS_TEST_HOME`` or the default home."""
    from harness.datasets.movielens_100k import MovieLens100K

    from harness.data.fetch import locate
    from harness.errors import Unavailable

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HARNESS_HOME", raising=False)
        if test_home := os.environ.get("HARNESS_TEST_HOME"):
            patch.setenv("HARNESS_HOME", test_home)
        try:
            return locate(MovieLens100K())
        except Unavailable as error:
            pytest.skip(str(error))
