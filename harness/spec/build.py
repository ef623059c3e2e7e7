"""``--set a.b=c`` and spec files: nested dictionaries in, a validated spec or one clear line out."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.base.errors import BadInput
from harness.spec.run_spec import RunSpec


def read_spec_file(path: Path) -> dict[str, Any]:
    """The tree in a TOML or JSON spec file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"spec file {path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"spec file {path}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    try:
        tree = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise BadInput(f"spec file {path}: {error}") from None
    if not isinstance(tree, dict):
        raise BadInput(f"spec file {path}: a table of options is needed at the top level")
    return tree


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
