"""Methods that sleep: a plug-in file for studies whose runs take as long on a busy machine as on an idle one."""

import time
from collections.abc import Mapping
from typing import ClassVar

from harness.methods.random import Random

from harness.plugins import EpochReport, MethodConfig, SearchRange


class Quick(Random):
    """A run of two seconds."""

    name = "quick"
    summary = "sleeps for two seconds, then recommends at random"
    seconds: ClassVar[float] = 2.0
    search_space: ClassVar[Mapping[str, SearchRange]] = {"idle": SearchRange(0.0, 1.0)}

    class Config(MethodConfig):
        """``idle`` changes nothing; it is there to be searched."""

        idle: float = 0.5

    def train_epoch(self) -> EpochReport:
        time.sleep(self.seconds)
        return super().train_epoch()


class Slow(Quick):
    """A run of six seconds."""

    name = "slow"
    summary = "sleeps for six seconds, then recommends at random"
    seconds: ClassVar[float] = 6.0
