"""Errors as interface: one line on the error stream, the nearest valid name, exit code 2, nothing started."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from harness import __version__
from harness.base import paths
from harness.cli.app import main
from harness.plugins.registry import Registry
from harness.runs.kept_file import SPEC_FILE
from harness.study.study_run import BUDGET_TAG, STUDY_TAG
from harness.track import open_tracker


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


BAD_INPUT = {
    "unknown method": (["run", "--method", "bifar"], "unknown method 'bifar': did you mean 'bifair'?"),
    "unknown data set": (["run", "--dataset", "movielens-100"], "unknown dataset 'movielens-100': did you mean"),
    "unknown grouping": (["run", "--group", "genres"], "unknown grouping 'genres': did you mean 'genre'?"),
    "unknown key": (["run", "--set", "training.patienc=3"], "unknown key 'training.patienc': did you mean 'patience'?"),
    "unknown key of a method": (["run", "--set", "config.etta=1"], "unknown key 'config.etta': did you mean 'eta'?"),
    "negative η": (["run", "--set", "config.eta=-1"], "config.eta: "),
    "ε of zero": (["run", "--set", "config.epsilon=0"], "config.epsilon: "),
    "no key=value": (["run", "--set", "config.eta"], "--set config.eta: write it as key=value"),
    "cut-off of zero": (["run", "--set", "evaluation.ks=[0,20]"], "evaluation: cut-offs must be"),
    "headline cut-off": (["run", "--set", "evaluation.headline_k=7"], "headline_k=7 is not among"),
    "no spec file": (["run", "--spec", "/no/such.toml"], "spec file /no/such.toml: No such file"),
    "device": (["run", "--device", "gpu"], "compute.device: "),
    "no number": (["run", "--seed", "one"], "--seed"),
    "negative seed": (["run", "--seed", "-1"], "seed: "),
    "trials without a study": (["run", "--trials", "3"], "add --study NAME"),
    "unknown study": (["run", "--study", "sensitivty"], "unknown study 'sensitivty': did you mean 'sensitivity'?"),
    "device of a study": (["run", "--study", "sensitivity", "--device", "cuda:77"], "compute.device=cuda:77"),
    "device of a grid": (["run", "--study", "methods", "--device", "cuda:77"], "compute.device=cuda:77"),
    "home below a file": (["run", "--home", f"{__file__}/below"], "cannot be written: Not a directory; another"),
    "store that cannot be made": (["run", "--tracking-uri", "sqlite:////proc/x.db"], "/proc/x.db is not usable"),
    "unknown run": (["evaluate", "nope", "--fairness", "genre"], "no run nope in sqlite://"),
    "unknown budget": (["run", "--study", "sensitivity", "--budget", "huge"], "--budget"),
    "no plug-in file": (["run", "--plugin", "/no/such.py"], "plug-in file /no/such.py: no such file"),
    "folder as a store": (["run", "--tracking-uri", "./mlruns"], "tracking store ./mlruns: MLflow 3 no longer"),
    "server that nobody runs": (["run", "--tracking-uri", "http://127.0.0.1:9"], "http://127.0.0.1:9 is not usable"),
    "unknown option": (["run", "--metod", "bifair"], "--method"),
    "unknown command": (["rnu"], "Did you mean 'run'?"),
    "unknown kind": (["list", "metods"], "'metods': did you mean 'methods'?"),
    "missing argument": (["data", "show"], "Missing argument"),
    "unknown data set to show": (["data", "show", "movielens"], "unknown dataset 'movielens'"),
    "nothing to show": (["ui", "--tracking-uri", "none"], "nothing to show"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert message in captured.err
    assert not (tmp_path / "home" / "data").exists()


def test_spec_files_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "spec.toml"
    for content in (b"method = ", b"\xff\xfe", b"[1]\nx"):
        file.write_bytes(content)
        assert main(["run", "--spec", str(file)]) == 2
        assert capsys.readouterr().err.startswith(f"error: spec file {file}: ")


SMALL = ["--dataset", "long-tail", "--set", "dataset_options.n_users=60", "--set", "dataset_options.n_items=60"]


def test_file_then_flags_then_set(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text('method = "random"\nseed = 1\n[training]\nmax_epochs = 3\n')
    store = f"sqlite:///{tmp_path}/runs.db"
    flags = ["--seed", "2", "--threads", "1", "--tracking-uri", store, "--plain", *SMALL]
    assert main(["run", "--spec", str(tmp_path / "spec.toml"), *flags, "--set", "seed=3"]) == 0
    found = open_tracker(store).find_finished({"method": "random"})
    assert found is not None
    spec = json.loads(open_tracker(store).artifact(found.id, SPEC_FILE))
    assert (spec["seed"], spec["training"]["max_epochs"], spec["compute"]["threads"]) == (3, 3, 1)


def test_a_study_gets_the_tree_and_its_budget(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/runs.db"
    asked = ["--study", "methods", "--budget", "smoke", "--tracking-uri", store, "--home", str(tmp_path), "--plain"]
    assert main(["run", "--method", "random", *asked, *SMALL, "--seeds", "2"]) == 0
    study = open_tracker(store).find_finished({STUDY_TAG: "methods", BUDGET_TAG: "smoke"})
    assert study is not None
    runs = open_tracker(store).children(study.id)
    assert [(run.tags["method"], run.tags["seed"]) for run in runs] == [("random", "0"), ("random", "1")]


@pytest.mark.parametrize("flags", [["--trials", "2"], ["--jobs", "2"], ["--overwrite", "always"], ["--seeds", "3"]])
def test_what_belongs_to_a_study_needs_one(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *flags]) == 2
    assert capsys.readouterr().err.startswith(f"error: {flags[0]} belongs to a study")


def test_an_interrupt_is_one_line_with_the_way_to_go_on_and_exit_code_130(
    tmp_path: Path, fresh_registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin = tmp_path / "interrupted.py"
    plugin.write_text(
        "from harness.methods.random import Random\n\n\n"
        "class Interrupted(Random):\n"
        "    name = 'interrupted'\n\n"
        "    def train_epoch(self):\n"
        "        raise KeyboardInterrupt\n"
    )
    asked = ["run", "--plugin", str(plugin), "--method", "interrupted", "--tracking-uri", "none", *SMALL]
    assert main([*asked, "--force"]) == 130
    assert capsys.readouterr().err == f"error: interrupted\ngo on with: harness {shlex.join(asked)}\n"


def test_home_is_a_flag_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "list", "--home", str(tmp_path / "other")]) == 0
    assert paths.home() == tmp_path / "other"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("methods", "bifair"),
        ("datasets", "movielens-100k"),
        ("groupings", "popularity"),
        ("encoders", "all-MiniLM-L6-v2"),
        ("metrics", "GROUPING/min25_at_K"),
        ("studies", "sensitivity"),
    ],
)
def test_list(kind: str, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", kind]) == 0
    assert any(line.startswith(f"{expected} ") for line in capsys.readouterr().out.splitlines())


def test_data_show_prints_licence_citation_and_checksum(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "show", "movielens-100k"]) == 0
    out = capsys.readouterr().out
    for expected in ("licence", "citation", "Harper", "sha-256", "genre (default)", "not fetched"):
        assert expected in out


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"bifair-harness {__version__}\n"
    assert main([]) == 0
    assert "doctor" in capsys.readouterr().out


def test_help_imports_nothing_heavy() -> None:
    program = """
import sys
from harness.cli.app import main
for arguments in (["--help"], ["run", "--help"], ["--version"]):
    assert main(arguments) == 0
heavy = {"torch", "mlflow", "polars", "pandas", "numpy", "optuna", "sentence_transformers", "matplotlib"}
print("loaded:", sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"
