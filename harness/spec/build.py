"""``--set a.b=c`` and spec files: nested dictionaries in, a validated spec or one clear line out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.base.trees import read_tree
from harness.spec.run_spec import RunSpec


def read_spec_file(path: Path) -> dict[str, Any]:
    """The tree in a TOML or JSON spec file."""
    return read_tree(path, "spec file")


def build_spec(tree: Mapping[str, Any]) -> RunSpec:
    """Validate a tree.

    Raises:
        BadInput: one line with the key, what is wrong with it and the nearest valid choice.

    >>> import harness as h
    >>> spec = h.build_spec({"method": "bifair", "config": {"eta": 0.002}, "data": {"core": 10}})
    >>> spec.config.eta, spec.data.core, spec.dataset
    (0.002, 10, 'movielens-100k')
    """
    return RunSpec.model_validate(tree)
