"""A file of numbered lines with checksums: what was cut or changed in it is noticed, a half line at its end is none."""

import errno
import hashlib
import json
import os
from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from typing import Any

from harness.base.errors import Unavailable

Entry = dict[str, Any]


def write_line(stream: FileIO, number: int, entry: Mapping[str, Any]) -> None:
    """Append ``entry`` as line ``number`` (from 0); it is with the operating system when this returns.

    Raises:
        OSError: where it cannot be written; nothing of it is then.
    """
    line, before = line_of(number, entry), stream.seek(0, os.SEEK_END)
    try:
        if stream.write(line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError:
        stream.truncate(before)
        raise


def line_of(number: int, entry: Mapping[str, Any]) -> bytes:
    """``entry`` as line ``number``."""
    text = json.dumps(entry, ensure_ascii=False, default=str)
    return f"{number} {_sum(number, text)} {text}\n".encode()


def whole_lines(file: Path) -> tuple[list[bytes], int]:
    """The lines that were written to their end, and how many bytes they take."""
    content = file.read_bytes()
    size = content.rfind(b"\n") + 1
    return content[:size].split(b"\n")[:-1], size


def read_lines(file: Path) -> list[Entry]:
    """All entries.

    Raises:
        Unavailable: where a line is not what was written, or one is missing.
    """
    entries = []
    for number, line in enumerate(whole_lines(file)[0]):
        try:
            found, digest, text = line.decode().split(" ", 2)
            intact = found == str(number) and digest == _sum(number, text)
        except ValueError:  # UnicodeDecodeError is one
            intact = False
        if not intact:
            raise Unavailable(f"journal {file} is damaged in line {number + 1}: what follows it is not used")
        entries.append(json.loads(text))
    return entries


def _sum(number: int, text: str) -> str:
    return hashlib.blake2b(f"{number} {text}".encode(), digest_size=8).hexdigest()
