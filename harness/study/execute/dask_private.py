"""All that is used of Dask beneath its public interface: the only file to mend where a new version moves it."""

import logging
import re
from collections import deque
from collections.abc import Callable, Iterable
from multiprocessing import spawn
from typing import Any

DEATH = r"Worker process (?P<process>\d+) (?:was killed by signal (?P<signal>\d+)|exited with status (?P<status>\d+))"


def is_wanted() -> Callable[[], bool]:
    """For the thread of a task: asks, from any thread, whether anybody still waits for that task."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing"

    return wanted


def exit_codes(said: Iterable[str]) -> dict[int, int]:
    """How workers' processes ended, by their ids, in what nannies have said: minus the signal that ended them."""
    return {
        int(found["process"]): -int(found["signal"]) if found["signal"] else int(found["status"])
        for line in said
        for found in re.finditer(DEATH, line)
    }


def leave_scripts_alone() -> None:
    """Let workers' processes not begin with the script that has asked for them: it would ask for them once more.

    Python's ``spawn`` imports it into every process, for the sake of functions that are defined in it.
    """
    given = spawn.get_preparation_data
    if given.__name__ != "_without_script":

        def _without_script(name: str) -> dict[str, Any]:
            told = given(name)
            return {
                key: told[key] for key in told if not (name.startswith("Dask Worker") and key.startswith("init_main"))
            }

        spawn.get_preparation_data = _without_script


def keep_off_screen() -> None:
    """Dask's log says in its own words what becomes a line of ours."""
    import distributed  # noqa: F401 - sets up the log that is changed here

    for name in [*logging.root.manager.loggerDict]:
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).handlers.clear()
            logging.getLogger(name).propagate = name != "distributed"
    logging.getLogger("distributed").addHandler(logging.NullHandler())


def remove_keys(cluster: Any) -> None:
    """Remove the files with the keys of jobs; dask-jobqueue leaves that to the interpreter's last look for garbage."""
    for name, file in vars(cluster).items():
        if name.startswith("_job_") and hasattr(file, "close"):
            file.close()


class KeptLog(logging.Handler):
    """Keeps what the nannies of this process say, and keeps Dask's log off the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.said: deque[str] = deque(maxlen=1000)
        keep_off_screen()
        logging.getLogger("distributed.nanny").setLevel(logging.INFO)
        logging.getLogger("distributed.nanny").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
