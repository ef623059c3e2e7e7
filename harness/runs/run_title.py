"""What a run is called where people choose between runs: two that differ in their specs differ in their names."""

from collections.abc import Mapping
from typing import Any

from harness.base.trees import as_assigned
from harness.spec.command_line import changed_options
from harness.spec.run_spec import RunSpec

LONGEST = 160
MARK = 6
"""Places of the digest that a name ends in where it does not say everything."""
UNSAID = ("compute.", "rerank.name")
"""The machine, which is no part of what a run means, and what the method's label has already."""


def run_title(spec: RunSpec, touch_test: bool = True) -> str:
    """The name of a run: the method, on what, the seed, and whatever else is not at its default.

    Args:
        touch_test: False for a run that only selects

    >>> import harness as h
    >>> from harness.runs.run_title import run_title
    >>> run_title(h.RunSpec(config={"eta": 0.002}))
    'bifair movielens-100k genre seed 0, eta 0.002'
    """
    title = f"{spec.label} {spec.dataset_name} {spec.group} seed {spec.seed}"
    options = {key: value for key, value in changed_options(spec).items() if not key.startswith(UNSAID)}
    return with_options(title, options, spec.digest) + ("" if touch_test else ", validation only")


def with_options(title: str, options: Mapping[str, Any], digest: str) -> str:
    """A title and options after it, in short; with the beginning of ``digest`` where that is not all of them."""
    texts = [title, *(f"{key.removeprefix('config.')} {_short(value)}" for key, value in options.items())]
    whole = ", ".join(texts)
    if len(whole) <= LONGEST and all(_is_exact(value) for value in options.values()):
        return whole
    return f"{whole[:LONGEST]} #{digest[:MARK]}"


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else as_assigned(value)


def _is_exact(value: Any) -> bool:
    return not isinstance(value, float) or float(_short(value)) == value
