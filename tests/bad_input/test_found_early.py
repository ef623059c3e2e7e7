"""What was once found late, or by a traceback, and the line that says it now; nothing is left behind."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.cli.app import main

from .conftest import REFUSED_IN_THE_END, UNEXPECTED, Attempt
from .test_studies import GRID, SEARCH, text_of

RECORDS = Path(__file__).parents[2] / "results" / "main-default"


def with_(study: dict[str, Any], *path: Any, value: Any) -> dict[str, Any]:
    """The study with another value at a place."""
    tree = copy.deepcopy(study)
    *above, last = path
    place: Any = tree
    for part in above:
        place = place[part]
    place[last] = value
    return tree


CONFLICT = {"training": 1, "training.max_epochs": 2}
STUDIES: dict[str, tuple[dict[str, Any], str]] = {
    "a key twice": (with_(GRID, "base", value=CONFLICT), "base: 'training' is given twice"),
    "the other way round": (with_(GRID, "base", value=dict([*CONFLICT.items()][::-1])), "base: 'training"),
    "a key twice in a variant": (with_(GRID, "variants", "plain", "set", value=CONFLICT), "set: 'training' is given"),
    "a range of text": (with_(SEARCH, "space", value={"training.selection": {"low": 0.1, "high": 0.5}}), "selection"),
    "a range beyond a limit": (with_(SEARCH, "space", "config.T", "high", value=1e9), "range of config.T: config.T"),
    "a range of nothing": (
        with_(SEARCH, "space", value={"config.etta": {"low": 0.1, "high": 0.5}}),
        "mean 'config.eta'",
    ),
    "like nothing": (with_(SEARCH, "space", "config.xi", "like", value="config.rate"), "config.rate"),
    "methods twice": (with_(GRID, "methods", value=["joint", "joint", "random"]), "methods: 'joint' is given twice"),
    "seeds twice": (with_(GRID, "budgets", "default", "seeds", value=[0, 0]), "seeds: 0 is given twice"),
    "rules twice": (with_(GRID, "selections", value=["fair_within:0.1", "fair_within:0.10"]), "is given twice"),
    "values twice": (with_(GRID, "axes", "data.core", value=[2, 2]), "2 is given twice"),
    "no values": (with_(GRID, "axes", "data.core", value=[]), "at least 1 must be given"),
    "a metric": (with_(GRID, "metrics", "test/ndgc_at_20", value="N"), "did you mean 'test/ndcg_at_20'?"),
    "a metric of a claim": (with_(GRID, "claims", 0, "metric", value="{group}/cvv"), "did you mean '{group}/cv'?"),
    "what no run is asked for": (
        with_(GRID, "claims", 0, "metric", value="{group}/awrf"),
        "no metric '{group}/awrf'",
    ),
    "a published metric": (with_(GRID, "published", 0, "metric", value="ndgc"), "did you mean 'ndcg'?"),
    "a cost": (with_(GRID, "metrics", "second_per_epoch", value="s"), "no metric 'second_per_epoch'"),
    "an objective": (with_(SEARCH, "objectives", value={"ndgc": "maximize"}), "did you mean 'ndcg'?"),
    "an objective on test": (
        with_(SEARCH, "objectives", value={"test/ndcg_at_20": "maximize"}),
        "no metric 'test/ndcg",
    ),
    "a rule of a claim": (with_(GRID, "claims", 0, "selection", value="best_ndgc"), "did you mean 'best_ndcg'?"),
    "a key to tune": (with_(GRID, "variants", "plain", "search", value=["etta"]), "did you mean 'eta'?"),
    "true as a seed": (with_(GRID, "budgets", "default", "seeds", value=[True]), "valid integer"),
}


@pytest.mark.parametrize(("study", "message"), STUDIES.values(), ids=STUDIES)
def test_a_study(study: dict[str, Any], message: str, attempt: Callable[..., Attempt], tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text(text_of(study))
    found = attempt("run", "--study", str(tmp_path / "wrong.toml"), *REFUSED_IN_THE_END)
    assert not found.faults()
    assert message in found.err


FILES = {
    "no UTF-8": (b'summary = "caf\xe9"', "'utf-8' codec can't decode"),
    "deep tables": (b"x = " + b"{a=" * 500 + b"1" + b"}" * 500, "nested deeper than 32 levels"),
    "deeper lists": (b"x = " + b"[" * 100_000, "nested deeper than 32 levels"),
    "deep keys": (b".".join([b"a"] * 300) + b" = 1", "nested deeper than 32 levels"),
}


@pytest.mark.parametrize(("content", "message"), FILES.values(), ids=FILES)
@pytest.mark.parametrize("flag", ["--study", "--spec"])
def test_a_file(flag: str, content: bytes, message: str, attempt: Callable[..., Attempt], tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_bytes(content)
    found = attempt("run", flag, str(tmp_path / "wrong.toml"), *REFUSED_IN_THE_END)
    assert not found.faults()
    assert message in found.err


def test_a_deep_json_file(attempt: Callable[..., Attempt], tmp_path: Path) -> None:
    for levels in (40, 100_000):
        (tmp_path / "deep.json").write_text('{"x": ' + "[" * levels + "]" * levels + "}")
        found = attempt("run", "--spec", str(tmp_path / "deep.json"), *REFUSED_IN_THE_END)
        assert not found.faults()
        assert "nested deeper than 32 levels" in found.err


@pytest.mark.parametrize("letters", [101, 240])
def test_a_study_with_a_long_name(letters: int, attempt: Callable[..., Attempt], tmp_path: Path) -> None:
    file = tmp_path / f"{'s' * letters}.toml"
    file.write_text(text_of(GRID))
    found = attempt("run", "--study", str(file), *REFUSED_IN_THE_END)
    assert not found.faults()
    assert "has at most 100 letters" in found.err


PLACES = [
    (["report", str(RECORDS), "--to", "FILE"], "cannot be written: Not a directory"),
    (["report", str(RECORDS), "--to", "/proc/x"], "/proc/x cannot be written: No such file"),
    (["export", str(RECORDS), "--to", "FILE"], "cannot be written: Not a directory"),
    (["export", str(RECORDS), "--to", "/proc/x"], "/proc/x cannot be written: No such file"),
    (["results", str(RECORDS.parent), "--to", "/proc/x"], "/proc cannot be written: No such file"),
    (["results", str(RECORDS.parent), "--to", "/proc"], "/proc is a folder: name a file"),
    (["data", "audit", "long-tail", "--plot", "x.nope"], "x.nope: unknown kind of figure 'nope'"),
    (["data", "audit", "long-tail", "--plot", "x"], "x: unknown kind of figure ''"),
    (["data", "audit", "long-tail", "--plot", "/proc/x.png"], "/proc cannot be written: No such file"),
    (["data", "export", "long-tail", "/proc/x"], "/proc/x cannot be written: No such file"),
    (["run", "--study", "methods", "--storage", "sqlite://"], "name a database file"),
    (["run", "--study", "methods", "--storage", "sqlite:///:memory:"], "name a database file"),
    (["run", "--study", "methods", "--storage", "sqlite:///file:x?mode=memory&uri=true"], "options are not taken"),
    (["run", "--study", "methods", "--seeds", "999999999"], "--seeds"),
    (["run", "--study", "methods", "--cluster", "nope"], "an address such as tcp://HOST:8786 is needed"),
    (["run", "--study", "methods", "--cluster", "tcp://127.0.0.1"], "a host and a port are needed"),
    (["run", "--study", "methods", "--cluster", "tcp://a:b:c"], "a host and a port are needed"),
    (["run", "--study", "methods", "--cluster", "tcp://127.0.0.1:1"], "nobody answers there: Connection refused"),
    (["run", "--study", "methods", "--cluster", "tls://nowhere.invalid:8786"], "nobody answers there"),
    (["run", "--study", "methods", "--cluster", "FILE.toml"], "No such file"),
    (["run", "--study", "methods", "--cluster", "tcp://a:1", "--jobs", "2"], "name one of both"),
    (["run", "--cluster", "tcp://a:1"], "belongs to a study"),
    (["run", "--plugin", "a" * 300 + ".py"], "File name too long"),
]


@pytest.mark.parametrize(("arguments", "message"), PLACES)
def test_a_place(arguments: list[str], message: str, attempt: Callable[..., Attempt], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = attempt(*(str(tmp_path / "file") if word == "FILE" else word for word in arguments))
    assert not found.faults()
    assert message in found.err
    assert found.out == "" or arguments[0] == "results"


NOISY = (["compare", "a", "b"], ["run", "--study", "tune", "--method", "bifair", *REFUSED_IN_THE_END])


@pytest.mark.parametrize("arguments", NOISY)
def test_libraries_add_nothing(arguments: list[str], tmp_path: Path) -> None:
    """In a process of its own, where their warnings would be seen."""
    place = [sys.executable, "-P", "-c", "import sys; from harness.cli.app import main; sys.exit(main())"]
    home = os.environ | {"HARNESS_HOME": str(tmp_path / "home")}
    done = subprocess.run([*place, *arguments], capture_output=True, text=True, env=home, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("assignment", ["config.eta=.001", "config.eta=1.", "training.max_epochs=5", "config.eta=1e-3"])
def test_numbers_as_people_type_them(assignment: str, attempt: Callable[..., Attempt]) -> None:
    assert "compute.device=cuda:77" in attempt("run", "--set", assignment, *REFUSED_IN_THE_END).err


def test_a_fault_of_the_harness_is_one_line_and_a_traceback_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(folder: Path, pattern: str) -> None:
        raise ZeroDivisionError("no dataset\nat all")

    monkeypatch.setattr(Path, "glob", broken)
    line = f"error: unexpected ZeroDivisionError: no dataset at all: {UNEXPECTED}; --debug shows where\n"
    assert main(["data", "list"]) == 1
    assert capsys.readouterr().err == line
    for arguments in (["--debug", "data", "list"], ["data", "list", "--debug"]):
        assert main(arguments) == 1
        said = capsys.readouterr().err
        assert said.startswith("Traceback")
        assert said.endswith(line)
    monkeypatch.setenv("HARNESS_DEBUG", "1")
    assert main(["data", "list"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_bad_input_shows_where_too_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "metods", "--debug"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("Traceback")
    assert said.splitlines()[-1].startswith("error: unknown kind of thing")


def test_a_spec_stays_the_run_that_it_was() -> None:
    """What is refused now was never a run; all published ones are what they were."""
    from harness.spec.build import build_spec
    from harness.study.records import read_records

    records = read_records(RECORDS).runs
    assert records
    for record in records:
        assert build_spec(record.spec).model_dump(mode="json") == json.loads(json.dumps(record.spec))
