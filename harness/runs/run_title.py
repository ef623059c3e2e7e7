"""What a run is called where people choose between runs: two that differ in their specs differ in their names."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from harness.base.trees import as_assigned, flatten
from harness.spec.command_line import FLAGS, changed_options
from harness.spec.run_spec import RunSpec

LONGEST = 120
MARK = 6
"""Places of the digest that a name has where it does not say everything."""
UNSAID = ("compute.", "rerank.name", "dataset_options.")
"""The machine, which is no part of what a run means; what the method's label has; what is said in another way."""
FIRST = ("training.selection", "config.", "rerank.")
"""Keys that tell the runs of a study apart, before all others."""


def run_title(spec: RunSpec, touch_test: bool = True) -> str:
    """The name of a run: the method, the seed, whatever is not at its default, and on what.

    Args:
        touch_test: False for a run that only selects

    >>> import harness as h
    >>> from harness.runs.run_title import run_title
    >>> run_title(h.RunSpec(config={"eta": 0.002}))
    'bifair seed 0, eta 0.002 on movielens-100k, genre'
    """
    options = {key: value for key, value in changed_options(spec).items() if not key.startswith(UNSAID)}
    options = dict(sorted(options.items(), key=lambda option: not option[0].startswith(FIRST)))
    options |= flatten({"dataset_options": spec.dataset_options.model_dump(mode="json", exclude_defaults=True)})
    named = with_options(f"{spec.label} seed {spec.seed}", options, spec.digest)
    return f"{named} on {spec.dataset_name}, {spec.group}{'' if touch_test else ', validation only'}"


def with_options(title: str, options: Mapping[str, Any], digest: str) -> str:
    """A title and after it as many options as it has room for, in short; marked by ``digest`` unless that is all."""
    names, whole = _short_keys(options), True
    for key, value in options.items():
        longer = f"{title}, {names[key]} {_short(value)}"
        fits = len(longer) <= LONGEST
        title = longer if fits else title
        whole = whole and fits and _is_exact(value)
    return title if whole else f"{title} #{digest[:MARK]}"


def _short_keys(keys: Iterable[str]) -> dict[str, str]:
    """The last part of each dotted key that tells something, where no other key's is the same, nor a flag's."""
    parts = {key: key.removesuffix(".name").rpartition(".")[2] for key in keys}
    often = Counter([*parts.values(), *(flag for flag in FLAGS if flag not in parts)])
    return {key: part if often[part] == 1 else key for key, part in parts.items()}


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else as_assigned(value)


def _is_exact(value: Any) -> bool:
    return not isinstance(value, float) or float(_short(value)) == value
