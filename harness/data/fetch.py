"""Finds a data set's files: a folder the user names, the cache, else a published source into the cache."""

import json
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from harness import paths
from harness.data.download import Source, Unreachable, download, extract, name_of
from harness.errors import BadInput, Unavailable
from harness.protocols import Dataset

LOCK_SECONDS = 1800


def _silent(_: str) -> None:
    pass


def locate(
    dataset: Dataset, folder: Path | None = None, offline: bool = False, say: Callable[[str], None] = _silent
) -> Path:
    """The folder that holds ``dataset``'s files.

    Args:
        folder: use this one; nothing is downloaded
        offline: never ask the network
        say: is told, line by line, what is fetched, and once its licence and citation

    Raises:
        BadInput: where ``folder`` does not hold the files; it names those missing.
        Unavailable: where no source answers, a checksum is wrong or the cache cannot be written. The cache then is
            as it was before.
    """
    if dataset.generated:
        if folder is not None:
            raise BadInput(f"{dataset.name} is generated and reads no files: leave --data out")
        return paths.data_folder() / dataset.key
    if folder is not None:
        return _named(dataset, folder.expanduser())
    if (own := dataset.lies_in()) is not None:
        return _named(dataset, own)
    cached = paths.data_folder() / dataset.key
    if dataset.recognises(cached):
        return cached
    if offline:
        raise Unavailable(f"{dataset.name} is not in the cache and this run is offline: {_by_hand(dataset, cached)}")
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(cached.parent / f"{dataset.key}.lock", timeout=LOCK_SECONDS):
            if not dataset.recognises(cached):
                _fill(dataset, cached, say)
    except Timeout:
        raise Unavailable(f"another process has been fetching {dataset.name} for {LOCK_SECONDS} s; try again") from None
    except OSError as error:
        where = f"{error.strerror or error} ({error.filename or cached.parent})"
        raise Unavailable(
            f"{dataset.name} cannot be stored: {where}; choose another folder with {paths.HOME_VARIABLE}"
        ) from None
    return cached


def _named(dataset: Dataset, folder: Path) -> Path:
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such folder")
    if dataset.recognises(folder):
        return folder
    layouts = [[PurePosixPath(member).name for member in source.members] for source in dataset.card.sources]
    missing = [[name for name in layout if not (folder / name).is_file()] for layout in layouts if layout]
    declared = [path.name for path in dataset.files(folder) if not path.is_file()]
    closest = min(missing, key=len, default=declared)
    raise BadInput(f"{folder} does not hold {dataset.name}: missing {', '.join(closest) or 'its files'}")


def _fill(dataset: Dataset, cached: Path, say: Callable[[str], None]) -> None:
    """Fill the cache from the first source that answers, all or nothing. The caller holds the lock."""
    prefix = f".{dataset.key}-"
    for abandoned in cached.parent.glob(f"{prefix}*"):  # by a process that was killed: the lock is ours
        shutil.rmtree(abandoned, ignore_errors=True)
    reasons = []
    for source in dataset.card.sources:
        say(f"fetching {dataset.card.title} from {name_of(source)}")
        with tempfile.TemporaryDirectory(prefix=prefix, dir=cached.parent, ignore_cleanup_errors=True) as scratch:
            try:
                archive = download(source, _new(Path(scratch) / "download"))
            except Unreachable as error:
                reasons.append(f"{name_of(source)}: {error}")
                say(f"not reachable: {reasons[-1]}")
                continue
            filled = _new(Path(scratch) / "files")
            extract(archive, source.members, filled)
            if not dataset.recognises(filled):
                raise Unavailable(f"{name_of(source)}: its checksum is right, but its files are not {dataset.name}'s")
            _note(source, filled)
            _install(filled, cached, say)
        say(f"licence of {dataset.card.title}: {dataset.card.licence}")
        say(f"please cite: {dataset.card.citation}")
        return
    tried = "; ".join(reasons) or "it declares none"
    raise Unavailable(f"{dataset.name}: no source can be reached ({tried}): {_by_hand(dataset, cached)}")


def _install(filled: Path, cached: Path, say: Callable[[str], None]) -> None:
    """Rename the filled folder to its place; whatever incomplete folder stood there is kept beside it."""
    if cached.exists():
        aside = Path(tempfile.mkdtemp(prefix=f"{cached.name}.incomplete-", dir=cached.parent))
        cached.replace(aside / cached.name)
        say(f"an incomplete {cached} was moved to {aside}")
    filled.replace(cached)


def _note(source: Source, folder: Path) -> None:
    """Write where the files came from."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    record = {"source": name_of(source), "sha256": source.sha256, "date": now}
    (folder / "source.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _by_hand(dataset: Dataset, cached: Path) -> str:
    """What the user can do without a network."""
    if not dataset.card.sources:
        return f"see {dataset.card.homepage}"
    source = dataset.card.sources[0]
    names = ", ".join(PurePosixPath(member).name for member in source.members) or "its files"
    return f"download {name_of(source)} elsewhere and put {names} into {cached}"
