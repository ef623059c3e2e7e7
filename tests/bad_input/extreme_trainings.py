"""Trains methods with options at the ends of what is accepted, one after the other, in a process of its own.

Standard input has a JSON list of ``[method, option, value]``; standard output gets a line of JSON for each: what became
of it. The process has little memory, so that sizes find their limit without harm to the machine.
"""

import json
import logging
import resource
import sys
import warnings
from pathlib import Path

from harness.base.errors import BadInput, HarnessError, one_line
from harness.runs.carry_out import carry_out
from harness.runs.context import Context
from harness.runs.experiment import LastExperiment
from harness.spec.build import build_spec

WORLD = {"n_users": 40, "n_items": 30, "interactions_per_user": 12, "n_groups": 3, "dim": 8}
SMALL = {
    "dataset": "long-tail",
    "dataset_options": WORLD,
    "data": {"core": 1},
    "training": {"max_epochs": 2},
    "evaluation": {"ks": [5], "headline_k": 5, "origins": False},
    "compute": {"device": "cpu", "threads": 1},
}
SPARE_BYTES = 3 * 2**30


def main() -> None:
    """Answer all of them."""
    warnings.simplefilter("ignore")
    logging.disable()
    last, context = LastExperiment(), Context(checkpoint_every=0)
    asked = json.load(sys.stdin)
    last.of(build_spec(SMALL), context)  # everything that is imported is imported before memory is limited
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + SPARE_BYTES, used + SPARE_BYTES))
    for method, option, value in asked:
        print(json.dumps([method, option, value, _outcome(method, option, value, last, context)]), flush=True)


def _outcome(method: str, option: str, value: object, last: LastExperiment, context: Context) -> str:
    """``trained``, ``refused: …``, ``failed: …`` or ``unexpected: …``."""
    try:
        spec = build_spec({**SMALL, "method": method, "config": {option: value}})
        carry_out(spec, context, experiment=last.of(spec, context))
    except BadInput as error:
        return f"refused: {error}"
    except HarnessError as error:
        return f"failed: {one_line(error)}"
    except Exception as error:  # noqa: BLE001 - what is looked for
        return f"unexpected: {one_line(error)}"
    return "trained"


if __name__ == "__main__":
    main()
