"""Train a method on from a checkpoint file, in a process that knows nothing else of it; for the contract of methods.

Read from standard input: the method's name, its options, the toy problem's, the plug-in files, the checkpoint's file,
and how many epochs. Written beside the checkpoint, with the ending ``.scores``: the scores of the toy problem's users.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from harness.base.changing import ChangedState
from harness.plugins.registry import registry
from harness.testing.problem import N_USERS, toy_problem
from harness.training.checkpoint import Checkpoint


def main() -> None:
    """See the module."""
    asked = json.load(sys.stdin)
    for file in asked["plugins"]:
        registry.add_file(Path(file))
    kind = registry.get("method", asked["method"])
    method = kind(kind.Config.model_validate(asked["config"]))
    method.prepare(toy_problem(**asked["problem"]))
    path = Path(asked["checkpoint"])
    state: ChangedState = Checkpoint.decoded(path.read_bytes()).method
    method.resume(state)
    for _ in range(asked["epochs"]):
        method.train_epoch()
    save_file({"scores": method.score(torch.arange(N_USERS)).contiguous()}, path.with_suffix(".scores"))


if __name__ == "__main__":
    main()
