"""A plug-in that raises while it is used, or asks the process to end: it is named, its run has failed, others go on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.base.errors import HarnessError
from harness.cli.app import main
from harness.plugins.registry import Registry
from harness.runs.context import Context
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.track import open_tracker
from harness.track.memory import MemoryTracker

NOWHERE = ["--tracking-uri", "none", "--plain"]

METHOD = """from harness.methods.random import Random


class Boom(Random):
    name = "boom"
    iterative = True

    def {place}:
        {how}
"""
HOWS = {
    "raises": ("raise ValueError('no\\nluck')", "ValueError: no luck"),
    "exits": ("raise SystemExit(7)", "SystemExit: 7"),
    "exits well": ("import sys; sys.exit()", "SystemExit"),
    "recurses": ("self.train_epoch() if self else self", "RecursionError: maximum recursion depth exceeded"),
    "divides": ("return [1 / 0 for _ in range(3)]", "ZeroDivisionError"),
    "asserts": ("assert self is None", "AssertionError"),
}
WORLD = {
    "dataset": "long-tail",
    "dataset_options": {"n_users": 40, "n_items": 30},
    "data": {"core": 1},
    "compute": {"device": "cpu", "threads": 1},
}


@pytest.fixture
def boom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_registry: Registry) -> Callable[..., Path]:
    """``boom(how, place)``: the file of a method that does so there, which is registered."""
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def _boom(how: str, place: str = "train_epoch(self)") -> Path:
        file = tmp_path / "boom.py"
        file.write_text(METHOD.replace("{place}", place).replace("{how}", how))
        fresh_registry.add_file(file)
        return file

    return _boom


@pytest.mark.parametrize(("how", "said"), HOWS.values(), ids=HOWS)
def test_a_run_has_failed_and_names_it(how: str, said: str, boom: Callable[..., Path]) -> None:
    boom(how)
    tracker = MemoryTracker()
    with pytest.raises(HarnessError) as caught:
        run(build_spec({**WORLD, "method": "boom"}), Context(tracker))
    line = str(caught.value)
    assert line.startswith(("method 'boom' (boom.py, line ", "boom diverged: ZeroDivisionError"))
    assert said in line
    assert caught.value.exit_code == 1
    failed = tracker.find({"method": "boom"})
    assert failed is not None
    assert failed.status == "FAILED"
    assert said in failed.tags["failure"]


@pytest.mark.parametrize(
    "place", ["prepare(self, problem)", "score(self, users)", "state(self)", "__init__(self, config)"]
)
def test_wherever_it_raises(place: str, boom: Callable[..., Path]) -> None:
    boom("raise KeyError('x')", place)
    with pytest.raises(HarnessError, match=r"^method 'boom' \(boom.py, line 9\): KeyError: 'x'$"):
        run(build_spec({**WORLD, "method": "boom"}), Context())


def test_the_command_says_it_and_exits_with_1(boom: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    file, sets = boom("raise SystemExit(0)"), [f"dataset_options.{size}=40" for size in ("n_users", "n_items")]
    asked = [word for one in (*sets, "data.core=1") for word in ("--set", one)]
    assert main(["run", "--plugin", str(file), "--method", "boom", "--dataset", "long-tail", *asked, *NOWHERE]) == 1
    assert capsys.readouterr().err == "error: method 'boom' (boom.py, line 9): SystemExit: 0\n"


STUDY = """
summary = "one of them raises"
methods = ["boom", "random"]
isolated = {isolated}
[base]
dataset = "long-tail"
"dataset_options.n_users" = 40
"dataset_options.n_items" = 30
"data.core" = 1
[budgets.default]
seeds = [0]
"""


@pytest.mark.parametrize(
    ("how", "isolated", "said"),
    [
        ("raise SystemExit(7)", False, "method 'boom' (boom.py, line 9): SystemExit: 7"),
        ("import os; os._exit(7)", True, "its process ended with exit code 7 (it ran plug-ins of boom.py)"),
    ],
)
def test_a_study_goes_on(
    how: str,
    isolated: bool,
    said: str,
    boom: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "both.toml").write_text(STUDY.replace("{isolated}", str(isolated).lower()))
    assert main(["run", "--plugin", str(boom(how)), "--study", str(tmp_path / "both.toml"), "--plain"]) == 0
    printed = capsys.readouterr().out
    assert f"no result: boom, best_ndcg, seed 0: {said}" in printed
    store = open_tracker()
    study = store.find_finished({"study": "both"})
    assert study is not None
    assert sorted((run.tags["method"], run.status) for run in store.children(study.id))[-1] == ("random", "FINISHED")
    assert {run.status for run in store.children(study.id) if run.tags["method"] == "boom"} == {"FAILED"}
