"""A full disk is recognised in whatever a library makes of it, and nothing else is taken for one."""

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from harness.base.errors import BadInput, HarnessError
from harness.base.full_disk import DiskFull, disk_full
from harness.base.sealed import together, write_whole
from harness.base.writable import written_into

LIMITED = """
import resource, signal, sys
from harness.cli.app import main
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
sys.exit(main())
"""


def os_error(number: int, *names: str) -> OSError:
    return OSError(number, os.strerror(number), *names)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, r"no room for /proc/x on the file system /proc, where \d+ bytes are free: free some"),
        (errno.EDQUOT, "no room for /proc/x on the file system /proc, where the quota is used up: free some"),
        (errno.EROFS, "/proc/x cannot be written: /proc is mounted read-only"),
        (
            errno.EFBIG,
            r"/proc/x cannot be written: it would be larger than the system lets a file be \(see ulimit -f\)",
        ),
    ],
)
@pytest.mark.skipif(not Path("/proc").is_mount(), reason="there is no /proc")
def test_kinds(number: int, words: str) -> None:
    found = disk_full(os_error(number, "/proc/x"))
    assert isinstance(found, DiskFull)
    assert found.exit_code == 1
    with pytest.raises(DiskFull, match=words):
        raise found


def test_errors_that_others_have_made_of_it(tmp_path: Path) -> None:
    inner = os_error(errno.ENOSPC, str(tmp_path / "x"))
    hidden, chained = ValueError("hidden"), RuntimeError("chained")
    hidden.__context__, hidden.__suppress_context__ = inner, True
    chained.__cause__ = hidden
    wrapped = RuntimeError("wrapped")
    wrapped.orig = chained  # type: ignore[attr-defined]
    for error in (inner, hidden, chained, wrapped):
        assert f"no room for {tmp_path / 'x'} on" in str(disk_full(error))
    of_copying = shutil.Error([("a", str(tmp_path / "b"), "[Errno 28] No space left on device: 'a' -> 'b'")])
    assert f"no room for {tmp_path / 'b'} on" in str(disk_full(of_copying))
    assert "no room for /here on" in str(disk_full(OSError("No space left on device (os error 28)"), Path("/here")))


def test_what_is_none(tmp_path: Path) -> None:
    for error in (
        os_error(errno.EACCES, "x"),
        BadInput("No space left on device"),
        RuntimeError("a server said: (sqlite3.OperationalError) database or disk is full"),
        sqlite3.OperationalError("database is locked"),
    ):
        assert disk_full(error, tmp_path) is None


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    write_whole(tmp_path / "old", b"old")

    def fail() -> None:
        with together() as new:
            new(tmp_path / "old").write_text("new")
            new(tmp_path / "below/other").write_text("new")
            raise HarnessError("half-way")

    with pytest.raises(HarnessError, match="half-way"):
        fail()
    assert (tmp_path / "old").read_bytes() == b"old"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["old"]


def test_a_folder_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(BadInput, match=f"{tmp_path / 'file/below'} cannot be written: Not a directory"),
        written_into(tmp_path / "file/below"),
    ):
        write_whole(tmp_path / "file/below/new", b"x")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits")
def test_under_a_limit_of_the_size_of_files(tmp_path: Path) -> None:
    """As ``ulimit -f`` sets it: the system refuses each larger file; nobody has to be root to see that."""
    arguments = ["data", "export", "long-tail", str(tmp_path / "new"), "--home", str(tmp_path / "home")]
    sizes = ["--set=dataset_options.n_users=2000", "--set=dataset_options.n_items=500"]
    done = subprocess.run(
        [sys.executable, "-P", "-c", LIMITED, *arguments, *sizes], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "the prepared data are not cached: " in done.stdout
    (line,) = done.stderr.splitlines()
    assert line == (
        f"error: {tmp_path}/new/interactions.parquet cannot be written: it would be larger than the system lets a file "
        "be (see ulimit -f)"
    )
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"] == []
