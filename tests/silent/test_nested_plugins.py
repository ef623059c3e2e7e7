"""A plug-in inside a plug-in is part of what a run is known by: once its code has changed, the run is another one."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import PATIENCE_SECONDS, write_card
from .nested_runs import NESTED

HERE = Path(__file__).parent
UNCHANGED = {"nothing foreign", "not used"}


@pytest.fixture(scope="module")
def found_finished(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bool]]:
    """By scenario, whether the first run, the same one again, and one after the change were found finished."""
    folder = tmp_path_factory.mktemp("nested")
    card, plugins = write_card(folder), shutil.copytree(HERE / "plugins", folder / "plugins")
    done = subprocess.run(
        [sys.executable, "-P", HERE / "nested_runs.py", card, plugins],
        capture_output=True,
        text=True,
        env={**os.environ, "HARNESS_HOME": str(folder / "home")},
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, list[bool]] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("scenario", NESTED)
def test_a_changed_plug_in_inside_another_is_another_run(scenario: str, found_finished: dict[str, list[bool]]) -> None:
    assert found_finished[scenario] == [False, True, scenario in UNCHANGED]
