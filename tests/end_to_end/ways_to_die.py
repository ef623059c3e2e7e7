"""Methods that end badly, or not at all: a plug-in file for tests of processes."""

import os
import signal
import time

from harness.methods.mf import MF
from harness.methods.most_popular import MostPopular

from harness.base import paths
from harness.builtin.groupings.category import Category


class Killed(MostPopular):
    name = "killed"

    def train_epoch(self):
        os.kill(os.getpid(), signal.SIGKILL)


class Wrong(MostPopular):
    name = "wrong"

    def train_epoch(self):
        print("this is no answer")
        raise RuntimeError("two and two are five")


class Endless(MostPopular):
    """Leaves its process's id in the home folder, so that a test knows whom to look for."""

    name = "endless"

    def train_epoch(self):
        (paths.home() / f"training-{os.getpid()}").touch()
        while True:
            time.sleep(0.01)


class Patient(MF):
    """Goes on and on, epoch after epoch; leaves the same mark."""

    name = "patient"
    changes = ()

    def train_epoch(self):
        (paths.home() / f"training-{os.getpid()}").touch()
        time.sleep(0.05)
        return super().train_epoch()


class Counted(Category):
    """Leaves a line in the home folder whenever groups are assigned."""

    name = "counted"

    def assign(self, source):
        with (paths.home() / "counted").open("a") as file:
            file.write("assigned\n")
        return super().assign(source)
