"""A checkpoint's bytes hold everything, exactly; another format is refused."""

import math
from dataclasses import replace

import pytest
import torch

from harness.base.changing import ChangedState
from harness.domain.metric_key import MetricKey
from harness.plugins import EpochReport
from harness.training.checkpoint import Checkpoint, header_of
from harness.training.fit import EarlyStopping, Epoch, Progress, ValidationScore


def checkpoint() -> Checkpoint:
    report = EpochReport(0.1 + 0.2, {"a": 1 / 3}, {"a": 1.0}, {"phase": 2.0})
    score = ValidationScore(0.3, {MetricKey("cv", 20, "train", "x"): 1e-17, MetricKey("ndcg", 20): 0.3}, (True, -0.1))
    stopping = EarlyStopping(5).after(score).after(replace(score, preference=(True, -math.inf)))
    tensors = {
        "theta": torch.tensor([0.1, -0.0, math.nan, 5e-324], dtype=torch.float64),
        "generator": torch.Generator().manual_seed(3).get_state(),
        "step": torch.tensor(7.0),
        "none": torch.zeros(0, 3),
    }
    state = ChangedState(tensors, {"epoch": 2, "losses": [0.1, 1 / 3], "nothing": None})
    epochs = [Epoch(1, report, score, True, 0.5), Epoch(2, report, score, False, 1 / 7)]
    return Checkpoint({"run": "r", "title": "T, ü"}, state, Progress(stopping, epochs, {"Z": torch.rand(3, 2)}))


def test_what_is_decoded_is_what_was_encoded() -> None:
    kept = checkpoint()
    read = Checkpoint.decoded(kept.encoded())
    assert read.about == kept.about
    assert read.progress.stopping == kept.progress.stopping
    assert read.progress.epochs == kept.progress.epochs
    assert read.method.values == kept.method.values
    for left, right in ((read.method.tensors, kept.method.tensors), (read.progress.kept, kept.progress.kept)):
        assert left.keys() == right.keys()
        for name, tensor in left.items():
            assert tensor.dtype == right[name].dtype
            assert tensor.shape == right[name].shape
            assert tensor.numpy().tobytes() == right[name].numpy().tobytes(), name


def test_another_format_is_refused() -> None:
    content = checkpoint().encoded()
    assert header_of(content)["format"] == 1
    other = content.replace(b'{\\"format\\": 1,', b'{\\"format\\": 9,')
    assert other != content
    with pytest.raises(ValueError, match="format 9"):
        header_of(other)
