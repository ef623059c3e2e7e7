"""Text files, gzipped or not, in blocks of whole lines: memory depends on the block, never on the file."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from harness.base.errors import BadInput

BLOCK_BYTES = 2**24
LONGEST_LINE = 2**26
"""Bytes: a line that is longer belongs to no published format, and may be a decompression bomb."""

BYTE_ORDER_MARK = "\ufeff"
_GZIP = b"\x1f\x8b"
_AS_CSV = "save it as CSV, a file per sheet (in Excel: File, Save As, 'CSV UTF-8')"
_NO_TEXT = {
    b"PK\x03\x04": "is a zip file: unpack it",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": f"is an Excel workbook: {_AS_CSV}",
    b"PAR1": "is a parquet file: say so (in a card: format = 'parquet')",
    b"BZh": "is compressed by bzip2: unpack it, or compress it by gzip",
    b"\xfd7zXZ\x00": "is compressed by xz: unpack it, or compress it by gzip",
    b"\x28\xb5\x2f\xfd": "is compressed by zstd: unpack it, or compress it by gzip",
    b"7z\xbc\xaf\x27\x1c": "is a 7-Zip archive: unpack it",
    b"SQLite format 3\x00": "is an SQLite database: export its table as CSV",
}
"""What files that are no text begin with."""
LONGEST_SIGNATURE = max(map(len, _NO_TEXT))
_WORKBOOKS = (".xlsx", ".xlsm", ".ods")


def blocks(path: Path, size: int = BLOCK_BYTES, longest: int = LONGEST_LINE) -> Iterator[bytes]:
    """The file's lines, many at a time: each block ends with a line's end (the last one with the file's).

    Whether it is gzipped is told by its first bytes, whatever its name.

    Args:
        size: bytes of text that are read at a time
        longest: bytes of a line that are read before it is refused

    Raises:
        BadInput: where the file is missing, is damaged or has an endless line.
    """
    with _opened(path) as file:
        rest = b""
        while chunk := file.read(size):
            whole, newline, tail = chunk.rpartition(b"\n")
            if newline:
                yield rest + whole + newline
                rest = tail
            else:
                rest += tail
            if len(rest) > longest:
                raise BadInput(f"{path}: a line of more than {longest / 2**20:.0f} MiB: this is no table of text")
        if rest:
            yield rest


def read_text(path: Path, encoding: str) -> str:
    """All of it as text, without a byte order mark.

    Raises:
        BadInput: where the file is missing, damaged or not text in ``encoding``.
    """
    return decoded(b"".join(blocks(path)), path, encoding).removeprefix(BYTE_ORDER_MARK)


def decoded(block: bytes, path: Path, encoding: str) -> str:
    """A block of the file as text; BadInput where it is none in ``encoding``."""
    try:
        return block.decode(encoding)
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not a text file in {encoding}: say which encoding, such as latin-1") from None


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file as plain bytes, its errors as one line."""
    try:
        with path.open("rb") as raw:
            first = raw.read(LONGEST_SIGNATURE)
            raw.seek(0)
            gzipped = first.startswith(_GZIP)
            _refuse_other_formats(path, first)
            if gzipped:
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield unpacked  # type: ignore[misc]
            else:
                yield raw
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise BadInput(f"{path}: the gzip file is damaged or incomplete: remove it and fetch it again") from None
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from None


def _refuse_other_formats(path: Path, first: bytes) -> None:
    """Raise BadInput, with the remedy, for a file that begins like something else than text."""
    for signature, what in _NO_TEXT.items():
        if first.startswith(signature):
            book = path.suffix.lower() in _WORKBOOKS
            raise BadInput(f"{path}: {f'is a workbook of a spreadsheet: {_AS_CSV}' if book else what}")
