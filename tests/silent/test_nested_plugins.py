"""A plug-in inside a plug-in is part of what a run is known by: once its code has changed, the run is another one."""

import json
import shutil
from pathlib import Path

import pytest

from .conftest import House
from .nested_runs import NESTED

HERE = Path(__file__).parent
UNCHANGED = {"nothing foreign", "not used"}


@pytest.fixture(scope="module")
def found_finished(house_of_module: House) -> dict[str, list[bool]]:
    """By scenario, whether the first run, the same one again, and one after the change were found finished."""
    house = house_of_module
    plugins = shutil.copytree(HERE / "plugins", house.folder / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    said = house.script(HERE / "nested_runs.py", house.card, plugins)
    assert said.code == 0, said.err
    answer: dict[str, list[bool]] = json.loads(said.out)
    return answer


@pytest.mark.parametrize("scenario", NESTED)
def test_a_changed_plug_in_inside_another_is_another_run(scenario: str, found_finished: dict[str, list[bool]]) -> None:
    assert found_finished[scenario] == [False, True, scenario in UNCHANGED]
