"""A method that waits in the middle of a run: a plug-in file for tests of jobs that end there."""

import os
import time
from pathlib import Path

from harness.methods.joint import Joint


class Held(Joint):
    """Waits while there is a file that is named by ``HELD_BY``; beside it lies a mark with the number of its job."""

    name = "held"

    def train_epoch(self):
        hold = os.environ.get("HELD_BY")
        while hold and Path(hold).exists():
            Path(f"{hold}-{os.environ['SLURM_JOB_ID']}").touch()
            time.sleep(0.05)
        return super().train_epoch()
