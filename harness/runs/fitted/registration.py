"""A run's model under a name in MLflow's registry, where whoever serves models looks for them."""

from harness.base.errors import BadInput
from harness.base.messages import Say
from harness.runs.fitted.kept_model import MODEL_FOLDER, require_model
from harness.track import Tracker

NOT_IN_NAMES = "/:'"
"""MLflow addresses models as ``models:/NAME/VERSION``, and looks for them by a quoted name."""


def check_registration(name: str, tracker: Tracker, *, of_study: bool, kept: bool) -> None:
    """Find out before anything is computed whether a model can be registered.

    Raises:
        BadInput: where it cannot.
    """
    if any(letter in name for letter in NOT_IN_NAMES):
        raise BadInput(f"--register {name}: no name of a model has one of the characters {' '.join(NOT_IN_NAMES)}")
    if of_study:
        raise BadInput("--register is for one run: a study has many models; register the one of a run that you choose")
    if not kept:
        raise BadInput("--register needs the model that --no-model does not keep")
    if not tracker.keeps:
        raise BadInput("--register needs a store that keeps runs: see --tracking-uri")


def register_model(tracker: Tracker, run_id: str, name: str, say: Say) -> None:
    """Register the model of a run that has been recorded; again, it is the version that it was.

    Raises:
        BadInput, Unavailable, HarnessError: where the run has kept no model, or the store has no registry.
    """
    require_model(tracker, run_id)
    version = tracker.register(run_id, MODEL_FOLDER, name)
    say(f"registered as models:/{name}/{version}")
