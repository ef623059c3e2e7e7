"""Methods that end badly, or not at all: a plug-in file for tests of processes."""

import os
import signal
import time

from harness.methods.most_popular import MostPopular

from harness.base import paths


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
