"""``harness.plugins`` has what an author subclasses, is given and gives back, and imports no more than is asked for."""

import subprocess
import sys

import pytest

import harness.plugins
from harness.plugins import Frozen, GroupingConfig, MethodConfig, Plugin, RerankConfig
from harness.plugins.registry import KINDS

BASES = [kind.base_class() for kind in KINDS.values() if kind.is_code]


def test_every_name_is_there() -> None:
    assert sorted(harness.plugins.__all__) == harness.plugins.__all__
    for name in harness.plugins.__all__:
        assert getattr(harness.plugins, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Metod'"):
        harness.plugins.Metod  # noqa: B018


def test_the_base_of_every_kind_is_exported() -> None:
    assert {base.__name__ for base in BASES} | {"Plugin"} <= {*harness.plugins.__all__}
    for base in BASES:
        assert issubclass(base, Plugin)
        assert getattr(harness.plugins, base.__name__) is base


def test_options_have_bases() -> None:
    wanted = dict.fromkeys((base.__name__ for base in BASES), Frozen)
    assert {base.__name__: base.Config for base in BASES} == {
        **wanted,
        "Grouping": GroupingConfig,
        "Method": MethodConfig,
        "Reranker": RerankConfig,
    }


@pytest.mark.parametrize("names", ["Grouping, Membership, Frozen", "Dataset, Card, Tables", "Method, Problem, Streams"])
def test_no_tensors_are_imported_with_it(names: str) -> None:
    code = f"import sys; from harness.plugins import {names}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
