"""What tests of methods and of encoders share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.plugins import EpochReport, Method, Problem
from harness.plugins.registry import registry
from harness.testing import SMALL, toy_problem

Train = Callable[..., tuple[Any, EpochReport]]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Hugging Face hub's cache on this machine, empty; and nobody answers at the hub's address."""
    from huggingface_hub import constants

    folder = tmp_path / "hub"
    folder.mkdir()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    return folder


@pytest.fixture
def prepared() -> Callable[..., Any]:
    """``prepared(name, problem, **options)``: a method before its first epoch, small and in float64."""

    def _prepared(name: str, problem: Problem | None = None, **options: Any) -> Method:
        kind = registry.get("method", name)
        small = {key: value for key, value in SMALL.items() if key in kind.Config.model_fields}
        method: Method = kind(kind.Config(**{**small, "dtype": "float64", **options}))
        method.prepare(problem or toy_problem())
        return method

    return _prepared


@pytest.fixture
def train(prepared: Callable[..., Any]) -> Train:
    """``train(name, problem, epochs, **options)``: the method after its epochs, and the last one's report."""

    def _train(
        name: str, problem: Problem | None = None, epochs: int = 1, **options: Any
    ) -> tuple[Method, EpochReport]:
        method = prepared(name, problem, **options)
        for _ in range(epochs):
            report = method.train_epoch()
        return method, report

    return _train
