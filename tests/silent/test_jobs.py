"""A study makes the same runs whatever carries them out: one process, or several at once."""

import pytest

from .conftest import House

STUDY = """
summary = "methods that are measured by a reference"
methods = [METHODS]
selections = ["fair_within:0.9"]

[base]
dataset = "long-tail"
"dataset_options.n_users" = 1000
"dataset_options.n_items" = 400
"dataset_options.n_groups" = 4
"evaluation.origins" = false
"training.max_epochs" = 4
"compute.threads" = 1

[variants.alpharec]
method = "alpharec"
selections = ["best_ndcg"]

[variants.twin]
method = "group_dro"

[budgets.default]
seeds = [0]
"""


@pytest.mark.parametrize(
    ("methods", "expected"),
    [(["group_dro", "joint", "twin"], 3), (["alpharec", "joint", "group_dro"], 3)],
    ids=["reference not among the methods, and one run under two names", "reference among the methods"],
)
def test_two_processes_make_the_runs_that_one_makes(methods: list[str], expected: int, house: House) -> None:
    unused = [f"[variants.{name}]" for name in ("alpharec", "twin") if name not in methods]
    blocks = [block for block in STUDY.split("\n\n") if not any(name in block for name in unused)]
    made = []
    for jobs in (1, 2):
        study = house.folder / f"jobs{jobs}.toml"
        study.write_text("\n\n".join(blocks).replace("METHODS", ", ".join(f'"{name}"' for name in methods)))
        asked = ["run", "--study", study, "--jobs", jobs, "--offline", "--plain", "--tracking-uri", house.store]
        said = house.harness(*asked, "--experiment", f"jobs {jobs}")
        assert said.code == 0, said.err
        runs = house.runs(study.stem, f"jobs {jobs}")
        made.append(sorted((run.tags["spec"], run.tags["evaluated"], run.status) for run in runs))
    assert len(made[0]) == expected
    assert made[1] == made[0]


FAILING = """
from harness.plugins import EpochReport, Method


class Failing(Method):
    name = "NAME"
    summary = "raises what no one expects"
    reference = "none"
    needs_text = False

    def prepare(self, problem):
        raise RuntimeError("no scores today")

    def train_epoch(self):
        return EpochReport(loss=0.0)

    def score(self, users):
        return None

    def state(self):
        return {}

    def restore(self, state):
        pass
"""
PAIR = """
summary = "one that fails, and one that does not"
methods = ["NAME", "most_popular"]
[budgets.default]
seeds = [0]
"""


@pytest.mark.usefixtures("fresh_registry")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_raises_anything_stops_no_other(jobs: int, house: House) -> None:
    name, plugin, study = f"failing{jobs}", house.folder / "failing.py", house.folder / "pair.toml"
    plugin.write_text(FAILING.replace("NAME", name))
    study.write_text(PAIR.replace("NAME", name))
    said = house.harness(*house.quick(), "--plugin", plugin, "--study", study, "--jobs", jobs)
    assert said.code == 0, said.err
    assert f"failed: method '{name}' (failing.py, line 12): RuntimeError: no scores today" in said.out
    made = sorted((run.tags["method"], run.status) for run in house.runs("pair"))
    assert made == [(name, "FAILED"), ("most_popular", "FINISHED")]
