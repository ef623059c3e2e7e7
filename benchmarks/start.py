"""How long one waits: CPU time of commands as parts of imports, what a run imports, and the first sign on the screen.

Everything is measured in fresh processes, in turn; ``HARNESS_OTHER_CHECKOUT`` names the folder of another commit's
checkout, measured beside this one. The first round fills caches and does not count; it may fetch what is missing. Data
and caches are those of the user folder (``HARNESS_HOME``), each checkout has a store of its own.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import product
from pathlib import Path

from benchmarks.real_data import VARIABLE
from benchmarks.table import Table

ROUNDS = 3
CARD = Path(__file__).resolve().parent.parent / "tests" / "cards" / "movielens-1m.toml"
METHODS = ("most_popular", "alpharec", "bifair")
OTHER = "HARNESS_OTHER_CHECKOUT"
TORCH, BOTH = "import torch", "import torch, mlflow"
MAIN = "import sys; from harness.cli.app import main; sys.exit(main())"
UNTIL_TRAINING = """
import os, sys
from harness.plugins.registry import registry
from harness.cli.app import main
registry.get("method", sys.argv[sys.argv.index("--method") + 1]).train_epoch = lambda self: os._exit(0)
sys.exit(main() or 1)
"""
"""Ends where a method's first epoch would begin."""
GENERATED = ("--dataset", "long-tail", "--group", "popularity", "--method", "most_popular")
COMMANDS: Mapping[str, Sequence[str]] = {
    "harness --help": ["--help"],
    "list": ["list"],
    "list methods": ["list", "methods"],
    "doctor": ["doctor", "--tracking-uri", "none"],
    "a misspelt key": ["run", "--set", "config.etaa=1"],
    "an unknown method": ["run", "--method", "bifari"],
    "an unknown data set": ["run", "--dataset", "nope"],
    "an unknown option": ["run", "--nope"],
    "a run found again": ["run", *GENERATED],
    "the same, MovieLens-100K": ["run", "--method", "alpharec", "--set", "training.max_epochs=1"],
}
Measure = Callable[[str, Sequence[str], "Checkout"], float]


class Checkout:
    """A commit's files, and the store of its runs.

    Args:
        name: the column
        folder: of the files
        store: a folder of its own
    """

    def __init__(self, name: str, folder: Path, store: Path) -> None:
        self.name = name
        store.mkdir()
        self._store = f"sqlite:///{store}/runs.db"
        self._folder = folder

    def command(self, code: str, arguments: Sequence[str], *options: str) -> list[str]:
        """A new interpreter that carries out ``code``.

        ``-P``: the working directory holds a folder "datasets", which would hide a library of that name.
        """
        return [sys.executable, "-P", *options, "-c", code, *arguments]

    @property
    def variables(self) -> dict[str, str]:
        """Of its processes."""
        return {**os.environ, "PYTHONPATH": str(self._folder), "MLFLOW_TRACKING_URI": self._store}


def tables() -> Iterator[Table]:
    """Commands as parts of importing torch, runs as parts of importing torch and MLflow, imports, first signs."""
    with tempfile.TemporaryDirectory() as folder:
        checkouts = [Checkout("here", Path(__file__).resolve().parent.parent, Path(folder, "here"))]
        if other := os.environ.get(OTHER):
            checkouts.append(Checkout("before", Path(other), Path(folder, "before")))
        yield _parts("Commands, CPU time as parts of import torch", TORCH, MAIN, COMMANDS, checkouts)
        runs, notes = _runs()
        title = "From the start to the first epoch, CPU time as parts of import torch, mlflow"
        yield _parts(title, BOTH, UNTIL_TRAINING, runs, checkouts, notes)
        yield _imports(checkouts)
        yield _first_signs(checkouts)


def _runs() -> tuple[dict[str, Sequence[str]], list[str]]:
    """Command lines of runs that are to be trained, and what is left out."""
    datasets, notes = {"MovieLens-100K": "movielens-100k"}, []
    if os.environ.get(VARIABLE):
        datasets["MovieLens-1M"] = str(CARD)
    else:
        notes.append(f"MovieLens-1M is left out: {VARIABLE} is not set")
    choice = ("--set", "training.selection=best_ndcg")  # else the reference is trained first
    return {
        f"{method}, {name}": ["run", "--method", method, "--dataset", datasets[name], *choice, "--force"]
        for name, method in product(datasets, METHODS)
    }, notes


