"""Whether a folder can be made is found out without a trace, also for those who are making it at that moment."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from harness.base.errors import BadInput
from harness.base.sharing import make_folder
from harness.base.writable import check_makable, require_folder

TIMES = 500


def test_those_who_make_the_folder_meanwhile_are_not_disturbed(tmp_path: Path) -> None:
    folders, made = [tmp_path / str(n) / "store" for n in range(TIMES)], Event()

    def ask() -> None:
        while not made.is_set():
            for folder in folders:
                if not folder.exists():
                    check_makable(folder)
                    break

    with ThreadPoolExecutor() as others:
        asking = others.submit(ask)
        try:
            for folder in folders:
                make_folder(folder)
                (folder / "file").touch()
        finally:
            made.set()
        asking.result()


def test_nothing_is_left(tmp_path: Path) -> None:
    check_makable(tmp_path / "home" / "store")
    check_makable(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["file", "file/below", "dangling", "dangling/below", "x" * 300])
def test_what_cannot_be_a_folder_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="cannot be written"):
        require_folder(tmp_path / place)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling", "file"]
