"""A run from Python without a network: ``run_offline.py CARD MODEL``; exits with 2 and a line where that cannot be."""

import sys

from harness.base.errors import HarnessError
from harness.runs.context import Context
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.track.memory import MemoryTracker


def main(card: str, model: str) -> int:
    tree = {"method": "alpharec", "dataset": card, "data": {"core": 1}, "training": {"max_epochs": 1}}
    spec = build_spec({**tree, "encoder": {"name": model}})
    try:
        run(spec, Context(tracker=MemoryTracker(), offline=True))
    except HarnessError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
