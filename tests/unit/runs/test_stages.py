"""What takes long is a stage of its own, with how far it is."""

from pathlib import Path

import pytest

from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.track.memory import MemoryTracker

EPOCHS = 3


class Watcher(Observer):
    """Keeps the stages, and how often each has told how far it is."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.told: dict[str, list[tuple[int, int]]] = {}

    def stage(self, text: str) -> None:
        self.stages.append(text)

    def progress(self, done: int, total: int) -> None:
        self.told.setdefault(self.stages[-1], []).append((done, total))


@pytest.mark.parametrize("origins", [True, False])
def test_the_reference_that_is_trained_for_the_origins_of_unfairness_is_watched(
    origins: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path))
    spec = build_spec(
        {
            "method": "bifair",
            "config": {"dim": 8},
            "dataset": "long-tail",
            "dataset_options": {"n_users": 80, "n_items": 60, "n_groups": 3},
            "encoder": {"name": "random"},
            "training": {"max_epochs": EPOCHS, "selection": "best_ndcg"},
            "evaluation": {"ks": [5], "headline_k": 5, "origins": origins},
        }
    )
    watcher = Watcher()
    run(spec, Context(MemoryTracker(), watcher, checkpoint_every=0, keep_models=False))
    own = [text for text in watcher.stages if text.startswith("where unfairness")]
    assert len(own) == origins
    for text in own:
        assert watcher.told[text] == [(epoch, EPOCHS) for epoch in range(1, EPOCHS + 1)]
