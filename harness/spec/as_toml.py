"""A spec as a file that ``--spec`` takes."""

from typing import Any

from harness.base.toml_text import toml_key, toml_value
from harness.base.trees import flatten
from harness.spec.run_spec import RunSpec


def as_toml(spec: RunSpec) -> str:
    """All of ``spec``, a line for each key; what is unset has no value in TOML and is a comment, as ``--set`` says it.

    >>> import harness as h
    >>> from harness.spec.as_toml import as_toml
    >>> as_toml(h.RunSpec(method="random")).splitlines()[:2]
    ['method = "random"', 'dataset = "movielens-100k"']
    """
    return "".join(f"{_line(key, value)}\n" for key, value in flatten(spec.model_dump(mode="json")).items())


def _line(key: str, value: Any) -> str:
    return (
        f"# --set {key}=null" if value is None else f"{'.'.join(map(toml_key, key.split('.')))} = {toml_value(value)}"
    )
