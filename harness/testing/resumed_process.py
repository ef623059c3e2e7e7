"""Train a method on from a checkpoint file, in a process that knows nothing else of it; for the contract of methods.

The process answers one question after the other, so that not every method of a test session has to wait until torch
has been imported; each begins with the plug-ins that it names, and nobody else's.
"""

import json
import subprocess
import sys
import traceback
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from harness.base.changing import ChangedState
from harness.plugins.registry import registry
from harness.testing.problem import N_USERS, toy_problem
from harness.training.checkpoint import Checkpoint


def scores_of_resumed(asked: dict[str, Any]) -> torch.Tensor:
    """What another process has after training on.

    Args:
        asked: the method's name, its options (``config``), the toy problem's (``problem``), files of ``plugins``, the
            file of the ``checkpoint``, and how many ``epochs``

    Returns:
        Scores of the toy problem's users, shape (users, items).

    Raises:
        AssertionError: where it fails there, with what was said.
    """
    process = _other_process()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(asked) + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:  # whoever asks next begins another one
        _other_process.cache_clear()
        raise AssertionError(f"the process has ended with code {process.wait()}")
    failure = json.loads(answer)
    assert not failure, failure
    return load_file(_scores_beside(asked["checkpoint"]))["scores"]


@cache
def _other_process() -> "subprocess.Popen[str]":
    """Ends with this one, whose end of the pipe is closed then."""
    command = [sys.executable, "-P", "-m", __name__]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _scores_beside(checkpoint: str) -> Path:
    return Path(checkpoint).with_suffix(".scores")


def _train_on(asked: dict[str, Any]) -> None:
    with registry.afresh():
        for file in asked["plugins"]:
            registry.add_file(Path(file))
        kind = registry.get("method", asked["method"])
        method = kind(kind.Config.model_validate(asked["config"]))
        method.prepare(toy_problem(**asked["problem"]))
        state: ChangedState = Checkpoint.decoded(Path(asked["checkpoint"]).read_bytes()).method
        method.resume(state)
        for _ in range(asked["epochs"]):
            method.train_epoch()
        save_file({"scores": method.score(torch.arange(N_USERS)).contiguous()}, _scores_beside(asked["checkpoint"]))


def main() -> None:
    """Questions by line, answers by line: empty, or why there is none. What plug-ins print goes to the errors."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        failure = ""
        try:
            _train_on(json.loads(line))
        except Exception:  # noqa: BLE001 - whatever it is, the test that has asked says it
            failure = traceback.format_exc()
        print(json.dumps(failure), file=answers, flush=True)


if __name__ == "__main__":
    main()
