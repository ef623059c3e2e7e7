"""A run's training goes on where it stopped: when progress is kept, what is found again, and what is said of it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from harness.base import interrupts
from harness.base.changing import NotKept
from harness.base.errors import HarnessError, one_line
from harness.base.full_disk import disk_full
from harness.base.messages import Say
from harness.base.sharing import lock as lock_in
from harness.base.sharing import make_folder
from harness.runs.checkpoint_files import CheckpointFile, Damaged, files_of, locks_of, read
from harness.runs.context import Context
from harness.runs.identity import IDENTITY
from harness.spec.run_spec import RunSpec
from harness.spec.selection import Bar
from harness.track import RecordedRun, TrackedRun
from harness.training.checkpoint import Checkpoint, header_of
from harness.training.fit import Progress
from harness.training.mishaps import Ended

if TYPE_CHECKING:
    from harness.plugins import Method

COST_SHARE = 0.01
"""Of the time of training, at most, that is spent on checkpoints: where they are slow they are rare."""
BAR = "bar"
"""In an identity: what ``fair_within`` asks of an epoch."""
RESUMED_FROM = "resumed.from"
"""Tag: the run, cut off, whose training this one went on with."""


@contextmanager
def kept_checkpoints(
    spec: RunSpec, tags: Mapping[str, str], bar: Bar | None, context: Context
) -> "Iterator[TrainingCheckpoints | None]":
    """The checkpoints of a run, for this process alone; removed when the run has come to its end.

    Where another process is training the same it is waited for. None where none are asked for, and where nothing can be
    written.
    """
    say, file = context.observer.say, CheckpointFile(spec.digest, identity_of(tags, bar))
    if not context.checkpoint_every:
        yield None
        return
    lock = lock_in(file.path.with_suffix(".lock"))
    try:
        waited = _acquire(lock, file.path.parent, say)
    except OSError as error:
        why = disk_full(error, file.path) or f"{file.path.parent}: {error.strerror or error}"
        say(f"warning: no checkpoint can be written: {why}")
        yield None
        return
    try:
        yield TrainingCheckpoints(file, spec.view.title, context.checkpoint_every, context.go_on, say, waited)
    except Ended:
        file.remove()
        raise
    else:
        file.remove()
    finally:
        file.path.with_suffix(".lock").unlink(missing_ok=True)
        lock.release()


def _acquire(lock: FileLock, folder: Path, say: Say) -> bool:
    """Hold the lock; whether another process had to be waited for."""
    make_folder(folder)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say("warning: another process is training this very run: waiting for it")
        lock.acquire()
        return True
    return False


def identity_of(tags: Mapping[str, str], bar: Bar | None) -> dict[str, str]:
    """All that must agree for a training to go on: what a finished run is known by, the data, the bar of its rule."""
    names = [name for name in tags if name in IDENTITY or name.startswith("hash.")]
    return {name: tags[name] for name in sorted(names)} | ({BAR: repr(bar.required)} if bar else {})


def forget_checkpoints(spec: RunSpec, finished: RecordedRun) -> None:
    """Remove what is left of a training that is on record: its process died after the end and before the removal."""
    known = identity_of(finished.tags, None)
    for path in files_of(spec.digest):
        try:
            identity = _identity_in(path)
        except ValueError:
            continue  # whoever trains the spec again says what is wrong with it
        if {name: value for name, value in identity.items() if name != BAR} == known:
            path.unlink(missing_ok=True)
    for path in locks_of(spec.digest):
        _remove_unheld(path)


def _remove_unheld(path: Path) -> None:
    """Remove the lock of a process that died between its checkpoint's removal and this one's."""
    lock = lock_in(path)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):  # somebody trains, or it is somebody else's folder
        return
    path.unlink(missing_ok=True)
    lock.release()


def _identity_in(path: Path) -> dict[str, str]:
    """Of which run a checkpoint is; ValueError where that cannot be read."""
    try:
        return dict(header_of(read(path))["about"]["identity"])
    except KeyError as error:
        raise Damaged(f"it has no {error}") from None


class TrainingCheckpoints:
    """The checkpoints of one run, as :class:`harness.training.fit.Checkpoints` has them.

    Args:
        file: where they are
        title: of the run, for people
        every: seconds of training between two of them, at least
        go_on: whether one that is found is used
        say: told what is found, and what is not used and why
        waited: whether another process was training the same until now
    """

    def __init__(self, file: CheckpointFile, title: str, every: float, go_on: bool, say: Say, waited: bool) -> None:
        self._file = file
        self._title = title
        self._every = every
        self._go_on = go_on
        self._say = say
        self.waited = waited
        self._run: TrackedRun | None = None
        self._since = time.monotonic()
        self._cost = 0.0
        self._possible = True

    def record_with(self, run: TrackedRun) -> None:
        """The run that the training belongs to: it is told where it comes from, and named in checkpoints."""
        self._run = run

    def begin(self, method: "Method") -> Progress | None:
        self._since = time.monotonic()
        try:
            method.training_state()
        except NotKept as error:
            self._possible = False
            self._say(f"after an interruption this training would begin again: {error}")
            return None
        if not self._go_on:
            self._file.remove()
            return None
        kept = self._found()
        return None if kept is None else self._put_back(kept, method)

    def epoch_ended(self, method: "Method", progress: Progress) -> None:
        asked_to_stop = interrupts.requested()
        if asked_to_stop or time.monotonic() - self._since >= max(self._every, self._cost / COST_SHARE):
            self.keep(method, progress)

    def keep(self, method: "Method", progress: Progress) -> None:
        """Write one now; a training does not end because that cannot be done."""
        if not self._possible:
            return
        began = time.monotonic()
        about = {
            "identity": dict(self._file.identity),
            "title": self._title,
            "run": "" if self._run is None else self._run.id,
        }
        try:
            self._file.write(Checkpoint(about, method.training_state(), progress).encoded())
        except (OSError, NotKept) as error:
            self._possible = False
            why = disk_full(error) or getattr(error, "strerror", None) or error
            self._say(f"warning: no checkpoint can be written, after an interruption this training begins again: {why}")
        self._since = time.monotonic()
        self._cost = self._since - began

    def _found(self) -> Checkpoint | None:
        """What the run's own file holds; others of the same spec are named with what differs."""
        try:
            content = self._file.read()
            if content is None:
                self._say_of_others()
                return None
            header_of(content)
            return Checkpoint.decoded(content)
        except (Damaged, ValueError, KeyError) as error:
            self._say(f"warning: checkpoint {self._file.path} is not used: {error}; training begins at its first epoch")
            self._file.remove()
            return None

    def _put_back(self, kept: Checkpoint, method: "Method") -> Progress:
        try:
            method.resume(kept.method)
        except Exception as error:  # a plug-in's own way of going on may raise anything
            self._file.remove()  # the method may be half changed by now: it cannot be trained
            what = f"{method.name} cannot go on from its checkpoint, which is removed"
            raise HarnessError(f"{what}; the same command begins again: {one_line(error)}") from error
        before = str(kept.about["run"])
        if self._run is not None:
            self._run.set_tags({RESUMED_FROM: before})
        self._say(f"training goes on after epoch {len(kept.progress.epochs)}, where run {before} was interrupted")
        return kept.progress

    def _say_of_others(self) -> None:
        for path in self._file.others:
            try:
                other = _identity_in(path)
            except ValueError as error:
                self._say(f"warning: checkpoint {path} is not used: {error}")
                continue
            own = self._file.identity
            differing = (name for name in sorted({*own, *other}) if own.get(name) != other.get(name))
            self._say(f"checkpoint {path.name} is not used: it was made under another {', '.join(differing)}")
