"""How many threads each of several runs at once has."""

import os


def threads_each(jobs: int) -> int | None:
    """Threads of each of so many processes: this process's cores, shared out.

    None for a single one: it then has what a run by itself has, and each finds the other's finished runs.
    """
    if jobs == 1:
        return None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // jobs)
