"""What ``harness run … --dry-run`` says beforehand, beside what the run then takes: seconds and peak memory.

Each row is two fresh processes, one right after the other: the estimate, then the run itself, whose seconds are those
of the whole process and whose memory is the largest resident set that was seen 20 times a second. Data and vectors are
cached, as they are for every run but the first; the store is one database for all rows; one thread. Patience is as long
as the training, so that no training ends before its last epoch: when one would end is not estimated. Methods that
balance groups have their reference trained first, in the same process, as ``fair_within`` asks for it.

Too long for a row is a closed form that is told from parts of its items. EASE on 10,682 items and 19,948 users
(generated, 20,000 × 13,000 before the filters) took 227 processor seconds and 3,555 MiB. The first way of telling it
said 70 and 2,065 and was mended on this very case; it then said 197 and 3,486, for a run that keeps nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.real_data import VARIABLE
from benchmarks.start import CARD, MAIN
from benchmarks.table import Table

MEBIBYTE = 2**20
# -P: the working directory holds a folder "datasets", which would hide a library of that name.
PYTHON = (sys.executable, "-P", "-c")
WITHIN = 0.3
"""What an estimate may be off by."""


class Case(NamedTuple):
    """A spec.

    Attributes:
        data: for people
        method: its name
        epochs: of its training
        more: of the command
    """

    data: str
    method: str
    epochs: int
    more: tuple[str, ...] = ()

    @property
    def command(self) -> list[str]:
        """What asks for it."""
        length = [f"training.{key}={self.epochs}" for key in ("max_epochs", "patience")]
        words = ["run", "--method", self.method, *DATA[self.data], *self.more, "--threads", "1", "--offline"]
        return [*words, *(word for text in length for word in ("--set", text))]


def _synthetic(users: int, items: int) -> list[str]:
    sizes = (f"dataset_options.n_users={users}", f"dataset_options.n_items={items}")
    return ["--dataset", "long-tail", *(word for size in sizes for word in ("--set", size))]


DATA = {
    "MovieLens-100K": ["--dataset", "movielens-100k"],
    "2,000 × 2,000": _synthetic(2000, 2000),
    "12,000 × 6,000": _synthetic(12_000, 6000),
    "MovieLens-1M": ["--dataset", str(CARD)],
}
CASES = (
    Case("MovieLens-100K", "most_popular", 1),
    Case("MovieLens-100K", "ease", 1),
    Case("MovieLens-100K", "alpharec", 20),
    Case("MovieLens-100K", "group_dro", 8),
    Case("MovieLens-100K", "bifair", 6),
    Case("2,000 × 2,000", "separate", 16, ("--set", "config.theta_epochs=8", "--set", "config.plateau=0")),
    Case("2,000 × 2,000", "lightgcn", 30),
    Case("12,000 × 6,000", "reweight", 2),
    Case("12,000 × 6,000", "multvae", 3),
    Case("12,000 × 6,000", "ease", 1),
    Case("MovieLens-1M", "ease", 1),
    Case("MovieLens-1M", "alpharec", 2),
    Case("MovieLens-1M", "bifair", 1),
)


class Took(NamedTuple):
    """What a run takes: seconds of the processor, seconds on the clock, MiB."""

    work: float
    clock: float
    memory: float


def tables() -> Iterator[Table]:
    """A row for each spec."""
    cases = [case for case in CASES if case.data != "MovieLens-1M" or os.environ.get(VARIABLE)]
    rows, ratios, busy = list[list[str]](), list[Took](), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        store = ["--tracking-uri", f"sqlite:///{folder}/runs.db"]
        _warm_up(cases, store)
        for case in cases:
            said = json.loads(_said([*case.command, *store, "--dry-run", "--json"]))["estimate"]
            told = Took(said["work"], said["seconds"], said["peak_memory_mib"])
            took = _measured([*case.command, *store])
            ratios.append(Took(*(one / other for one, other in zip(told, took, strict=True))))
            busy += [said["slowdown"], took.clock / took.work]
            pairs = zip(told, took, ratios[-1], strict=True)
            cells = [[f"{one:.{digits}f}", f"{other:.{digits}f}", f"{ratio - 1:+.0%}"]
                     for digits, (one, other, ratio) in zip((1, 1, 0), pairs, strict=True)]  # fmt: skip
            rows.append([case.data, case.method, str(case.epochs), *(cell for three in cells for cell in three)])
            print(*rows[-1], flush=True)
    columns = ["data", "method", "epochs"]
    for name in ("processor, s", "clock, s", "memory, MiB"):
        columns += [f"{name}: estimated", "measured", "off"]
    notes = [_in_short(name, [getattr(one, name) for one in ratios]) for name in Took._fields]
    notes.append(
        f"how busy the machine was: {min(busy):.1f} to {max(busy):.1f} seconds on the clock for each of the processor, "
        f"median {median(busy):.1f}; an estimate takes it to stay as busy as it was while it was made"
    )
    yield Table("Estimated and measured", columns, rows, notes)


def _in_short(name: str, ratios: Sequence[float]) -> str:
    good = sum(abs(ratio - 1) <= WITHIN for ratio in ratios)
    spread = f"median {median(ratios) - 1:+.0%}, from {min(ratios) - 1:+.0%} to {max(ratios) - 1:+.0%}"
    return f"{name}: {good} of {len(ratios)} within {WITHIN:.0%}, {spread}"


def _warm_up(cases: Sequence[Case], store: Sequence[str]) -> None:
    """Make the store's tables, and fill the caches of all data."""
    for data in dict.fromkeys(case.data for case in cases):
        for method in ("most_popular", "alpharec"):
            _said([*Case(data, method, 1, ("--set", "seed=99", "--set", "data.split_seed=0")).command, *store])


def _said(arguments: Sequence[str]) -> str:
    done = subprocess.run([*PYTHON, MAIN, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def _measured(arguments: Sequence[str]) -> Took:
    """What a process takes, from its start to its end."""
    began, before, largest = time.perf_counter(), os.times(), 0
    with subprocess.Popen([*PYTHON, MAIN, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while process.poll() is None:
            largest = max(largest, _resident(Path(f"/proc/{process.pid}/status")))
            time.sleep(0.05)
        seconds = time.perf_counter() - began
        assert process.stderr is not None
        if process.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {process.stderr.read().decode()}")
    after = os.times()
    work = after.children_user - before.children_user + after.children_system - before.children_system
    return Took(work, seconds, largest / MEBIBYTE)


def _resident(status: Path) -> int:
    """Bytes of a process's largest resident set since it was last reset."""
    try:
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def main() -> None:
    """The cases whose numbers are given, for a look."""
    global CASES
    CASES = tuple(CASES[int(number)] for number in sys.argv[1:])
    print(next(tables()).markdown())


if __name__ == "__main__":
    main()
