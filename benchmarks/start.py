"""How long one waits: CPU time of commands as parts of ``import torch``, and a spec's second run until it trains.

Everything is measured in fresh processes, in turn. *Imports* is from the interpreter's start until all modules of a run
are there; *until training* is from then until the method's first epoch begins: spec, tracking store, data, groups,
vectors, model. The first round fills the caches and does not count; it may fetch what is missing, the others are
offline. Data and caches are those of the user folder (``HARNESS_HOME``); the store is a new database.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

from benchmarks.real_data import VARIABLE
from benchmarks.table import Table

ROUNDS = 5
CARD = Path(__file__).resolve().parent.parent / "tests" / "cards" / "movielens-1m.toml"
METHODS = ("most_popular", "alpharec", "bifair")
# -P: the working directory holds a folder "datasets", which would hide a library of that name.
PYTHON = (sys.executable, "-P", "-c")
MAIN = "from harness.cli.app import main; main()"
OTHER = "HARNESS_OTHER_CHECKOUT"
"""The variable that names the folder of another commit's checkout, to be measured beside this one."""
COMMANDS = {
    "harness --help": ["--help"],
    "list": ["list"],
    "list methods": ["list", "methods"],
    "a misspelt key": ["run", "--set", "config.etaa=1"],
    "an unknown method": ["run", "--method", "bifari"],
    "an unknown data set": ["run", "--dataset", "nope"],
    "an unknown option": ["run", "--nope"],
    "a run found again": ["run", "--method", "most_popular", "--dataset", "long-tail", "--group", "popularity"],
}
RUN = """
import sys, time
started = float(sys.argv[1])
from harness.runs.experiment import prepare
from harness.spec.build import build_spec
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.runs.run import run
from harness.track import open_tracker
import mlflow.store.tracking.sqlalchemy_store, torch
method = registry.get("method", sys.argv[2])
torch.optim.Adam([torch.zeros(1)])  # imports the last of torch
imported, cpu = time.time(), time.process_time()
def stop(self):
    print(imported - started, time.time() - imported, time.process_time() - cpu, cpu)
    sys.stdout.flush()
    raise SystemExit
method.train_epoch = stop
context = Context(open_tracker(sys.argv[4]), offline=sys.argv[5] == "offline")
run(build_spec({"method": sys.argv[2], "dataset": sys.argv[3]}), context)
"""


def tables() -> Iterator[Table]:
    """Commands as parts of importing torch, then runs."""
    yield _commands()
    yield _runs()


def _commands() -> Table:
    """CPU time of whole processes, here and in another checkout, divided by that of ``import torch``."""
    checkouts = {"here": Path(__file__).resolve().parent.parent}
    if other := os.environ.get(OTHER):
        checkouts["other"] = Path(other)
    torch: list[float] = []
    found: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, name in product(range(ROUNDS + 1), checkouts):  # the first round does not count
            measured = [_cpu_seconds("import torch", (), checkouts[name], Path(folder, name))]
            measured += [_cpu_seconds(MAIN, asked, checkouts[name], Path(folder, name)) for asked in COMMANDS.values()]
            if number:
                torch.append(measured[0])
                for title, seconds in zip(COMMANDS, measured[1:], strict=True):
                    found.setdefault((title, name), []).append(seconds)
    unit = statistics.median(torch)
    medians = {pair: statistics.median(seconds) / unit for pair, seconds in found.items()}
    rows = [[title, *(f"{medians[title, name]:.2f}" for name in checkouts)] for title in COMMANDS]
    notes = [f"medians of {ROUNDS} processes in turn; import torch: {unit:.2f} CPU seconds, {len(torch)} processes"]
    return Table("Commands, CPU time as parts of import torch", ("command", *checkouts), rows, notes)


def _cpu_seconds(code: str, arguments: Sequence[str], checkout: Path, home: Path) -> float:
    """CPU seconds, user and system, of one process with the project of a checkout."""
    variables = {**os.environ, "PYTHONPATH": str(checkout), "HARNESS_HOME": str(home)}
    before = os.times()
    subprocess.run([*PYTHON, code, *arguments], capture_output=True, check=False, env=variables)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def _runs() -> Table:
    datasets = {"MovieLens-100K": "movielens-100k"}
    notes = [f"medians of {ROUNDS} processes in turn", "torch's optimisers import a compiler on first use: in imports"]
    if os.environ.get(VARIABLE):
        datasets["MovieLens-1M"] = str(CARD)
    else:
        notes.append(f"MovieLens-1M is left out: {VARIABLE} is not set")
    found: dict[tuple[str, str], list[Mapping[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{folder}/runs.db"
        for pair in product(datasets, METHODS):
            try:
                _until_training(pair[1], datasets[pair[0]], store, "fetch")
            except ChildFailedError as error:
                notes.append(f"{' with '.join(pair)} is left out: {error}")
            else:
                found[pair] = []
        for _, pair in product(range(ROUNDS), found):
            found[pair].append(_until_training(pair[1], datasets[pair[0]], store, "offline"))
    columns = ("imports, s", "imports, CPU s", "until training, s", "until training, CPU s")
    rows = [
        [*pair, *(f"{statistics.median(one[column] for one in measured):.2f}" for column in columns)]
        for pair, measured in found.items()
    ]
    return Table("The second run of a spec", ("data", "method", *columns), rows, notes)


class ChildFailedError(Exception):
    """A measured process failed; the message is its last line."""


def _until_training(method: str, dataset: str, store: str, network: str) -> Mapping[str, float]:
    """Seconds of one process that stops where its first epoch would begin; ``network`` is "fetch" or "offline"."""
    command = [*PYTHON, RUN, str(time.time()), method, dataset, store, network]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode:
        raise ChildFailedError((process.stderr.strip() or "no message").splitlines()[-1])
    imports, until, cpu, imports_cpu = map(float, process.stdout.split()[-4:])
    return {
        "imports, s": imports,
        "imports, CPU s": imports_cpu,
        "until training, s": until,
        "until training, CPU s": cpu,
    }
