"""What a run says of itself where MLflow's pages show it: what, on what, the result in one sentence, the command."""

from collections.abc import Mapping
from math import isfinite

from harness.base.markdown_text import escaped, fenced
from harness.domain.metric_key import GROUP
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.spec.command_line import command_of
from harness.spec.run_spec import RunSpec

NOTE_TAG = "mlflow.note.content"
"""The tag that MLflow's pages show as a run's description, in Markdown."""
HEADLINE = ("ndcg", f"{GROUP}/cv", f"{GROUP}/min25")
"""Accuracy, and the disparities of the grouping trained on."""
UNFINISHED = "No result yet; of a run that failed the tag `failure` says why."


def note_of(spec: RunSpec, context: Context, metrics: Mapping[str, float] | None = None) -> dict[str, str]:
    """The description of a run as a tag.

    Args:
        metrics: by key in the store; None: it has none yet
    """
    texts = f", texts by {escaped(spec.encoder.name)}" if registry.get("method", spec.method).needs_text else ""
    what = f"**{escaped(spec.label)}** on **{escaped(spec.dataset_name)}**{texts}"
    how = f"trained on {escaped(spec.group)} groups, selected by {escaped(spec.training.selection)}, seed {spec.seed}"
    result = UNFINISHED if metrics is None else escaped(result_of(spec, metrics))
    command = fenced(command_of(spec, command_options(context)))
    return {NOTE_TAG: f"{what}, {how}.\n\n{result}\n\n{command}"}


def result_of(spec: RunSpec, metrics: Mapping[str, float]) -> str:
    """What a run has reached, in one sentence; of one that has not touched test data, on validation data."""
    split = "test" if any(key.startswith("test/") for key in metrics) else "validation"
    keys = [spec.view.metric(declared, split) for declared in HEADLINE]
    found = [f"{key.label} {metrics[str(key)]:.4f}" for key in keys if isfinite(metrics.get(str(key), float("nan")))]
    kept = f"epoch {metrics['best_epoch']:.0f} of {metrics['epochs']:.0f} was kept"
    return f"On {split} data: {', '.join(found) or 'no value is defined'}; {kept}."


def command_options(context: Context) -> list[str]:
    """What beside the spec decides a run, as options: files of plug-ins, the folder of the data."""
    folder = [] if context.data_folder is None else ["--data", str(context.data_folder)]
    return [*folder, *(word for file in registry.files for word in ("--plugin", str(file)))]