def _parts(
    title: str,
    unit: str,
    code: str,
    commands: Mapping[str, Sequence[str]],
    checkouts: Sequence[Checkout],
    notes: Sequence[str] = (),
) -> Table:
    """CPU time of whole processes, divided by that of the imports in ``unit``."""
    everything = {unit: (unit, ()), **{name: (code, arguments) for name, arguments in commands.items()}}
    found = _in_turn(everything, checkouts, _cpu_seconds)
    own = statistics.median(found[unit, checkouts[0].name])
    rows = []
    for name in commands:
        medians = [statistics.median(found[name, one.name]) for one in checkouts]
        rows.append([name, *(f"{seconds / own:.2f}" for seconds in medians), f"{medians[0]:.2f}"])
    measured = f"medians of {ROUNDS} processes in turn; {unit}: {own:.2f} CPU seconds"
    return Table(title, ("command", *(one.name for one in checkouts), "CPU s here"), rows, [measured, *notes])


def _imports(checkouts: Sequence[Checkout]) -> Table:
    """What Python itself says of the time that modules took, all of them together."""
    arguments = ("run", "--method", "alpharec", "--set", "training.max_epochs=1", "--force")
    found = _in_turn({"run": (MAIN, arguments)}, checkouts, _import_seconds)
    rows = [[one.name, f"{statistics.median(found['run', one.name]):.2f}"] for one in checkouts]
    notes = [f"python -X importtime, {' '.join(arguments)}; medians of {ROUNDS} processes in turn"]
    return Table("Imports of a whole run", ("checkout", "seconds"), rows, notes)


def _first_signs(checkouts: Sequence[Checkout]) -> Table:
    """Until something is on the process's terminal; what it does afterwards does not count."""
    asked = {"a run found again": COMMANDS["a run found again"], "a run that trains": ["run", *GENERATED, "--force"]}
    found = _in_turn({name: (MAIN, arguments) for name, arguments in asked.items()}, checkouts, _first_sign_seconds)
    rows = [[name, *(f"{statistics.median(found[name, one.name]):.2f}" for one in checkouts)] for name in asked]
    columns = ("command", *(f"{one.name}, s" for one in checkouts))
    return Table("Until something is on the screen", columns, rows, [f"medians of {ROUNDS} processes in turn"])


def _in_turn(
    everything: Mapping[str, tuple[str, Sequence[str]]], checkouts: Sequence[Checkout], measure: Measure
) -> dict[tuple[str, str], list[float]]:
    """What was measured of each process by its name and checkout; the first round does not count."""
    found: dict[tuple[str, str], list[float]] = {(name, one.name): [] for name in everything for one in checkouts}
    for number in range(ROUNDS + 1):
        for (name, (code, arguments)), one in product(everything.items(), checkouts):
            seconds = measure(code, arguments, one)
            if number:
                found[name, one.name].append(seconds)
    return found


def _cpu_seconds(code: str, arguments: Sequence[str], checkout: Checkout) -> float:
    """User and system time of one process and of those that it starts."""
    before = os.times()
    command = checkout.command(code, arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=checkout.variables)
    after = os.times()
    if "Traceback" in done.stderr or (code == UNTIL_TRAINING and done.returncode):
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.strip()[-500:]}")
    return after.children_user - before.children_user + after.children_system - before.children_system


def _import_seconds(code: str, arguments: Sequence[str], checkout: Checkout) -> float:
    command = checkout.command(code, arguments, "-X", "importtime")
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=checkout.variables)
    lines = [
        line.removeprefix("import time:").split("|") for line in done.stderr.splitlines() if "import time:" in line
    ]
    return sum(int(own) for own, *_ in lines if own.strip().isdigit()) / 1e6


def _first_sign_seconds(code: str, arguments: Sequence[str], checkout: Checkout) -> float:
    command = checkout.command(code, arguments)
    terminal, other_end = os.openpty()
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=other_end, env=checkout.variables):
        os.close(other_end)
        os.read(terminal, 1)
        seconds = time.perf_counter() - began
        with suppress(OSError):  # Linux says so where a terminal has nobody at its other end any more
            while os.read(terminal, 4096):
                pass
    os.close(terminal)
    return seconds
