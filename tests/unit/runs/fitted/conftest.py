"""Runs on a small generated catalogue, in a home of their own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import harness as h

CATALOGUE: dict[str, Any] = {
    "dataset": "long-tail",
    "dataset_options": {"n_users": 80, "n_items": 60, "n_groups": 4, "dim": 8},
    "groups": ["genre"],
    "evaluation": {"origins": False},
    "compute": {"threads": 1},
    "training": {"max_epochs": 1},
}

Ran = Callable[..., h.Run]


@pytest.fixture(autouse=True, scope="package")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="package")
def ran(_own_home: None) -> Ran:
    """``ran(method, **keys)``: the finished run, which is trained once."""
    return lambda method, **keys: h.run(h.build_spec(CATALOGUE | {"method": method} | keys))
