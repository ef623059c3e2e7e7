"""Shared fixtures. The repository root comes last in ``sys.path``: its ``datasets/`` would shadow Hugging Face's."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

# Workers of pytest share the cores. With as many threads each as there are cores they would wait for one another, which
# takes five times as long; torch reads this once, when it is imported, and processes that tests start inherit it.
if workers := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // int(workers))))

import pytest
from hypothesis import HealthCheck, settings

from harness.runs.context import Context

if TYPE_CHECKING:
    from harness.plugins.registry import Registry
    from harness.runs.experiment import Experiment

import harness  # noqa: F401 - before the root leaves: an editable install finds the package through it

# A busy machine draws slowly; that says nothing about a property.
# The same examples in every run of continuous integration; others, by which new faults are found, by hand.
_same = os.environ.get("HARNESS_REQUIRE_DATA") == "1"
settings.register_profile("harness", suppress_health_check=[HealthCheck.too_slow], deadline=None, derandomize=_same)
settings.load_profile("harness")

OWN_CARD = """
name = "own"
title = "Own"
summary = "a table"
homepage = ""
licence = "none"
citation = "none"
groupings = ["popularity"]
default_group = "popularity"
[interactions]
file = "t.csv"
columns = { user = "u", item = "i" }
[items]
file = "items.csv"
columns = { item = "i", title = "title" }
"""

_root = str(Path(__file__).resolve().parent.parent)
sys.path[:] = [*(entry for entry in sys.path if entry not in ("", _root)), _root]


def missing(reason: str) -> NoReturn:
    """What a test needs cannot be had on this machine: it is skipped, and fails where nothing may be missing."""
    if os.environ.get("HARNESS_REQUIRE_DATA") == "1":  # set by .ci/run
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session", name="missing")
def _missing() -> Callable[[str], NoReturn]:
    """``missing(reason)``, for tests and their fixtures."""
    return missing


@pytest.fixture
def own_card(tmp_path: Path) -> Path:
    """A card for ``t.csv`` and ``items.csv``, which the test writes beside it."""
    path = tmp_path / "own.toml"
    path.write_text(OWN_CARD)
    return path


@pytest.fixture
def fresh_registry() -> Iterator["Registry"]:
    """The one that everything looks plug-ins up in, as if nothing had been found yet; what is added is forgotten."""
    from harness.plugins.registry import registry

    with registry.afresh():
        yield registry


@pytest.fixture(autouse=True)
def _no_plugin_stays() -> Iterator[None]:
    """A plug-in that one test adds is not the next one's: whoever adds one asks for ``fresh_registry``."""
    from harness.plugins.registry import registry

    before = registry.files
    yield
    assert registry.files == before, "plug-ins are left behind: use the fixture fresh_registry"


@pytest.fixture(autouse=True)
def _no_place_stays_chosen() -> Iterator[None]:
    """``--home`` and MLflow's store are for the process: what one test chose is not the next one's.

    Nor are variables that libraries leave: ``mlflow.set_tracking_uri`` sets its own for processes below, and so does
    whatever starts workers of Dask with their number of threads.
    """
    from harness.base import paths
    from harness.base.environment_variables import left_as_they_are
    from harness.runs.torch_defaults import VARIABLES
    from harness.track.uri import URI_VARIABLE

    with left_as_they_are(paths.HOME_VARIABLE, URI_VARIABLE, *VARIABLES):
        yield
    paths.choose_home(None)


@contextmanager
def _machine_home() -> Iterator[None]:
    """``HARNESS_TEST_HOME`` or the default home: what is downloaded or encoded once per machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HARNESS_HOME", raising=False)
        if test_home := os.environ.get("HARNESS_TEST_HOME"):
            patch.setenv("HARNESS_HOME", test_home)
        yield


@pytest.fixture(scope="session")
def movielens_folder() -> Path:
    """MovieLens-100K's files, downloaded once per machine."""
    from harness.datasets.movielens_100k import MovieLens100K

    from harness.base.errors import Unavailable
    from harness.data.sources.fetch import locate

    with _machine_home():
        try:
            return locate(MovieLens100K())
        except Unavailable as error:
            missing(str(error))


@pytest.fixture(scope="session")
def movielens(movielens_folder: Path) -> "Experiment":
    """MovieLens-100K as a run reads it: 4:3:3, genres, titles encoded with the default encoder once per machine."""
    from harness.base.errors import Unavailable
    from harness.runs.experiment import prepare
    from harness.spec.build import build_spec

    with _machine_home():
        try:
            return prepare(build_spec({}), Context(data_folder=movielens_folder))
        except Unavailable as error:
            missing(str(error))


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """``said(*command)``: what a command that works says on standard output."""

    from harness.cli.app import main

    def of(*command: str) -> str:
        capsys.readouterr()
        assert main([*command]) == 0
        return capsys.readouterr().out

    return of
