"""A plug-in that raises while it is used, or asks the process to end: it is named, its run has failed, others go on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.api.session import session
from harness.base.errors import HarnessError
from harness.cli.app import main
from harness.plugins.registry import Registry
from harness.track import open_tracker

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
SMALL = [
    *("--dataset", "long-tail", "--set", "dataset_options.n_users=40", "--set", "dataset_options.n_items=30"),
    *("--set", "data.core=1", "--threads", "1", "--plain"),
]


@pytest.fixture
def boom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_registry: Registry) -> Callable[..., list[str]]:
    """``boom(how, place)``: arguments of a run of a method that does so there."""
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def _boom(how: str, place: str = "train_epoch(self)") -> list[str]:
        file = tmp_path / "boom.py"
        file.write_text(METHOD.replace("{place}", place).replace("{how}", how))
        return ["run", "--plugin", str(file), *SMALL]

    return _boom


@pytest.mark.parametrize(("how", "said"), HOWS.values(), ids=HOWS)
def test_a_run_has_failed_and_names_it(
    how: str, said: str, boom: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*boom(how), "--method", "boom"]) == 1
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert line.startswith(("error: method 'boom' (boom.py, line ", "error: boom diverged: ZeroDivisionError"))
    assert said in line
    failed = open_tracker().find({"method": "boom"})
    assert failed is not None
    assert failed.status == "FAILED"
    assert said in failed.tags["failure"]


@pytest.mark.parametrize(
    "place", ["prepare(self, problem)", "score(self, users)", "state(self)", "__init__(self, config)"]
)
def test_wherever_it_raises(place: str, boom: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*boom("raise KeyError('x')", place), "--method", "boom"]) == 1
    assert capsys.readouterr().err.startswith("error: method 'boom' (boom.py, line 9): KeyError: 'x'")


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
        ("raise SystemExit(7)", True, "method 'boom' (boom.py, line 9): SystemExit: 7"),
        ("import os; os._exit(7)", True, "its process ended with exit code 7 (it ran plug-ins of boom.py)"),
    ],
)
def test_a_study_goes_on(
    how: str,
    isolated: bool,
    said: str,
    boom: Callable[..., list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "both.toml").write_text(STUDY.replace("{isolated}", str(isolated).lower()))
    run, plugin, file, *_ = boom(how)
    assert main([run, plugin, file, "--study", str(tmp_path / "both.toml"), "--plain"]) == 0
    printed = capsys.readouterr().out
    assert f"no result: boom, best_ndcg, seed 0: {said}" in printed
    store = open_tracker()
    study = store.find_finished({"study": "both"})
    assert study is not None
    assert sorted((run.tags["method"], run.status) for run in store.children(study.id))[-1] == ("random", "FINISHED")
    assert {run.status for run in store.children(study.id) if run.tags["method"] == "boom"} == {"FAILED"}


def test_from_python_it_is_one_error(boom: Callable[..., list[str]], fresh_registry: Registry) -> None:
    fresh_registry.add_file(Path(boom("raise ValueError('no luck')")[2]))
    with (
        pytest.raises(HarnessError, match=r"^method 'boom' \(boom.py, line 9\): ValueError: no luck$"),
        session(store="none"),
    ):
        fresh_registry.get("method", "boom")(None).train_epoch()
