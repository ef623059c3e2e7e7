"""New files and folders: the umask's, and in a folder that is shared on purpose its group's."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.base.sealed import write_whole
from harness.base.sharing import PRIVATE, lock, make_file, make_folder, share_all

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no modes")


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.fixture(params=[(0o755, 0o640, 0o750, 0o600), (0o2775, 0o660, 0o2770, 0o660), (0o777, 0o666, 0o2777, 0o666)])
def modes(request: pytest.FixtureRequest) -> tuple[int, int, int, int]:
    """Of a folder, and of files, folders and databases that are made in it."""
    return request.param


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_made_in_a_folder(tmp_path: Path, modes: tuple[int, int, int, int]) -> None:
    outer, file, folder, database = modes
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(outer)
    write_whole(home / "new/below/file", b"x")
    make_file(home / "new/database", PRIVATE)
    with lock(home / "new/lock"):
        pass
    assert mode_of(home / "new/below/file") == file
    assert mode_of(home / "new") == mode_of(home / "new/below") == folder
    assert mode_of(home / "new/database") == database
    assert mode_of(home / "new/lock") & 0o666 == file


def test_a_folder_like_tmp_is_not_shared(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    make_file(tmp_path / "database", PRIVATE)
    make_folder(tmp_path / "home")
    assert mode_of(tmp_path / "database") == 0o600
    assert mode_of(tmp_path / "home") == 0o750


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    for name, mode in {"file": 0o604, "folder": 0o701}.items():
        (tmp_path / name).mkdir() if name == "folder" else (tmp_path / name).write_text("kept")
        (tmp_path / name).chmod(mode)
    make_file(tmp_path / "file", PRIVATE)
    make_folder(tmp_path / "folder")
    assert (tmp_path / "file").read_text() == "kept"
    assert mode_of(tmp_path / "file") == 0o604
    assert mode_of(tmp_path / "folder") == 0o701


def test_what_is_moved_into_a_shared_folder(tmp_path: Path) -> None:
    shared, made = tmp_path / "shared", tmp_path / "made"
    shared.mkdir()
    shared.chmod(0o2775)
    (made / "below").mkdir(parents=True)
    (made / "below/file").write_text("x")
    share_all(made, shared)
    assert mode_of(made) == 0o2775
    assert mode_of(made / "below") == 0o2770
    assert mode_of(made / "below/file") == 0o660


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a folder to another group")
def test_the_group_is_the_folders(tmp_path: Path) -> None:
    os.chown(tmp_path, -1, 3000)
    tmp_path.chmod(0o775)  # without the bit by which the system itself would do it
    write_whole(tmp_path / "new/file", b"x")
    assert [path.stat().st_gid for path in sorted(tmp_path.rglob("*"))] == [3000, 3000]
