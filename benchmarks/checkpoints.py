"""What checkpoints cost in training on MovieLens-1M (training part, 40 %), with the default options of each method.

A checkpoint is written after an epoch where ``--checkpoint-every`` seconds (5) of training have passed since the last,
and a hundred times what that one took. *Share* is what a whole training spends on them under that rule: the time of one
over the time of the epochs between two. It includes the copy of the state, its encoding, checksum and file.
"""

import math
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.real_data import genres
from benchmarks.steps import method, problem
from benchmarks.table import Table
from harness.base import paths
from harness.domain.membership import Membership
from harness.plugins import Method
from harness.runs.checkpoint_files import CheckpointFile
from harness.runs.checkpoints import COST_SHARE
from harness.runs.context import CHECKPOINT_SECONDS
from harness.training.checkpoint import Checkpoint
from harness.training.fit import EarlyStopping, Progress

METHODS = ("alpharec", "bifair", "mf", "multvae")
WRITES = 5
ASKED = 0.02


def tables() -> Iterator[Table]:
    """One line for each method."""
    of_items, names = genres()
    given = problem("MovieLens-1M", Membership.from_labels("genre", "item", of_items, names))
    rows = [_row(name, method(name, given)) for name in METHODS]
    notes = [f"medians of {WRITES} checkpoints; one epoch each; asked for: at most {ASKED:.0%}"]
    yield Table(
        "Checkpoints", ("method", "an epoch", "size", "a checkpoint", "epochs between two", "share"), rows, notes
    )


def _row(name: str, trained: Method) -> list[str]:
    began = time.perf_counter()
    trained.train_epoch()
    epoch = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        paths.choose_home(Path(folder))
        file = CheckpointFile(name, {})
        taken = sorted(_written(trained, file) for _ in range(WRITES))[WRITES // 2]
        size = file.path.stat().st_size
        paths.choose_home(None)
    between = max(1, math.ceil(max(CHECKPOINT_SECONDS, taken / COST_SHARE) / epoch))
    share = taken / (between * epoch)
    return [name, f"{epoch:.1f} s", f"{size / 1e6:.1f} MB", f"{taken:.3f} s", str(between), f"{share:.2%}"]


def _written(trained: Method, file: CheckpointFile) -> float:
    """Seconds that one takes, the best epoch's state in it as well."""
    progress = Progress(EarlyStopping(10), [], trained.state())
    began = time.perf_counter()
    file.write(Checkpoint({}, trained.training_state(), progress).encoded())
    return time.perf_counter() - began
