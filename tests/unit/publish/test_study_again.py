"""A study's records, found again in the store."""

from pathlib import Path

import pytest

from harness.base.errors import BadInput
from harness.publish.report_again import records_of
from harness.study.records import Records, write_records
from harness.study.study_run import BUDGET_TAG, RECORDS_FOLDER, STUDY_TAG
from harness.track.memory import MemoryTracker


@pytest.fixture
def store() -> MemoryTracker:
    return MemoryTracker()


def study(store: MemoryTracker, folder: Path, *, budget: str = "smoke", ended: bool = True) -> str:
    run = store.start("study main", {}, {STUDY_TAG: "main", BUDGET_TAG: budget})
    if ended:
        write_records(Records("main", budget, {}, (), parent=run.id), folder / run.id)
        run.log_artifacts(folder / run.id, RECORDS_FOLDER)
        run.end("FINISHED")
    return run.id


def test_an_attempt_that_has_not_ended_hides_no_study_that_has(store: MemoryTracker, tmp_path: Path) -> None:
    study(store, tmp_path, budget="full")
    wanted = study(store, tmp_path)
    study(store, tmp_path, ended=False)
    assert records_of("main", opened=lambda: store)[0].parent == wanted
    assert records_of("main", "smoke", lambda: store)[0].parent == wanted
    assert records_of("main", "full", lambda: store)[0].parent != wanted


def test_where_none_has_ended_the_one_to_go_on_with_is_named(store: MemoryTracker, tmp_path: Path) -> None:
    begun = study(store, tmp_path, ended=False)
    with pytest.raises(BadInput, match=rf"'main', budget smoke \(run {begun}\) has not come to its end"):
        records_of("main", opened=lambda: store)


def test_a_study_that_nobody_ran(store: MemoryTracker) -> None:
    with pytest.raises(BadInput, match="run it first: harness run --study main"):
        records_of("main", opened=lambda: store)
