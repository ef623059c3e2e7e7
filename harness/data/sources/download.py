"""One published file over HTTP: mirrors in turn, and an interrupted download goes on where it broke off."""

import errno
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from harness.base.full_disk import DiskFull, disk_full
from harness.base.messages import Say, silent
from harness.base.sealed import write_whole
from harness.base.sharing import share
from harness.domain.card import PLAIN_HTTP, RemoteFile

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 15
READ_SECONDS = 60
ATTEMPTS = 3
"""How often an address is asked again after it broke off."""
CHUNK_BYTES = 2**16
"""What is lost of a download that breaks off is at most this."""


class Unreachable(Exception):
    """A source did not answer; another one may."""


def download(file: RemoteFile, folder: Path, say: Say = silent) -> Path:
    """The file in ``folder``, from its address or the first mirror that answers.

    What an earlier call left there unfinished is continued, where the server confirms that the file is still the same
    (RFC 9110, ``If-Range``); otherwise it starts again. The checksum is the caller's to verify; it is said of a file
    that has none and came over plain http.

    Raises:
        Unreachable: where neither the address nor a mirror answers; what has arrived stays for the next call.
        DiskFull: where the disk has too little space for it.
    """
    path = folder / file.name
    if path.is_file():
        return path
    reasons = []
    for url in file.urls:
        try:
            came_from = _persist(url, path)
        except Unreachable as error:
            reasons.append(f"{url}: {error}" if file.mirrors else str(error))
        else:
            if came_from.startswith(PLAIN_HTTP) and not file.pinned:
                say(
                    f"warning: {came_from} has no published checksum and came over plain http: whoever is on the way "
                    "could have changed it; its SHA-256 is noted now and verified from now on"
                )
            return path
    raise Unreachable("; ".join(reasons))


def _persist(url: str, path: Path) -> str:
    """Ask again after a break, as long as something arrives each time; the address that it came from in the end."""
    import requests

    part = path.with_name(f"{path.name}.part")
    for attempt in range(ATTEMPTS):
        before = _size(part)
        try:
            came_from = _get(url, part)
        except requests.HTTPError as error:
            if error.response.status_code != requests.codes.requested_range_not_satisfiable or not before:
                raise Unreachable(f"HTTP status {error.response.status_code}") from None
            part.unlink()  # it holds more than the file does
        except requests.RequestException as error:
            if attempt == ATTEMPTS - 1 or _size(part) <= before:
                raise Unreachable(_reason(error)) from None
        else:
            part.replace(path)
            _note_of(part).unlink()
            return came_from
    raise Unreachable("it never answers with the whole file")


def _reason(error: Exception) -> str:
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "its TLS certificate is not accepted"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    broken_off = isinstance(error, requests.exceptions.ChunkedEncodingError)
    return "the connection broke off" if broken_off else "no connection"


def _get(url: str, part: Path) -> str:
    """Append to ``part`` what is missing of it, or write it anew; the address that answered, after redirections."""
    import requests

    headers = {"Accept-Encoding": "identity"}  # bytes as they are stored: a range of something re-compressed is nothing
    start, validator = _progress(url, part)
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": validator}
    with requests.get(url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)) as response:
        response.raise_for_status()
        continues = response.status_code == requests.codes.partial
        if continues and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            part.unlink(missing_ok=True)
            raise Unreachable("it answers with another part of the file than the one asked for")
        _check_space(url, response, part)
        validator = response.headers.get("ETag") or response.headers.get("Last-Modified") or ""
        write_whole(_note_of(part), json.dumps({"url": url, "validator": validator}).encode())
        with part.open("ab" if continues else "wb") as sink:
            share(part)
            for chunk in response.iter_content(CHUNK_BYTES):
                sink.write(chunk)
        return str(response.url)


def _progress(url: str, part: Path) -> tuple[int, str]:
    """How many bytes there are already, and what identifies the version they are of; 0 where they cannot be used."""
    try:
        note = json.loads(_note_of(part).read_text(encoding="utf-8"))
        start = part.stat().st_size
        noted, validator = note["url"], str(note["validator"])
    except (OSError, ValueError, KeyError, TypeError):  # of a note that is not what was written
        return 0, ""
    usable = noted == url and validator and not validator.startswith("W/")  # weak tags do not identify bytes
    return (start, validator) if usable else (0, "")


def _check_space(url: str, response: "requests.Response", part: Path) -> None:
    announced, free = int(response.headers.get("Content-Length") or 0), shutil.disk_usage(part.parent).free
    if announced > free:
        full = disk_full(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), part)
        raise DiskFull(f"{url}: {announced:,} bytes are to come: {full}")


def _size(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0


def _note_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")
