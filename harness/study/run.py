"""The one way into a study, of whichever kind it is."""

from collections.abc import Mapping
from typing import Any

from harness.study.grid import run_grid
from harness.study.outcome import StudyResult
from harness.study.search import run_search
from harness.study.spec import GridSpec, SearchSpec


def run_study(name: str, study: GridSpec | SearchSpec, tree: Mapping[str, Any], **options: Any) -> StudyResult:
    """Run ``study``, which is called ``name``, or go on with it.

    Args:
        tree: the user's overrides of the run's spec
        options: as :func:`harness.study.grid.run_grid` and :func:`harness.study.search.run_search` have them

    Raises:
        BadInput: for anything wrong with what is asked of it, before the first run.
    """
    if isinstance(study, GridSpec):
        return run_grid(name, study, tree, **options)
    return run_search(name, study, tree, **options)
