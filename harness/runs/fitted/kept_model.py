"""Fitted models among the files of runs."""

import tempfile
from pathlib import Path

from harness.base.errors import HarnessError, one_line
from harness.base.full_disk import disk_full
from harness.base.messages import Say
from harness.runs.fitted.contents import ABOUT, Contents
from harness.runs.fitted.fitted_model import FittedModel
from harness.runs.fitted.mlflow_files import write_mlflow_files
from harness.runs.kept_file import kept_file
from harness.track import TrackedRun, Tracker

MODEL_FOLDER = "model"


def keep_model(tracked: TrackedRun, contents: Contents, say: Say) -> None:
    """Keep the model with its run, and say how large it is; a run does not fail because that cannot be done."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            contents.write(Path(folder))
            write_mlflow_files(Path(folder), contents)
            size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
            tracked.log_artifacts(Path(folder), MODEL_FOLDER)
    except (HarnessError, OSError, ValueError, RuntimeError) as error:  # also a tensor that no file can hold
        say(f"warning: the fitted model is not kept: {one_line(disk_full(error) or error)}")
        return
    say(f"model: {size / 1e6:,.1f} MB kept with the run (--no-model keeps none)")


def load_model(tracker: Tracker, run_id: str) -> FittedModel:
    """The fitted model of a finished run.

    Raises:
        BadInput: where there is no such run, it has not finished, or a file of its model is a pickle.
        Unavailable: where a file is damaged.
        HarnessError: where the run has kept no model.
    """
    require_model(tracker, run_id)
    return FittedModel(Contents.read(lambda name: kept_file(tracker, run_id, name, MODEL_FOLDER)))


def require_model(tracker: Tracker, run_id: str) -> None:
    """Find out whether a finished run has kept a model.

    Raises:
        BadInput, Unavailable, HarnessError: where it has not, as :func:`load_model` says.
    """
    tracker.finished(run_id)
    try:
        kept_file(tracker, run_id, ABOUT, MODEL_FOLDER)
    except HarnessError as error:
        if error.exit_code != HarnessError.exit_code:  # damaged, or no run
            raise
        raise HarnessError(
            f"run {run_id} has kept no model: runs that only select keep none, nor do those of earlier versions and "
            "of --no-model; harness run … --force makes it again"
        ) from None
