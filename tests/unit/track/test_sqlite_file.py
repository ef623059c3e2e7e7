"""A local store that is gone, empty or damaged is said, and nothing is put in its place."""

from pathlib import Path

import pytest

from harness.base.errors import Unavailable
from harness.track import open_tracker


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The database of a store with many runs' values."""
    file = tmp_path_factory.mktemp("store") / "mlflow.db"
    with open_tracker(f"sqlite:///{file}").start("a", {}, {}) as run:
        for step in range(1, 41):
            run.log_metrics({f"group/{g}": float(g) for g in range(100)}, step)
    return file.read_bytes()


@pytest.fixture
def file(tmp_path: Path, store: bytes) -> Path:
    """A database beside files of one of its runs."""
    kept = tmp_path / "artifacts" / ("0" * 32) / "artifacts"
    kept.mkdir(parents=True)
    (kept / "spec.json").write_text("{}")
    (tmp_path / "mlflow.db").write_bytes(store)
    return tmp_path / "mlflow.db"


@pytest.mark.parametrize(("how", "said"), [("deleted", "is not there any more"), ("empty", "is empty")])
def test_a_database_that_has_gone_from_beside_its_artifacts(file: Path, how: str, said: str) -> None:
    if how == "deleted":
        file.unlink()
    else:
        file.write_bytes(b"")
    before = sorted(file.parent.rglob("*"))
    with pytest.raises(Unavailable, match=rf"mlflow.db {said}, but .*artifacts has files of 1 run: put the database"):
        open_tracker(f"sqlite:///{file}")
    assert sorted(file.parent.rglob("*")) == before


def test_artifacts_that_may_be_another_databases_are_no_sign(file: Path) -> None:
    assert open_tracker(f"sqlite:///{file.with_name('second.db')}").find({}) is None


def test_moving_the_artifacts_away_begins_anew(file: Path) -> None:
    file.unlink()
    (file.parent / "artifacts").rename(file.parent / "old")
    assert open_tracker(f"sqlite:///{file}").find({}) is None


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75, 0.95])
def test_a_database_that_was_cut_or_overwritten_somewhere(file: Path, store: bytes, share: float) -> None:
    at = int(len(store) * share) // 4096 * 4096
    for content in (store[:at], store[:at] + b"\xa5" * 8192 + store[at + 8192 :]):
        file.write_bytes(content)
        with pytest.raises(Unavailable, match=r"damaged|malformed|not usable"):
            open_tracker(f"sqlite:///{file}")
        assert file.read_bytes() == content
