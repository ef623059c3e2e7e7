"""``python -m benchmarks``: run the benchmarks of this folder, modules with a ``tables()`` function each."""

import argparse
import pkgutil
import sys
from importlib import import_module
from pathlib import Path

import benchmarks
from benchmarks.table import write
from harness.runs.compute import set_up
from harness.spec.options import ComputeOptions

SHARED = {"__main__", "databases", "lookups", "writers", "table", "timing", "real_data", "reference"}
SHARED |= {
    "two_processes",
    "simulation",
    "simulated_workers",
    "run_costs",
    "coordinator_pace",
    "simulation_check",
    "sleepers",
    "quick_start",
    "described_films",
}


def main() -> int:
    """Run what is asked for and write its tables."""
    names = sorted({module.name for module in pkgutil.iter_modules(benchmarks.__path__)} - SHARED)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=f"Benchmarks: {', '.join(names)}.")
    parser.add_argument("names", nargs="*", choices=[*names, []], help="which ones; none: all of them")
    parser.add_argument("--threads", type=int, default=1, help="threads for tensors (default: 1, see timing)")
    parser.add_argument("--folder", type=Path, help="where tables go (default: where a benchmark's own lie, results)")
    options = parser.parse_args()
    set_up(ComputeOptions(device="cpu", threads=options.threads))
    for name in options.names or names:
        module = import_module(f"benchmarks.{name}")
        folder = options.folder or getattr(module, "FOLDER", Path(__file__).parent / "results")
        file = write(folder, name, module.__doc__ or "", module.tables(), options.threads)
        print(file.read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
