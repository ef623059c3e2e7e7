"""How many threads each of several runs at once has."""

import os

from harness.spec.run_spec import RunSpec


def threads_each(jobs: int) -> int | None:
    """Threads of each of so many processes: this process's cores, shared out.

    None for a single one: it then has what a run by itself has, and each finds the other's finished runs.
    """
    if jobs == 1:
        return None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // jobs)


def with_threads(spec: RunSpec, threads: int | None) -> RunSpec:
    """``spec`` with so many threads, unless it has a number of its own."""
    if threads is None or spec.compute.threads is not None:
        return spec
    return spec.model_copy(update={"compute": spec.compute.model_copy(update={"threads": threads})})
