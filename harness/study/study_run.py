"""A study's own run: the one that its runs belong to, found again by every later call, one of which works at a time."""

import hashlib
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from filelock import Timeout

from harness.base import interrupts, paths
from harness.base.errors import BadInput
from harness.base.process import this_process
from harness.base.sealed import write_whole
from harness.base.sharing import lock as lock_in
from harness.base.sharing import make_folder
from harness.base.trees import digest_of, flatten
from harness.base.writable import written_into_home
from harness.runs.run_title import with_options
from harness.study.lease import TakenOver
from harness.study.plan import GridPlan
from harness.study.records import Records, write_records
from harness.study.search_plan import SearchPlan
from harness.track import TrackedRun, Tracker
from harness.track.sqlite_address import is_sqlite

RECORDS_FOLDER, REPORT_FOLDER = "records", "report"
STUDY_TAG, IDENTITY_TAG, BUDGET_TAG, HOME_TAG = "study", "study.id", "study.budget", "study.home"


def identity_of(name: str, budget: str, tree: Mapping[str, Any]) -> str:
    """The name under which a study is found again: its own, and a hash of what the user asked of it.

    How many seeds and trials are no part of it, so that a study can be extended; nor is the machine.
    """
    meant = {key: value for key, value in tree.items() if key != "compute"}
    return f"{name}-{digest_of({'budget': budget, 'tree': meant})}"


@contextmanager
def alone(identity: str) -> Iterator[None]:
    """One process at a time works on a study: what looks cut off would otherwise be somebody's work in progress.

    Raises:
        BadInput: where another process is at it, or the home folder cannot be written.
    """
    folder = paths.studies_folder()
    with written_into_home(folder):
        make_folder(folder)
        lock = lock_in(folder / f"{identity}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            busy = f"study {identity} is running in another process: wait for it, or choose another seed"
            raise BadInput(busy) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def parent_run(
    tracker: Tracker, identity: str, plan: GridPlan | SearchPlan, storage: str | None = None
) -> Iterator[TrackedRun]:
    """The study's run, begun or gone on with.

    Where a server records runs, and trials lie in the home folder, each home folder has a study of its own: two that
    are at work at once would take each other's runs for cut off.

    Args:
        storage: the database of the trials; None: the one in the home folder
    """
    identifying = {STUDY_TAG: plan.name, IDENTITY_TAG: identity}
    if storage is None and tracker.address is not None and not is_sqlite(tracker.address[0]):
        identifying[HOME_TAG] = _home_id()
    before = tracker.find(identifying)
    with ExitStack() as stack:
        with interrupts.deferred():  # until the run is one that ends with the block
            parent = tracker.resume(before.id) if before else None
            if parent is not None:
                stack.enter_context(parent).set_tags(this_process())
            else:
                first = plan.first
                tags = {**identifying, BUDGET_TAG: plan.budget, "dataset": first.dataset_name, "group": first.group}
                parent = tracker.start(_title(identity, plan), plan.params, tags)
                stack.enter_context(parent)
        try:
            yield parent
        except TakenOver:  # it is open, for somebody else
            stack.pop_all()
            raise


def _title(identity: str, plan: GridPlan | SearchPlan) -> str:
    """The name of a study's run: two that differ in what was asked of them differ in it."""
    asked = flatten({key: value for key, value in plan.tree.items() if key not in ("dataset", "compute")})
    title = f"study {plan.name}: {plan.first.dataset_name}, {plan.budget}"
    return with_options(title, asked, identity.rpartition("-")[2])


def _home_id() -> str:
    """What the home folder is told from others by: random bytes, made once."""
    file = paths.studies_folder() / "id"
    if not file.is_file():
        write_whole(file, secrets.token_bytes(16))
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def keep_records(records: Records, parent: TrackedRun) -> None:
    """Log the study's records with its run."""
    with tempfile.TemporaryDirectory() as folder:
        write_records(records, Path(folder))
        parent.log_artifacts(Path(folder), RECORDS_FOLDER)
