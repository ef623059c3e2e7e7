"""A real HTTP server that can break off, and a data set to fetch from it."""

import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import polars as pl

from harness.domain.card import ArchiveSource, Card, Source
from harness.domain.tables import Tables
from harness.plugins import Dataset

FILES = {"toy/ratings.txt": b"1 2 5\n" * 1000, "toy/items.txt": b"2 Two\n"}


@dataclass
class Site:
    """What a server serves, and what it was asked.

    Attributes:
        pages: bytes to serve by path
        cut: paths that break off half-way; ``once`` takes a path out after its first break
        tags: ETags by path; only these pages answer requests for a range
        asked: paths, in order; ``ranges`` the ranges asked for with them
    """

    url: str
    pages: dict[str, bytes] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    once: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)


def handler(site: Site) -> type[BaseHTTPRequestHandler]:
    """Serves ``site``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            wanted, tag = self.headers["Range"], site.tags.get(self.path)
            site.ranges.append(wanted)
            body = site.pages.get(self.path)
            start = int(wanted[len("bytes=") : -1]) if wanted and tag and self.headers["If-Range"] == tag else 0
            if body is not None and start >= len(body) > 0:
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(404 if body is None else 206 if start else 200)
            rest = (body or b"")[start:]
            self.send_header("Content-Length", str(len(rest)))
            if tag:
                self.send_header("ETag", tag)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body or b'') - 1}/{len(body or b'')}")
            self.end_headers()
            breaks = self.path in site.cut
            self.wfile.write(rest[: len(rest) // 2] if breaks else rest)
            if breaks and site.once:
                site.cut.discard(self.path)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def toy(*sources: Source) -> Dataset:
    class Toy(Dataset):
        name = "toy"
        summary = "for tests"
        card = Card(
            title="Toy data",
            homepage="http://toy.invalid",
            licence="free for all",
            citation="Toy (2025)",
            sources=sources,
            groupings=("genre",),
            default_group="genre",
        )

        def recognises(self, folder: Path) -> bool:
            return (folder / "ratings.txt").is_file() and (folder / "items.txt").is_file()

        def read(self, folder: Path) -> Tables:
            return Tables(pl.DataFrame(), pl.DataFrame(), pl.DataFrame())

    return Toy()


def archive(site: Site, content: bytes, **changes: object) -> ArchiveSource:
    site.pages["/toy.zip"] = content
    options = {"url": f"{site.url}/toy.zip", "sha256": sha256(content), "members": tuple(FILES)} | changes
    return ArchiveSource.model_validate(options)


def leftovers(home: Path) -> list[str]:
    """Everything in the data folder but the lock and unfinished downloads."""
    return sorted(path.name for path in (home / "data").glob("*") if path.suffix not in (".lock", ".downloads"))
