"""A spec as the command that asks for it."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from harness.base.trees import as_assigned, flatten, merged, parse_assignments
from harness.spec.build import build_spec
from harness.spec.run_spec import RunSpec

FLAGS = ("method", "dataset", "group", "seed")
"""Keys that are always said, by flags of their own."""


def command_of(spec: RunSpec, options: Sequence[str] = ()) -> str:
    """A line for a shell that asks for ``spec``: the flags, and as ``--set`` what is not at its default.

    Args:
        options: further ones, such as ``--plugin FILE``

    >>> import harness as h
    >>> from harness.spec.command_line import command_of
    >>> command_of(h.RunSpec(config={"eta": 0.002}))
    'harness run --method bifair --dataset movielens-100k --group genre --seed 0 --set config.eta=0.002'
    """
    tree = spec.model_dump(mode="json")
    said = {key: tree[key] for key in FLAGS}
    words = ["harness", "run", *(word for key, value in said.items() for word in (f"--{key}", str(value)))]
    words += [word for text in _assignments(spec, tree, said) for word in ("--set", text)]
    return shlex.join([*words, *options])


def assigned(key: str, value: Any) -> str:
    """``key=value`` as ``--set`` takes it: text that reads as something else is put in quotes, as JSON."""
    text = f"{key}={as_assigned(value)}"
    read: Any = parse_assignments([text])
    for part in key.split("."):
        read = read[part]
    return text if read == value else f"{key}={as_assigned([value])[1:-1]}"


def changed_options(spec: RunSpec) -> dict[str, Any]:
    """By dotted key, what ``spec`` has at other values than a run of its method, data set, group and seed has."""
    tree = spec.model_dump(mode="json")
    defaults = flatten({**_plain(tree), "dataset_options": {}})
    return {key: value for key, value in flatten(tree).items() if key not in defaults or defaults[key] != value}


def _plain(tree: Mapping[str, Any]) -> dict[str, Any]:
    """What the flags alone ask for, on the same data."""
    said = {key: tree[key] for key in (*FLAGS, "dataset_options")}
    return build_spec(said).model_dump(mode="json")


def _assignments(spec: RunSpec, tree: Mapping[str, Any], said: Mapping[str, Any]) -> list[str]:
    """What the flags leave unsaid; whole tables where keys have dots or a table is empty."""
    differing = [assigned(key, value) for key, value in changed_options(spec).items()]
    if build_spec(merged(parse_assignments(differing), said)).model_dump(mode="json") == tree:
        return differing
    plain = _plain(tree)
    return [assigned(key, value) for key, value in tree.items() if key not in FLAGS and plain[key] != value]
