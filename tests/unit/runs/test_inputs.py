"""Runs on files of the user's: whoever changes a file gets another run, whoever moves or copies it the same."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.base.errors import BadInput
from harness.runs.context import Context
from harness.runs.inputs import NONE, inputs_digest
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.spec.run_spec import RunSpec
from harness.study.execute.own_process import Here
from harness.study.execute.task import Task
from harness.track.memory import MemoryTracker


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))


@pytest.fixture
def card(own_card: Path, tmp_path: Path) -> Path:
    draw = np.random.default_rng(0)
    pairs = [f"{user},{item}" for user in range(40) for item in draw.choice(30, 15, replace=False)]
    (tmp_path / "t.csv").write_text("\n".join(["u,i", *pairs]))
    (tmp_path / "items.csv").write_text("\n".join(["i,title", *(f"{item},song {item}" for item in range(30))]))
    return own_card


def spec_of(card: Path, **keys: Any) -> RunSpec:
    small: dict[str, Any] = {"data": {"core": 1}, "evaluation": {"origins": False, "ks": [5], "headline_k": 5}}
    return build_spec({"method": "most_popular", "dataset": str(card), **small, **keys})


def with_vectors(card: Path, method: str = "alpharec") -> RunSpec:
    options = {"vectors": str(card.with_name("v.npy")), "ids": str(card.with_name("ids.txt"))}
    return spec_of(card, method=method, encoder={"name": "precomputed", "options": options})


def test_a_changed_table_is_trained_on_and_an_unchanged_one_is_not(card: Path) -> None:
    spec, tracker = spec_of(card), MemoryTracker()
    assert not run(spec, Context(tracker)).reused
    assert run(spec, Context(tracker)).reused
    table = card.with_name("t.csv")
    table.write_text(table.read_text().replace("\n0,", "\n39,", 1))
    again = run(spec, Context(tracker))
    assert not again.reused
    assert run(spec, Context(tracker)).id == again.id


def test_a_folder_given_for_the_data_counts_by_its_content(card: Path, tmp_path: Path) -> None:
    spec, copy = spec_of(card), tmp_path / "copy"
    copy.mkdir()
    for name in ("t.csv", "items.csv"):
        shutil.copyfile(card.with_name(name), copy / name)
    assert inputs_digest(spec, Context(data_folder=copy)) == inputs_digest(spec, Context())
    (copy / "items.csv").write_text((copy / "items.csv").read_text().replace("song 7", "song seven"))
    assert inputs_digest(spec, Context(data_folder=copy)) != inputs_digest(spec, Context())
    with pytest.raises(BadInput, match="nowhere: no such folder"):
        inputs_digest(spec, Context(data_folder=tmp_path / "nowhere"))


def test_changed_vectors_count_where_the_method_looks_at_them(card: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    np.save(card.with_name("v.npy"), vectors)
    card.with_name("ids.txt").write_text("\n".join(map(str, range(30))))
    before = {method: inputs_digest(with_vectors(card, method), Context()) for method in ("alpharec", "most_popular")}
    np.save(card.with_name("v.npy"), -vectors)
    assert inputs_digest(with_vectors(card, "alpharec"), Context()) != before["alpharec"]
    assert inputs_digest(with_vectors(card, "most_popular"), Context()) == before["most_popular"]


def test_downloads_and_generated_data_are_no_files_of_the_users() -> None:
    assert inputs_digest(build_spec({"method": "bifair"}), Context()) == NONE
    assert inputs_digest(build_spec({"method": "most_popular", "dataset": "long-tail"}), Context()) == NONE


def test_a_model_of_the_hub_counts_by_the_copy_on_this_machine(card: Path, hub: Path) -> None:
    copy = hub / "models--somebody--model"
    (snapshot := copy / "snapshots" / "abc").mkdir(parents=True)
    (copy / "refs").mkdir()
    (copy / "refs" / "main").write_text("abc")
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (snapshot / name).write_text(name)
    spec = spec_of(card, method="alpharec", encoder={"name": "somebody/model"})
    before = inputs_digest(spec, Context(offline=True))
    assert inputs_digest(spec, Context(offline=True)) == before
    (snapshot / "model.safetensors").write_text("other weights")
    assert inputs_digest(spec, Context(offline=True)) != before


def test_runs_that_share_their_data_do_not_when_a_file_changes_between_them(card: Path) -> None:
    tracker, table = MemoryTracker(), card.with_name("t.csv")

    def tasks() -> Iterator[Task]:
        yield Task(spec_of(card), "first")
        table.write_text(table.read_text().replace("\n0,", "\n39,", 1))
        yield Task(spec_of(card, method="itemknn"), "second")

    outcomes = list(Here(Context(tracker), "").run(tasks(), on_record=lambda task: None))
    first, second = (tracker.finished(outcome.result.id).tags for outcome in outcomes if outcome.result)
    assert first["inputs"] != second["inputs"]
    assert first["hash.data"] != second["hash.data"]
