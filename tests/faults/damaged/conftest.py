"""A home in which everything lies that commands read, and commands that say numbers out of it."""

import contextlib
import io
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

from harness.api.frames import dataset_from_frames
from harness.base import paths
from harness.base.hashes import SETTLED_NS
from harness.cli.app import main

CODE = "import sys; from harness.cli.app import main; sys.exit(main())"
SMALL = ("training.max_epochs=1", "encoder.name=tfidf-svd", "evaluation.origins=false", "compute.threads=1")
SHOP = ("dataset_options.n_users=120", "dataset_options.n_items=90", "encoder.name=random", "evaluation.origins=false")
SEARCH = """
summary = "a small search"
methods = ["alpharec"]
[space."config.learning_rate"]
low = 0.001
high = 0.01
log = true
[objectives]
ndcg = "maximize"
"{group}/cv" = "minimize"
[base]
dataset = "long-tail"
"encoder.name" = "random"
"training.max_epochs" = 1
"dataset_options.n_users" = 100
"dataset_options.n_items" = 80
"compute.threads" = 1
[budgets.default]
trials = 2
"""


@dataclass(frozen=True)
class Said:
    """What came of a command: its exit code, the numbers that it showed, its lines, and those on standard error."""

    code: int
    numbers: tuple[str, ...]
    lines: str
    complaints: str


@dataclass
class House:
    """The home, what each command says in it, and how to have it as it was.

    Attributes:
        home: its folder
        commands: arguments by name
        undisturbed: what each says
    """

    home: Path
    commands: dict[str, tuple[str, ...]] = field(default_factory=dict)
    undisturbed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _kept: Mapping[Path, bytes] = field(default_factory=dict)

    def say(self, name: str, *more: str) -> Said:
        """Carry out a command in this process, as the command line does."""
        said, complaints = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complaints):
            code = main([*self.commands[name], "--home", str(self.home), *more])
        numbers = _numbers(said.getvalue(), self.commands[name])
        return Said(code, numbers, said.getvalue(), complaints.getvalue())

    def keep(self) -> None:
        """From here on :meth:`restore` leads here; what the commands say now is right."""
        self._kept = {path: path.read_bytes() for path in self.files()}
        for name in self.commands:
            found = self.say(name)
            assert (found.code, found.complaints) == (0, ""), (name, found)
            assert found.numbers, name
            self.undisturbed[name] = found.numbers
            self.restore()

    def files(self) -> list[Path]:
        """All files of the home."""
        return sorted(path for path in self.home.rglob("*") if path.is_file())

    def restore(self) -> None:
        """Every file as it was, and no other."""
        for path in set(self.files()) - self._kept.keys():
            path.unlink()
        for path, content in self._kept.items():
            if not path.is_file() or path.read_bytes() != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


def _numbers(said: str, arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Rows of tables on the screen; of a report, the files of its tables."""
    if arguments[0] == "report":
        folder = Path(arguments[arguments.index("--to") + 1]) / "tables"
        return tuple(file.read_text() for file in sorted(folder.glob("*.csv")))
    if "--study" in arguments:
        return tuple(said.rpartition("Trials of the search")[2].partition("report ")[0].splitlines())
    return tuple(line for line in said.splitlines() if line.startswith("│"))


@pytest.fixture(scope="session")
def _built(movielens_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """See :func:`_filled`; the home that it chooses is not the next test's."""
    folder = tmp_path_factory.mktemp("damaged")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.HOME_VARIABLE, str(folder / "home"))
        house = _filled(folder, movielens_folder)
        paths.choose_home(None)
    return house


def _filled(folder: Path, movielens_folder: Path) -> House:
    """MovieLens-100K fetched, runs finished and one cut off, a search, its report and its exported records, tables."""
    house = House(folder / "home")
    shutil.copytree(movielens_folder, house.home / "data" / movielens_folder.name)
    time.sleep(1.5 * SETTLED_NS / 1e9)  # hashes of files that have just been written are not noted
    (folder / "small.toml").write_text(SEARCH)
    plain = ("--plain", "--offline", "--threads", "1")
    small = tuple(word for key in SMALL for word in ("--set", key))
    house.commands["run"] = ("run", "--method", "alpharec", *small, *plain)
    house.commands["again"] = ("run", "--method", "alpharec", *small, *plain, "--force")
    users, items = [n // 10 for n in range(400)], [n * 7 % 30 for n in range(400)]
    name = dataset_from_frames(pl.DataFrame({"user": users, "item": items}), name="loans")
    house.commands["tables"] = ("run", "--method", "most_popular", "--dataset", name, *plain, "--set", "data.core=1")
    study = str(folder / "small.toml")
    house.commands["search"] = ("run", "--method", "alpharec", "--study", study, *plain[:2])
    for command in ("run", "tables", "search"):
        assert house.say(command).code == 0
    run = next(path.parent.parent.name for path in house.files() if path.name == "top_lists.parquet")
    house.commands["evaluate"] = ("evaluate", run, "--fairness", "popularity", "--offline")
    house.commands["lists"] = ("recommend", run, "--user", "1")
    exported = house.home / "exported"  # of the user's own, in the home so that it is looked through as well
    assert main(["export", study, "--to", str(exported), "--home", str(house.home)]) == 0
    house.commands["report"] = ("report", study, "--to", str(folder / "report"))
    house.commands["exported"] = ("report", str(exported), "--to", str(folder / "exported report"))
    house.commands["cut off"] = cut_off(house.home)
    house.keep()
    return house


def cut_off(home: Path) -> tuple[str, ...]:
    """A run that was killed after its third epoch."""
    options = ("training.max_epochs=8", "training.patience=8", "compute.threads=1", *SHOP)
    sets = tuple(word for key in options for word in ("--set", key))
    command = ("run", "--method", "alpharec", "--dataset", "long-tail", *sets, "--plain", "--offline")
    often = (*command, "--checkpoint-every", "0.000001")
    program = [sys.executable, "-P", "-u", "-c", CODE, *often, "--home", str(home)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any(re.match(r"  epoch   3/", line) for line in process.stdout)
        process.send_signal(signal.SIGKILL)
    assert list((home / "checkpoints").glob("*.checkpoint"))
    return often


@pytest.fixture
def house(_built: House) -> Iterator[House]:
    """As if nothing had been damaged."""
    _built.restore()
    yield _built
    _built.restore()
