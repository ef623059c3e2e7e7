"""A run that is interrupted goes on where it stopped and ends like one that was left in peace."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from harness.base import paths
from harness.runs.carry_out import carry_out
from harness.runs.checkpoint_files import CheckpointFile, all_files, read
from harness.runs.checkpoints import RESUMED_FROM
from harness.runs.context import Context
from harness.runs.kept_trainings import kept_trainings, remove
from harness.runs.observer import Observer
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.spec.reference import reference_of
from harness.spec.run_spec import RunSpec
from harness.track.memory import MemoryTracker
from harness.training.checkpoint import Checkpoint

EPOCHS = 5


class Listener(Observer):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path) -> None:
    paths.choose_home(tmp_path)


@pytest.fixture
def context() -> Context:
    return Context(MemoryTracker(), Listener(), checkpoint_every=1e-9)


def asked(seed: int = 0, **options: object) -> RunSpec:
    return build_spec(
        {
            "method": "mf",
            "dataset": "long-tail",
            "dataset_options": {"n_users": 80, "n_items": 60, "n_groups": 3},
            "training": {"max_epochs": EPOCHS, **options},
            "evaluation": {"ks": [5], "headline_k": 5},
            "seed": seed,
        }
    )


def after(epochs: int, error: type[BaseException] = KeyboardInterrupt) -> Callable[[int, float], None]:
    def stop(number: int, ndcg: float) -> None:
        if number > epochs:
            raise error("enough")

    return stop


def interrupted(spec: RunSpec, context: Context, epochs: int) -> str:
    begun: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        carry_out(spec, context, on_start=begun.append, on_epoch=after(epochs))
    return begun[0]


def timeless(context: Context, run_id: str) -> set[tuple[str, int, float]]:
    assert isinstance(context.tracker, MemoryTracker)
    points = context.tracker.runs[run_id].points
    return {(p.name, p.step, p.value) for p in points if "seconds" not in p.name and "memory" not in p.name}


def said(context: Context) -> str:
    assert isinstance(context.observer, Listener)
    return "\n".join(context.observer.lines)


def test_the_same_command_goes_on_and_every_metric_of_every_epoch_is_the_same(context: Context) -> None:
    whole = run(asked(), replace(context, checkpoint_every=0))
    quiet = replace(context, tracker=MemoryTracker())
    first = interrupted(asked(), quiet, epochs=3)
    (kept,) = kept_trainings()
    found = re.match(r"after epoch (\d), .* MB, run " + first, kept.described)
    assert found
    done = run(asked(), quiet)
    assert timeless(quiet, done.id) == timeless(context, whole.id)
    assert f"training goes on after epoch {found[1]}, where run {first} was interrupted" in said(context)
    assert isinstance(quiet.tracker, MemoryTracker)
    assert quiet.tracker.runs[done.id].tags[RESUMED_FROM] == first
    assert [one.status for one in quiet.tracker.runs.values()] == ["KILLED", "FINISHED"]
    assert list(paths.checkpoints_folder().iterdir()) == [], "what has ended well leaves nothing"


def test_force_begins_anew(context: Context) -> None:
    interrupted(asked(), context, epochs=3)
    done = run(asked(), context, force=True)
    assert "goes on" not in said(context)
    assert isinstance(context.tracker, MemoryTracker)
    assert RESUMED_FROM not in context.tracker.runs[done.id].tags


def test_whether_and_how_often_is_no_part_of_what_a_run_means(context: Context) -> None:
    first = run(asked(), replace(context, checkpoint_every=0))
    assert run(asked(), context).id == first.id


def test_never_writes_none_and_uses_none(context: Context) -> None:
    interrupted(asked(), context, epochs=3)
    (path,) = all_files()
    content = path.read_bytes()
    interrupted(asked(), replace(context, checkpoint_every=0), epochs=4)
    assert path.read_bytes() == content
    assert "goes on" not in said(context)


def test_another_run_does_not_use_it(context: Context) -> None:
    interrupted(asked(), context, epochs=3)
    run(asked(seed=1), context)
    run(asked(patience=4), context)
    assert "goes on" not in said(context)
    assert len(all_files()) == 1


def test_one_of_a_training_that_is_on_record_is_removed(context: Context) -> None:
    interrupted(asked(selection="fair_within:0.5"), context, epochs=3)
    interrupted(asked(seed=1), context, epochs=3)
    left = {path: path.read_bytes() for path in all_files()}
    assert len(left) == 2
    run(asked(selection="fair_within:0.5"), context)
    for path, content in left.items():
        path.write_bytes(content)  # as if the process had died right after it recorded the end
    assert run(asked(selection="fair_within:0.5"), context).reused
    (kept,) = all_files()
    assert kept.name.startswith(asked(seed=1).digest), "the other one is of a training that has not ended"


def test_a_lock_that_nobody_holds_is_removed_with_it(context: Context) -> None:
    """As where a process is killed after its checkpoint's removal; whoever trains the spec elsewhere keeps theirs."""
    run(asked(), context)
    folder = paths.checkpoints_folder()
    left, held = (folder / f"{asked().digest}-{name}.lock" for name in ("0" * 16, "1" * 16))
    left.touch()
    with FileLock(held):
        assert run(asked(), context).reused
        assert [path.name for path in folder.iterdir()] == [held.name]
    assert run(asked(), context).reused
    assert not [*folder.iterdir()]


