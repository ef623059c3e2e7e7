"""A folder given for the data is part of what runs of a study are known by, as it is of a single run."""

from pathlib import Path

import pytest

from harness.track.protocol import RecordedRun

from .conftest import House, rewrite

STUDY = """
summary = "two methods"
methods = ["most_popular", "itemknn"]

[budgets.default]
seeds = [0]
"""

TUNED = """
summary = "one method, tuned"
methods = ["alpharec"]

[budgets.default]
seeds = [0]
trials = 2
"""
SEARCH = """
summary = "one option"
methods = ["alpharec"]

[objectives]
ndcg = "maximize"

[space."config.learning_rate"]
symbol = "η"
low = 1e-4
high = 1e-2
log = true

[budgets.default]
trials = 2
"""


@pytest.fixture
def elsewhere(house: House) -> Path:
    """The tables, moved away from their card."""
    folder = house.folder / "elsewhere"
    folder.mkdir()
    for name in ("t.csv", "items.csv"):
        (house.folder / name).rename(folder / name)
    return folder


def study(house: House, data: Path, jobs: int = 1) -> list[RecordedRun]:
    """Run the study, each number of processes in an experiment of its own; all that it has made."""
    file = house.folder / "pair.toml"
    file.write_text(STUDY)
    experiment = f"jobs {jobs}"
    said = house.harness(*house.quick(), "--study", file, "--data", data, "--jobs", jobs, "--experiment", experiment)
    assert said.code == 0, said.err
    return house.runs("pair", experiment)


def test_runs_of_a_study_are_known_by_the_files_in_it(house: House, elsewhere: Path) -> None:
    assert house.harness(*house.quick(), "--method", "itemknn", "--data", elsewhere).code == 0
    alone = house.last(method="itemknn").tags["inputs"]
    made = study(house, elsewhere)
    assert alone != "none"
    assert {run.tags["inputs"] for run in made} == {alone}


def test_a_study_on_changed_files_is_made_again(house: House, elsewhere: Path) -> None:
    before = study(house, elsewhere)
    assert len(study(house, elsewhere)) == len(before) == 2
    rewrite(elsewhere / "t.csv", lambda rows: [row for row in rows if not row.startswith("0,")])
    after = study(house, elsewhere)
    assert len(after) == 2 * len(before)
    assert len({run.tags["inputs"] for run in after}) == 2


@pytest.mark.parametrize("kind", ["tuned", "search"])
def test_trials_on_changed_files_are_made_again(kind: str, house: House) -> None:
    """Else options would be chosen by data that are no longer there; on unchanged files all of them stand."""
    file = house.folder / f"{kind}.toml"
    file.write_text(TUNED if kind == "tuned" else SEARCH)

    def trials() -> list[RecordedRun]:
        said = house.harness(*house.quick(), "--study", file)
        assert said.code == 0, said.err
        return [run for run in house.runs(kind) if run.tags["evaluated"] == "validation"]

    before = trials()
    assert len(trials()) == len(before) >= 2
    rewrite(house.folder / "t.csv", lambda rows: [row for row in rows if not row.startswith("0,")])
    after = trials()
    assert len(after) == 2 * len(before)
    assert len({run.tags["inputs"] for run in after}) == 2
    assert len(trials()) == len(after)


def test_one_process_and_several_know_runs_by_the_same(house: House, elsewhere: Path) -> None:
    one, two = (study(house, elsewhere, jobs) for jobs in (1, 2))
    assert known_by(one) == known_by(two)


def test_a_folder_for_generated_data_is_refused_also_where_the_run_is_finished(house: House) -> None:
    flags = house.quick(dataset_options='{"n_users": 60, "n_items": 60, "n_groups": 3}')
    command = [*flags, "--dataset", "long-tail", "--method", "most_popular"]
    assert house.harness(*command).code == 0
    said = house.harness(*command, "--data", house.folder)
    assert said.code == 2
    assert "generated" in said.err


def known_by(runs: list[RecordedRun]) -> list[tuple[str, ...]]:
    keys = ("spec", "evaluated", "inputs", "code", "device", "threads")
    return sorted(tuple(run.tags[key] for key in keys) for run in runs)
