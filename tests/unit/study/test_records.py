"""A study's records survive being written and read, whatever they hold."""

from pathlib import Path

import pytest

from harness.base.errors import BadInput
from harness.study.records import FILES, CurvePoint, Record, Records, read_records, write_records
from harness.study.status import Status

RUN = Record(
    "compare", "joint (ERM)", "joint", "best_ndcg", 3,
    point={"encoder.name": "random", "data.ratios": [0.4, 0.3, 0.3]}, params={"config.eta": 1e-3}, run="abc",
    metrics={"test/ndcg_at_20": 0.25, "test/genre/cv_at_20": float("nan")}, tags={"hash.data": "1"}, spec={"seed": 3},
)  # fmt: skip
FAILED = Record("trial", "mf", "mf", "best_ndcg", 0, number=2, failure="diverged")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    curves = (CurvePoint("abc", "epoch/ndcg_at_20", 1, 0.1), CurvePoint("abc", "epoch/ndcg_at_20", 2, 0.2))
    records = Records("main", "default", {"methods": ["mf"]}, (RUN, FAILED), curves, "parent")
    write_records(records, tmp_path / "new")
    found = read_records(tmp_path / "new")
    assert repr(found) == repr(records), "repr, as NaN is not equal to itself"
    assert [record.finished for record in found.runs] == [True, False]


def test_no_run_and_no_curve(tmp_path: Path) -> None:
    write_records(empty := Records("main", "smoke", {}, ()), tmp_path)
    assert read_records(tmp_path) == empty


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"study\.json is missing"):
        read_records(tmp_path)
    write_records(Records("main", "smoke", {}, ()), tmp_path)
    (tmp_path / "runs.parquet").write_bytes(b"no table")
    with pytest.raises(BadInput, match="does not hold a study's records"):
        read_records(tmp_path)


@pytest.mark.parametrize(
    ("failure", "tags", "status", "finished", "qualifies", "settled"),
    [
        ("", {}, Status.FINISHED, True, True, True),
        ("", {"none_qualifies": "no epoch reaches it"}, Status.UNQUALIFIED, True, False, True),
        ("none qualifies: no epoch of any trial is accurate enough", {}, Status.NONE_QUALIFIES, False, False, True),
        ("none_qualifies: as tags have it", {}, Status.NONE_QUALIFIES, False, False, True),
        ("pruned after epoch 12: its best validation NDCG is …", {}, Status.PRUNED, False, True, True),
        ("a score is NaN", {}, Status.FAILED, False, True, False),
    ],
)
def test_what_became_of_a_run(
    failure: str, tags: dict[str, str], status: Status, finished: bool, qualifies: bool, settled: bool
) -> None:
    record = Record("compare", "bifair", "bifair", "fair_within:0.1", 0, failure=failure, tags=tags)
    assert record.status is status
    assert (record.finished, record.qualifies, record.settled) == (finished, qualifies, settled)


def test_committed_records_have_the_statuses_that_their_texts_tell() -> None:
    runs = read_records(Path(__file__).parents[3] / "results" / "main-default").runs
    assert {run.status for run in runs} == {Status.FINISHED, Status.UNQUALIFIED, Status.NONE_QUALIFIES}
    assert all(bool(run.run) == run.finished for run in runs)


@pytest.mark.parametrize("name", FILES)
def test_a_byte_that_has_changed_is_noticed_and_folders_without_checksums_are_read(name: str, tmp_path: Path) -> None:
    records = Records("main", "smoke", {"summary": "x"}, ())
    write_records(records, tmp_path)
    assert read_records(tmp_path) == records
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:])
    with pytest.raises(BadInput, match=rf"{name} is damaged, as SHA256SUMS"):
        read_records(tmp_path)
    (tmp_path / name).write_bytes(content)
    (tmp_path / "SHA256SUMS").unlink()
    assert read_records(tmp_path) == records