def test_one_of_the_reference_is_removed_with_it(context: Context) -> None:
    """As where a process is killed after the reference's end: the run that is measured by it finds it on record."""
    interrupted(reference_of(asked(selection="fair_within:0.5")), context, epochs=3)
    kept = {path: path.read_bytes() for path in paths.checkpoints_folder().iterdir()}
    assert kept
    run(reference_of(asked(selection="fair_within:0.5")), context)
    for path, content in kept.items():
        path.write_bytes(content)
    run(asked(selection="fair_within:0.5"), context)
    assert not [*paths.checkpoints_folder().iterdir()]


def test_a_damaged_one_is_said_and_not_used(context: Context) -> None:
    whole = run(asked(), replace(context, tracker=(peace := MemoryTracker())))
    interrupted(asked(), context, epochs=3)
    (path,) = all_files()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    done = run(asked(), context)
    assert f"checkpoint {path} is not used: it is not what was written" in said(context)
    assert timeless(context, done.id) == timeless(replace(context, tracker=peace), whole.id)


def test_one_of_other_code_is_said_and_not_used(context: Context) -> None:
    interrupted(asked(), context, epochs=3)
    (path,) = all_files()
    kept = Checkpoint.decoded(read(path))
    identity = {**kept.about["identity"], "code": "other"}
    other = Checkpoint({**kept.about, "identity": identity}, kept.method, kept.progress)
    CheckpointFile(asked().digest, identity).write(other.encoded())
    path.unlink()
    run(asked(), context)
    assert "is not used: it was made under another code" in said(context)
    assert len(all_files()) == 1, "whoever goes back to the old code finds it"


def test_a_training_that_ends_without_a_result_leaves_none(context: Context) -> None:
    from harness.study.pruning import Pruned

    with pytest.raises(Pruned):
        carry_out(asked(), context, on_epoch=after(3, Pruned))
    assert all_files() == []


def test_a_folder_that_cannot_be_written_costs_the_checkpoints_and_not_the_run(context: Context) -> None:
    paths.checkpoints_folder().write_text("a file is in the way")
    done = run(asked(), context)
    assert done.metrics["epochs"] == EPOCHS
    assert "warning: no checkpoint can be written" in said(context)


def test_they_are_listed_and_removed(context: Context) -> None:
    interrupted(asked(), context, epochs=2)
    interrupted(asked(seed=1), context, epochs=3)
    all_files()[0].write_bytes(b"nothing of the kind")
    found = kept_trainings()
    assert sorted("UNUSABLE" in one.described for one in found) == [False, True]
    assert remove(found) == sum(one.size for one in found)
    assert kept_trainings() == []
