"""A data set as a run would see it, and what there is to know about it."""

from pathlib import Path
from typing import TYPE_CHECKING

from harness.console.echo import echo

if TYPE_CHECKING:
    from harness.runs.experiment import Experiment


def show_audit(experiment: "Experiment") -> None:
    """Print the audit of the data.

    Raises:
        HarnessError: where pairs leak from one part of the split into another.
    """
    from harness.base.aligned_text import columns
    from harness.base.errors import HarnessError
    from harness.data.audit import audit

    memberships = [definition.membership for definition in experiment.definitions]
    found = audit(experiment.corpus, experiment.split, memberships, experiment.dataset.card)
    for title, rows in found.sections.items():
        echo(f"\n{title}\n{columns([(f'  {what}', much) for what, much in rows])}")
    if found.leaks:
        raise HarnessError(f"{found.leaks} pairs are in two parts of the split")


def experiment_on(
    name: str, assignments: list[str] | None, seed: int, data: Path | None, offline: bool, *, encode: bool = False
) -> "Experiment":
    """What a run on the data set would be given, with vectors of the items' texts or without."""
    from harness.base.trees import merged, parse_assignments
    from harness.console.open import open_console
    from harness.runs.context import Context
    from harness.runs.experiment import prepare
    from harness.spec.build import build_spec

    nothing_ranked = {"ks": [1], "headline_k": 1}  # a catalogue of ten items has no cut-off 20, and needs none here
    method = "alpharec" if encode else "most_popular"
    tree = {"dataset": name, "seed": seed, "method": method, "evaluation": nothing_ranked}
    spec = build_spec(merged(tree, parse_assignments(assignments or [])))
    return prepare(spec, Context(observer=open_console(plain=True), data_folder=data, offline=offline), encode=encode)
