"""Generated catalogues of 10⁴, 10⁵ and 10⁶ items, as many users, 20 interactions per user, vectors 384 wide.

The options meant for large catalogues: propagation on the input side, 1,024 negatives shared by a batch, and for
``bifair`` a change of Z of rank 16 that follows every 64 outer steps. Each row is a process of its own that prepares
the data like any run (generate, filter, split, group) and then trains some steps. Times of steps are of the processor,
peak memory is of everything.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.table import Table
from benchmarks.timing import FewBatches

SIZES = (10_000, 100_000, 1_000_000)
LARGE: Mapping[str, Any] = {"propagation": "input", "shared_negatives": True, "negatives": 1024}
METHODS: Mapping[str, Mapping[str, Any]] = {
    "alpharec": LARGE,
    "bifair": {**LARGE, "representations": "low_rank", "rank": 16, "refresh_every": 64},
}
ROUNDS = 2
STEPS = 64
"""Per round, as many as Z waits for."""


def tables() -> Iterator[Table]:
    """One table per method, sizes below each other."""
    import torch

    for name in METHODS:
        rows, first = [], None
        for n in SIZES:
            found = _in_a_process(n, name, torch.get_num_threads())
            each = found["seconds"] / found["interactions"]
            first = first or each
            epoch = each * found["training"]
            peak = found["peak_memory_mb"] * 1e6
            cost = (f"{1e6 * each:.0f} µs", f"{each / first:.2f}", f"{epoch:.0f} s", f"{found['preparation']:.0f} s")
            memory = (f"{peak / 2**30:.2f} GiB", f"{peak / n / 2**10:.1f} KiB")
            rows.append([f"{n:,}", f"{found['training']:,}", *cost, *memory])
        columns = ("items", "training interactions", "an interaction", "/ 10⁴", "an epoch", "preparation")
        yield Table(f"Steps of {name}", (*columns, "peak memory", "per item"), rows)


def child(n: int, name: str, threads: int) -> None:
    """Prepare and train in this process; print what was measured as JSON."""
    from harness.plugins.registry import registry
    from harness.runs.compute import set_up
    from harness.runs.experiment import prepare
    from harness.runs.resources import PeakMemory
    from harness.spec.build import build_spec

    spec = build_spec(
        {
            "method": name,
            "config": dict(METHODS[name]),
            "dataset": "long-tail",
            "dataset_options": {"n_users": n, "n_items": n},
            "groups": ["genre"],
            "data": {"core": 1},
            "compute": {"device": "cpu", "threads": threads},
        }
    )
    device = set_up(spec.compute)
    memory = PeakMemory(device)
    begin = time.perf_counter()
    experiment = prepare(spec)
    method = registry.get("method", name)(spec.config)
    method.prepare(experiment.problem(spec, device))
    found = {"preparation": time.perf_counter() - begin, "training": len(experiment.split.training)}
    size, method.batches = method.batches.batch_size, FewBatches(method.batches, STEPS)
    seconds = []
    for _ in range(1 + ROUNDS):
        begin = time.process_time()
        method.train_epoch()
        seconds.append(time.process_time() - begin)
    found |= {"seconds": statistics.median(seconds[1:]), "interactions": STEPS * size}
    print(json.dumps(found | memory.metrics()))


def _in_a_process(n: int, name: str, threads: int) -> Mapping[str, float]:
    command = f"from benchmarks.scale import child; child({n}, {name!r}, {threads})"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} with {n:,} items: {done.stderr.strip().splitlines()[-1:]}")
    found: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
