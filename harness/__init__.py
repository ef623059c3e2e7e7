"""A benchmark harness for fairness in LLM-enhanced recommender systems.

What a notebook needs is here, and is imported when it is first asked for: ``import harness`` alone takes no time.
"""

from typing import TYPE_CHECKING, Any

from harness.base.lazy import attribute
from harness.base.version import __version__

if TYPE_CHECKING:
    from harness.api.comparison_of_runs import Comparison, compare
    from harness.api.dry_runs import DryRun, DryStudy, dry_run, dry_run_study
    from harness.api.finished_run import Run
    from harness.api.frames import dataset_from_frames
    from harness.api.lists import evaluate_lists
    from harness.api.recorded_runs import find_runs, load_run
    from harness.api.run_once import run
    from harness.api.run_scores import rescore
    from harness.api.scores import Scores
    from harness.api.session import add_plugin
    from harness.api.spec_files import load_spec
    from harness.api.studies import Study, load_study, run_study
    from harness.base.errors import BadInput, HarnessError
    from harness.runs.fitted.fitted_model import FittedModel
    from harness.spec.build import build_spec
    from harness.spec.run_spec import RunSpec

_MODULES = {
    "harness.api.comparison_of_runs": ("Comparison", "compare"),
    "harness.api.dry_runs": ("DryRun", "DryStudy", "dry_run", "dry_run_study"),
    "harness.api.finished_run": ("Run",),
    "harness.api.frames": ("dataset_from_frames",),
    "harness.api.lists": ("evaluate_lists",),
    "harness.api.recorded_runs": ("find_runs", "load_run"),
    "harness.api.run_scores": ("rescore",),
    "harness.api.run_once": ("run",),
    "harness.api.scores": ("Scores",),
    "harness.api.session": ("add_plugin",),
    "harness.api.spec_files": ("load_spec",),
    "harness.api.studies": ("Study", "load_study", "run_study"),
    "harness.base.errors": ("BadInput", "HarnessError"),
    "harness.runs.fitted.fitted_model": ("FittedModel",),
    "harness.spec.build": ("build_spec",),
    "harness.spec.run_spec": ("RunSpec",),
}

__all__ = [
    "BadInput",
    "Comparison",
    "DryRun",
    "DryStudy",
    "FittedModel",
    "HarnessError",
    "Run",
    "RunSpec",
    "Scores",
    "Study",
    "__version__",
    "add_plugin",
    "build_spec",
    "compare",
    "dataset_from_frames",
    "dry_run",
    "dry_run_study",
    "evaluate_lists",
    "find_runs",
    "load_run",
    "load_spec",
    "load_study",
    "rescore",
    "run",
    "run_study",
]


def __getattr__(name: str) -> Any:
    """A name of the face, imported now."""
    return attribute(__name__, _MODULES, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
