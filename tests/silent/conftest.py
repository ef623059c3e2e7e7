"""What must never be silent: a home, a data set of one's own, and the command line, in-process or beside it."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from harness.cli.app import main
from harness.track import Tracker, open_tracker
from harness.track.protocol import RecordedRun

N_USERS, N_ITEMS, EACH = 40, 30, 15
PATIENCE_SECONDS = 240
CARD = """
name = "own"
title = "Own"
summary = "songs"
homepage = ""
licence = "none"
citation = "none"
groupings = ["genre", "popularity"]
default_group = "genre"

[interactions]
file = "t.csv"
columns = { user = "u", item = "i", timestamp = "at" }

[items]
file = "items.csv"
[items.columns]
item = "i"
title = "title"
genres = { from = "genres", type = "list", separator = "|" }

[grouping_options.genre]
min_items = 1

[grouping_options.popularity]
bins = 2
"""
QUICK = {
    "data.core": 1,
    "evaluation.ks": [5],
    "evaluation.headline_k": 5,
    "evaluation.origins": "false",
    "encoder.name": "random",
    "training.max_epochs": 1,
    "compute.threads": 1,
}


@dataclass(frozen=True)
class Said:
    """How a command ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class House:
    """A folder with a home, a store and a data set; ``card`` declares it, its tables lie beside it."""

    folder: Path

    @property
    def card(self) -> Path:
        return self.folder / "own.toml"

    @property
    def store(self) -> str:
        return f"sqlite:///{self.folder / 'store.db'}"

    @property
    def tracker(self) -> Tracker:
        return open_tracker(self.store)

    def harness(self, *arguments: object) -> Said:
        """A command, in this process."""
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            code = main([str(argument) for argument in arguments])
        return Said(code, out.getvalue(), err.getvalue())

    def apart(self, *arguments: object) -> Said:
        """A command in a process of its own, which knows nothing of earlier ones."""
        return self.script(Path(__file__).with_name("command_line.py"), *arguments)

    def script(self, file: Path, *arguments: object) -> Said:
        """A Python file in a process of its own."""
        command = [sys.executable, "-P", *map(str, (file, *arguments))]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
        return Said(done.returncode, done.stdout, done.stderr)

    def quick(self, **keys: object) -> list[str]:
        """Flags for a run on the data set that takes no time; ``keys`` are of the spec, with ``__`` for dots."""
        wanted = QUICK | {key.replace("__", "."): value for key, value in keys.items()}
        sets = [flag for key, value in wanted.items() for flag in ("--set", f"{key}={value}".replace("'", '"'))]
        return ["run", "--plain", "--offline", "--tracking-uri", self.store, "--dataset", str(self.card), *sets]

    def last(self, **tags: str) -> RecordedRun:
        """The newest finished run with these tags."""
        found = self.tracker.find_finished(tags)
        assert found is not None
        return found

    def runs(self, study: str, experiment: str | None = None) -> list[RecordedRun]:
        """What a study has made."""
        tracker = open_tracker(self.store, experiment)
        parent = tracker.find({"study": study})
        assert parent is not None
        return tracker.children(parent.id)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A home of one's own, and beside it the card of a data set with its tables: users, songs, genres."""
    with house_in(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def house_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same, for as long as the module's tests last."""
    with house_in(tmp_path_factory.mktemp("house")) as made:
        yield made


@contextmanager
def house_in(folder: Path) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(folder / "home"))
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
            patch.setenv(name, os.environ.get(name, "0"))  # --offline sets them for the process: undone in the end
        write_card(folder)
        yield House(folder)


def write_card(folder: Path) -> Path:
    """A card, and beside it ``t.csv`` and ``items.csv``; the card's path."""
    draw = np.random.default_rng(0)
    pairs = [f"{user},{item}" for user in range(N_USERS) for item in sorted(draw.choice(N_ITEMS, EACH, replace=False))]
    in_order = (pairs[k] for k in draw.permutation(len(pairs)))
    rows = [f"{pair},{at}" for at, pair in enumerate(in_order, start=1_700_000_000)]
    (folder / "t.csv").write_text("\n".join(["u,i,at", *rows]) + "\n")
    genres = ["rock|jazz" if item % 5 == 0 else ("rock", "folk")[item % 2] for item in range(N_ITEMS)]
    songs = [f"{item},song {item},{genre}" for item, genre in enumerate(genres)]
    (folder / "items.csv").write_text("\n".join(["i,title,genres", *songs]) + "\n")
    card = folder / "own.toml"
    card.write_text(CARD)
    return card


def rewrite(file: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Change a table's rows, below its heading."""
    heading, *rows = file.read_text().splitlines()
    file.write_text("\n".join([heading, *change(rows)]) + "\n")
