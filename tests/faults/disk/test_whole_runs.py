"""Runs on a file system that fills up under way: one line, nothing half-written, and later the same numbers."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.track import Tracker, open_tracker

CLOCK = ("seconds", "memory")
BLOCK = 4096
OF_A_FRESH_HOME = [0, 9 * BLOCK, 120 * BLOCK, 262 * BLOCK, 265 * BLOCK, 275 * BLOCK, 290 * BLOCK, 320 * BLOCK]
OF_ONE_IN_USE = [0, 1, 2, 4, 6, 9, 13, 18, 25, 35, 50, 70, 100]
"""Blocks, from one that has no room for the first line of a run to one that has room for everything."""


@pytest.fixture(scope="module")
def undisturbed() -> dict[tuple[str, ...], Any]:
    """Values of runs that were left in peace, by their arguments."""
    return {}


def store_of(home: Path) -> Tracker:
    return open_tracker(f"sqlite:///{home / 'mlflow/mlflow.db'}")


def values(home: Path) -> dict[str, dict[str, Any]]:
    """Every value of every metric of the finished runs, but of clocks, by their specs."""
    tracker, found = store_of(home), {}
    for run in tracker.all_finished({}):
        assert run.tags["spec"] not in found, "it has been run twice"
        keys = [key for key in run.metrics if not any(word in key for word in CLOCK)]
        found[run.tags["spec"]] = tracker.histories(run.id, keys)
    return found


def check_recovery(
    disk: Any, home: Path, run: list[str], command: Callable[..., Any], undisturbed: dict[tuple[str, ...], Any]
) -> None:
    """The command fails in one line or goes without what it can do without; with room again it ends like any other."""
    where = ["--home", str(home), "--checkpoint-every", "0.001"]
    found = command(*run, *where)
    if found.code:
        found.check_full(disk)
    assert [name for name in disk.files() if Path(name).name.startswith(".")] == []
    disk.empty()
    again = command(*run, *where)
    assert again.code == 0, again.error
    assert store_of(home).unended({}) == []
    if tuple(run) not in undisturbed:
        peaceful = home.parent.parent / "peaceful"
        if (home / "data").is_dir():
            shutil.copytree(home / "data", peaceful / "data")
        assert command(*run, "--home", str(peaceful)).code == 0
        (undisturbed[tuple(run)],) = values(peaceful).values()
    assert undisturbed[tuple(run)] in values(home).values()


@pytest.mark.parametrize("left", [pytest.param(left, marks=pytest.mark.faults) for left in OF_A_FRESH_HOME])
def test_a_first_run(
    small_disk: Any,
    harness_command: Callable[..., Any],
    small_run: Callable[..., list[str]],
    undisturbed: dict[tuple[str, ...], Any],
    left: int,
) -> None:
    home = small_disk.folder / "home"
    home.mkdir()
    small_disk.leave(left)
    check_recovery(small_disk, home, small_run("bifair"), harness_command, undisturbed)


@pytest.mark.parametrize(
    "blocks",
    [blocks if blocks == 18 else pytest.param(blocks, marks=pytest.mark.faults) for blocks in OF_ONE_IN_USE],
)
def test_a_run_in_a_home_in_use(
    small_disk: Any,
    harness_command: Callable[..., Any],
    small_run: Callable[..., list[str]],
    undisturbed: dict[tuple[str, ...], Any],
    blocks: int,
) -> None:
    home = small_disk.folder / "home"
    assert harness_command(*small_run("most_popular"), "--home", str(home)).code == 0
    small_disk.leave(blocks * BLOCK)
    check_recovery(small_disk, home, small_run("bifair"), harness_command, undisturbed)


@pytest.mark.faults
@pytest.mark.parametrize("left", [0, 16, 64, 250, 270, 500, 530, 545, 900, 930])
def test_a_run_on_published_data(
    small_disk: Any,
    harness_command: Callable[..., Any],
    movielens_folder: Path,
    undisturbed: dict[tuple[str, ...], Any],
    left: int,
) -> None:
    home = small_disk.folder / "home"
    shutil.copytree(movielens_folder, home / "data" / movielens_folder.name)
    small_disk.leave(left * BLOCK)
    run = ["run", "--method", "bifair", "--set", "training.max_epochs=2", "--threads", "1", "--plain", "--offline"]
    check_recovery(small_disk, home, run, harness_command, undisturbed)


def test_a_run_that_is_recorded_elsewhere(
    small_disk: Any, tmp_path: Path, harness_command: Callable[..., Any], small_run: Callable[..., list[str]]
) -> None:
    """What can be done without is done without, and said once."""
    small_disk.leave(0)
    store = ["--tracking-uri", f"sqlite:///{tmp_path}/mlflow/mlflow.db"]
    done = harness_command(
        *small_run("alpharec"), *store, "--home", str(small_disk.folder), "--checkpoint-every", "0.001"
    )
    assert done.code == 0, done.error
    assert done.out.count("warning: no checkpoint can be written") == 1
    assert done.out.count(f"the prepared data are not cached: no room for {small_disk.folder}/cache/prepared/") == 2
    assert small_disk.files() == {}
    (epochs,) = [found["epochs"] for found in values(tmp_path).values()]
    assert epochs == [(epochs[0][0], 2.0)]


@pytest.mark.faults
@pytest.mark.parametrize("left", [0, 65_536])
def test_no_room_for_temporary_files(
    small_disk: Any,
    tmp_path: Path,
    harness_command: Callable[..., Any],
    small_run: Callable[..., list[str]],
    left: int,
) -> None:
    """Files of a run are made there; the training is not lost with them."""
    home, run = tmp_path / "home", small_run("alpharec")
    small_disk.leave(left)
    found = harness_command(*run, "--home", str(home), TMPDIR=str(small_disk.folder))
    if found.code:
        found.check_full(small_disk)
        assert "TMPDIR" in found.error
        assert [run.status for run in store_of(home).with_tags({})] == ["FAILED"]
    assert small_disk.files() == {}
    small_disk.empty()
    assert harness_command(*run, "--home", str(home), TMPDIR=str(small_disk.folder)).code == 0


@pytest.mark.parametrize("jobs", [pytest.param(jobs, marks=pytest.mark.faults) for jobs in (1, 2)])
def test_a_study_ends_and_goes_on(
    small_disk: Any, tmp_path: Path, harness_command: Callable[..., Any], small_run: Callable[..., list[str]], jobs: int
) -> None:
    """A full disk is no failure of one run, after which the next one could be tried."""
    home, file = small_disk.folder / "home", tmp_path / "two.toml"
    file.write_text(
        'summary = "two"\nmethods = ["alpharec", "joint"]\nbaseline = "alpharec"\n[budgets.default]\nseeds = [0, 1]\n'
    )
    sets = small_run("alpharec")[5:]
    study = ["run", "--study", str(file), "--jobs", str(jobs), "--plain", "--offline", "--home", str(home), *sets]
    assert harness_command(*small_run("most_popular"), "--home", str(home)).code == 0
    small_disk.leave(60 * BLOCK)
    harness_command(*study).check_full(small_disk)
    assert [name for name in small_disk.files() if Path(name).name.startswith(".")] == []
    small_disk.empty()
    done = harness_command(*study)
    assert done.code == 0, done.error
    assert "no result" not in done.out
    assert store_of(home).unended({}) == []
