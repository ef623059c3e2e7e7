"""Files that describe jobs of a queueing system: read, complete in the example, refused in one line."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from harness.base.errors import BadInput, HarnessError, Unavailable
from harness.runs.context import Context
from harness.study.execute.elsewhere import check_where
from harness.study.execute.queue_file import Kind, Queue, read_queue
from harness.study.execute.queued_jobs import check_jobs
from harness.track.memory import MemoryTracker

EXAMPLE = Path(__file__).parents[3] / "deploy" / "slurm.toml"
WHOLE = {
    "workers": 2,
    "cores": 3,
    "memory": "5GB",
    "walltime": "01:02:03",
    "queue": "short",
    "account": "ours",
    "before": ["module load it"],
}


class ServerTracker(MemoryTracker):
    """One that other machines could record to."""

    @property
    def address(self) -> tuple[str, str]:
        return "http://127.0.0.1:9", ""


def written(folder: Path, text: str) -> Path:
    file = folder / "jobs.toml"
    file.write_text(text)
    return file


def test_the_example_is_valid_as_it_is_and_with_every_line_that_it_comments() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert read_queue(EXAMPLE).kind == "slurm"
    everything = re.sub(r"^# (?=[a-z_]+ = )", "", text, flags=re.MULTILINE)
    tree = tomllib.loads(everything)
    assert set(tree) == set(Queue.model_fields), "every key is in it"
    assert Queue.model_validate(tree).leave_out == ("--mem",)


def test_what_the_example_says_of_defaults_is_so() -> None:
    said = dict(re.findall(r"^([a-z_]+) = .*\[([^]]+)\]$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
    assert said.pop("walltime") == "00:30:00"  # it is Dask's
    assert said == {name: str(Queue.model_fields[name].default) for name in said}
    assert set(said) == {"cores", "memory"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("kind = 'slurm'\nworkers = 1\nwaltime = 'x'", "unknown key 'waltime': did you mean 'walltime'?"),
        ("kind = 'slurms'\nworkers = 1", "kind: input should be 'slurm', 'pbs'"),
        ("kind = 'slurm'", "'workers' is missing: add it (jobs)"),
        ("kind = 'slurm'\nworkers = 0", "workers: input should be greater than or equal to 1 (given: 0)"),
        ("kind = 'slurm'\nworkers = 1\nbefore = 'x'", "before: a list is needed"),
        ("kind = ", "not a TOML file"),
    ],
)
def test_wrong_files(tmp_path: Path, text: str, line: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(BadInput) as error:
        check_where(str(file), Context(ServerTracker()))
    assert str(error.value).startswith(f"--cluster {file}: ")
    assert line in str(error.value)


@pytest.mark.parametrize("where", ["slurm", "http://127.0.0.1:8786", "127.0.0.1:8786", ""])
def test_neither_an_address_nor_a_file(where: str) -> None:
    with pytest.raises(BadInput, match=r"an address such as tcp://HOST:8786 is needed, or a \.toml file of jobs"):
        check_where(where, Context(ServerTracker()))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        check_where(str(tmp_path / "none.toml"), Context(ServerTracker()))


def test_a_store_that_nodes_cannot_record_to_is_refused_first(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="a store that other processes can write to"):
        check_where(str(tmp_path / "none.toml"), Context(MemoryTracker()))


SUBMITS = {"slurm": "sbatch", "pbs": "qsub", "sge": "qsub", "lsf": "bsub", "oar": "oarsub"}


@pytest.mark.parametrize("kind", get_args(Kind))
def test_without_the_system_it_is_said_what_is_not_there(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    line = f"there is no {SUBMITS[kind]} on this machine, which asks {kind} for jobs"
    with pytest.raises(Unavailable, match=line):
        check_jobs(Queue.model_validate({"kind": kind, **WHOLE}), "jobs.toml")


@pytest.mark.parametrize("kind", get_args(Kind))
def test_dask_knows_everything_that_a_file_says_of_a_job(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a program that is called like the system's; only SLURM's is asked whether it would take the job."""
    seen = tmp_path / "seen"
    program = tmp_path / SUBMITS[kind]
    program.write_text(f'#!/bin/sh\nfor last; do :; done\n/bin/cp "$last" {seen}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    check_jobs(Queue.model_validate({"kind": kind, **WHOLE}), "jobs.toml")
    if kind == "slurm":
        script = seen.read_text()
        for part in (
            "-J harness",
            "-p short",
            "-A ours",
            "--cpus-per-task=3",
            "--mem=5G",
            "-t 01:02:03",
            "module load it",
        ):
            assert part in script
        assert "PYTHONSAFEPATH=1" in script


def test_a_home_folder_that_a_script_cannot_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "qsub").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "my home"))
    open_text = {"kind": "pbs", **WHOLE, "encrypted": False}
    check_jobs(Queue.model_validate(open_text), "jobs.toml")
    with pytest.raises(BadInput, match="choose another --home, or set encrypted = false"):
        check_jobs(Queue.model_validate(open_text | {"encrypted": True}), "jobs.toml")


def test_a_refusal_is_in_the_systems_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "sbatch"
    program.write_text("#!/bin/sh\necho 'sbatch: error: no such\n  account: ours' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HarnessError) as error:
        check_jobs(Queue.model_validate({"kind": "slurm", **WHOLE}), "jobs.toml")
    assert str(error.value) == "--cluster jobs.toml: sbatch: error: no such account: ours"
