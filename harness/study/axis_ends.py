"""The ends of every range are values that a run can have: found before the first trial, not by some later one."""

from collections.abc import Mapping

from harness.base.errors import BadInput, unknown
from harness.base.trees import merged, nested
from harness.spec.build import build_spec
from harness.spec.run_spec import RunSpec
from harness.study.study_spec import Axis


def check_ends(name: str, base: RunSpec, space: Mapping[str, Axis]) -> None:
    """Raise BadInput where a run of ``base`` cannot take a value of a range, or where a range is of no key.

    Args:
        name: of the study
        space: ranges by key
    """
    options, tree = base.options(), base.model_dump(mode="json")
    for key, axis in space.items():
        for asked in (key, axis.like or key):
            if asked not in options:
                raise unknown(f"key in study '{name}'", asked, options)
        for value in axis.ends:
            try:
                build_spec(merged(tree, nested({key: value})))
            except BadInput as error:
                raise BadInput(f"study '{name}', range of {key}: {error}") from None
