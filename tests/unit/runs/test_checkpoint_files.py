"""Checkpoints' files are whole or refused, and take a bounded room together."""

import os
from pathlib import Path

import pytest

from harness.base import paths
from harness.runs.checkpoint_files import CheckpointFile, Damaged, all_files, make_room


@pytest.fixture(autouse=True)
def _home(tmp_path: Path) -> None:
    paths.choose_home(tmp_path)


def written(spec: str, size: int, at: float) -> CheckpointFile:
    file = CheckpointFile(spec, {"code": "c"})
    file.write(b"x" * size)
    os.utime(file.path, (at, at))
    return file


def test_a_flipped_or_missing_byte_is_noticed_wherever_it_is() -> None:
    file = written("s", 40, 1.0)
    assert file.read() == b"x" * 40
    whole = file.path.read_bytes()
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1
        for content in (bytes(flipped), whole[:place]):
            file.path.write_bytes(content)
            with pytest.raises(Damaged):
                file.read()


def test_what_cannot_be_read_is_damaged_and_what_is_not_there_is_not() -> None:
    file = CheckpointFile("s", {})
    assert file.read() is None
    file.path.mkdir(parents=True)
    with pytest.raises(Damaged):
        file.read()


def test_other_code_has_a_file_of_its_own() -> None:
    mine, other = (CheckpointFile("s", {"code": code}) for code in "ab")
    mine.write(b"1")
    other.write(b"2")
    assert (mine.read(), mine.others) == (b"1", [other.path])


def test_the_oldest_go_beyond_the_total_and_the_newest_is_never_among_them() -> None:
    files = [written(name, 100, at) for at, name in enumerate("abcd", 1)]
    make_room(files[0].path, largest_total=300)
    assert [file.path.exists() for file in files] == [True, False, False, True]
    make_room(files[0].path, largest_total=1)
    assert all_files() == [files[0].path]


def test_what_a_killed_process_left_half_written_goes_when_it_is_old() -> None:
    file = written("s", 1, 1.0)
    old, new = (file.path.parent / name for name in (".s-old", ".s-new"))
    old.touch()
    new.touch()
    os.utime(old, (1.0, 1.0))
    file.write(b"y")
    assert (old.exists(), new.exists()) == (False, True)
