"""A journal's lines: what was written comes back, and nothing else is taken for it."""

import sys
from io import FileIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.base.errors import Unavailable
from harness.track.journal.checked_lines import read_lines, write_line

ENTRIES = [{"metrics": [["loss", 0.1 + step, step, 1]]} for step in range(4)] + [{"tags": {"name": "Zoë\n"}}]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lines") / "lines"
    with FileIO(path, "wb") as stream:
        for number, entry in enumerate(ENTRIES):
            write_line(stream, number, entry)
    return path


def test_they_come_back(file: Path) -> None:
    assert read_lines(file) == ENTRIES


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_changed_bit_is_noticed_or_cuts_off_the_last_line(file: Path, at: int, bit: int) -> None:
    content = bytearray(file.read_bytes())
    content[at % len(content)] ^= 1 << bit
    changed = file.with_name("changed")
    changed.write_bytes(content)
    if at % len(content) == len(content) - 1:  # the end of the last line: a half line, as a killed process leaves
        assert read_lines(changed) == ENTRIES[:-1]
        return
    with pytest.raises(Unavailable, match="damaged in line"):
        read_lines(changed)


@given(size=st.integers(0, 10_000))
def test_a_file_that_was_cut_gives_the_lines_before(file: Path, size: int) -> None:
    content = file.read_bytes()
    cut = file.with_name("cut")
    cut.write_bytes(content[: size % len(content)])
    found = read_lines(cut)
    assert found == ENTRIES[: len(found)]
    assert len(found) < len(ENTRIES)


@pytest.mark.parametrize("gone", range(4))
def test_a_line_that_is_missing_is_noticed(file: Path, gone: int) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    without = file.with_name("without")
    without.write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))
    with pytest.raises(Unavailable, match=f"damaged in line {gone + 1}"):
        read_lines(without)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits on files")
def test_what_does_not_fit_leaves_nothing_of_it_behind(tmp_path: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with FileIO(tmp_path / "lines", "ab") as stream:
        write_line(stream, 0, ENTRIES[0])
        resource.setrlimit(resource.RLIMIT_FSIZE, (stream.tell() + 20, before[1]))
        try:
            with pytest.raises(OSError, match=r"No space left|File too large"):
                write_line(stream, 1, ENTRIES[1])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert read_lines(tmp_path / "lines") == ENTRIES[:1]
        write_line(stream, 1, ENTRIES[1])
    assert read_lines(tmp_path / "lines") == ENTRIES[:2]
