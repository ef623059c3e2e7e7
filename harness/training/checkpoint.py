"""A training between two epochs as bytes: safetensors, with everything that is no tensor as JSON in its header."""

import json
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from typing import TYPE_CHECKING, Any

from harness.base.changing import ChangedState
from harness.domain.metric_key import MetricKey
from harness.plugins import EpochReport
from harness.training.fit import EarlyStopping, Epoch, Progress, ValidationScore

if TYPE_CHECKING:
    import torch

FORMAT = 1
_LENGTH_BYTES = 8
_METHOD, _BEST = "method/", "best/"


@dataclass(frozen=True)
class Checkpoint:
    """All that the rest of a training depends on.

    Attributes:
        about: whose it is, as JSON-able values
        method: the method's own state
        progress: of the epoch loop
    """

    about: Mapping[str, Any]
    method: ChangedState
    progress: Progress

    def encoded(self) -> bytes:
        """As the content of a file."""
        from safetensors.torch import save

        tensors = {_METHOD + path: tensor for path, tensor in self.method.tensors.items()}
        tensors |= {_BEST + name: tensor for name, tensor in self.progress.kept.items()}
        header = {
            "format": FORMAT,
            "about": dict(self.about),
            "values": self.method.values,
            "devices": {name: str(tensor.device) for name, tensor in tensors.items() if tensor.device.type != "cpu"},
            "stopping": asdict(self.progress.stopping),
            "epochs": [_written(epoch) for epoch in self.progress.epochs],
        }
        return save({name: _plain(tensor) for name, tensor in tensors.items()}, {"harness": json.dumps(header)})

    @classmethod
    def decoded(cls, content: bytes) -> "Checkpoint":
        """What was encoded, under a header that :func:`header_of` has found readable; tensors lie where they lay."""
        from safetensors.torch import load

        header = header_of(content)
        tensors = {name: tensor.to(header["devices"].get(name, "cpu")) for name, tensor in load(content).items()}
        stopping = header["stopping"]
        progress = Progress(
            EarlyStopping(**stopping | {"best": tuple(stopping["best"])}),
            [_read(epoch) for epoch in header["epochs"]],
            _below(_BEST, tensors),
        )
        return cls(header["about"], ChangedState(_below(_METHOD, tensors), header["values"]), progress)


def header_of(content: bytes) -> dict[str, Any]:
    """Everything in a checkpoint that is no tensor.

    Raises:
        ValueError: where it was written in another format.
    """
    length = int.from_bytes(content[:_LENGTH_BYTES], "little")
    outer = json.loads(content[_LENGTH_BYTES : _LENGTH_BYTES + length])
    header: dict[str, Any] = json.loads(outer["__metadata__"]["harness"])
    if header["format"] != FORMAT:
        raise ValueError(f"it was written in format {header['format']}, and this version reads format {FORMAT}")
    return header


def _plain(tensor: "torch.Tensor") -> "torch.Tensor":
    return tensor.detach().cpu().contiguous()


def _below(prefix: str, tensors: "Mapping[str, torch.Tensor]") -> "dict[str, torch.Tensor]":
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _written(epoch: Epoch) -> dict[str, Any]:
    score = epoch.validation
    metrics = [[*astuple(key), value] for key, value in score.metrics.items()]
    return {
        "number": epoch.number,
        "report": {
            "loss": epoch.report.loss,
            "group_losses": dict(epoch.report.group_losses),
            "group_weights": dict(epoch.report.group_weights),
            "values": dict(epoch.report.values),
        },
        "validation": {"value": score.value, "metrics": metrics, "preference": score.preference},
        "best": epoch.best,
        "seconds": epoch.seconds,
    }


def _read(tree: Mapping[str, Any]) -> Epoch:
    score = tree["validation"]
    metrics = {MetricKey(*key): value for *key, value in score["metrics"]}
    validation = ValidationScore(score["value"], metrics, tuple(score["preference"]))
    return Epoch(tree["number"], EpochReport(**tree["report"]), validation, tree["best"], tree["seconds"])
