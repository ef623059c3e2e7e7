"""The filtered corpus and its split, computed once: found again by a hash of everything that they depend on."""

import hashlib
import inspect
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from harness.base import paths
from harness.base.hashes import named_hashes
from harness.base.layout import PACKAGE, beside
from harness.base.messages import Say, silent
from harness.base.sealed import read_cached, write_cached
from harness.base.trees import digest_of
from harness.data.build_corpus import build_corpus
from harness.data.corpus import Corpus
from harness.data.split import divided, parts_of
from harness.domain.interactions import Split
from harness.plugins import Dataset
from harness.plugins.source_code import foreign_sources
from harness.spec.options import DataOptions

OF_THE_CORPUS = {"min_rating", "core"}
OF_THE_SPLIT = {"split", "ratios"}
"""Options that decide each; the text template decides neither."""

A_YEAR = 366 * 86400
"""Seconds."""

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Prepared:
    """A data set, filtered and divided; ``cached`` tells whether both came from the cache."""

    corpus: Corpus
    split: Split
    cached: bool


def prepared(dataset: Dataset, folder: Path, options: DataOptions, seed: int, say: Say = silent) -> Prepared:
    """Filter and divide ``dataset``'s files in ``folder``, or find that this has been done.

    Args:
        seed: of the split
        say: is told when a cached file is damaged (it is made again) or cannot be written

    Raises:
        BadInput: for whatever the reader, the filters or the split refuse.
    """
    made_of = dataset.name, dataset.config.model_dump(mode="json"), named_hashes(dataset.files(folder), folder)
    how = options.model_dump(mode="json", include=OF_THE_CORPUS)
    key = digest_of([_version(type(dataset)), *made_of, how])
    folder_of_cache = paths.cache_folder() / "prepared"
    corpus_file = folder_of_cache / f"{dataset.key}-{key}.corpus.npz"
    split_key = digest_of([options.model_dump(mode="json", include=OF_THE_SPLIT), seed])
    split_file = folder_of_cache / f"{dataset.key}-{key}-{split_key}.split.npz"

    arrays = _load(corpus_file, say)
    if arrays is None:
        named_hashes(dataset.files(folder), folder, again=True)  # they are read: what was noted of them must be true
    corpus = build_corpus(dataset.read(folder), options) if arrays is None else _corpus(arrays)
    if arrays is None:
        _store(corpus_file, _arrays(corpus), say)
    found = _load(split_file, say)
    parts = parts_of(corpus, options, seed) if found is None else found["parts"]
    if found is None:
        _store(split_file, {"parts": parts}, say)
    for note in corpus.notes:
        say(note)
    _say_how_divided(corpus, options, say)
    _say_odd_times(corpus, options, say)
    return Prepared(corpus, divided(corpus, parts), arrays is not None and found is not None)


def _say_how_divided(corpus: Corpus, options: DataOptions, say: Say) -> None:
    """What people should know of data that come divided."""
    if corpus.given is None:
        return
    if options.split != "given":
        say("the data come divided; they are pooled and divided again (--set data.split=given keeps their own parts)")
        return
    filtered = (f"interactions: {why}" for why in ("rating too low", "outside the core"))
    if lost := sum(corpus.counts.get(why, 0) for why in filtered):
        say(
            f"warning: the filters leave {lost:,} interactions out of the given parts: "
            "--set data.core=1 --set data.min_rating=null keeps them whole"
        )


def _say_odd_times(corpus: Corpus, options: DataOptions, say: Say) -> None:
    """Times within a year of 1970 are hardly any: a mere order, or a date that was taken for a number."""
    if options.split != "temporal" or corpus.order is None or np.abs(corpus.order).max() > A_YEAR:
        return
    say(
        f"warning: all times are {corpus.order.min():,} to {corpus.order.max():,} seconds after 1970 began, and all "
        "users are divided by them together: if they are places in each user's own history, say columns.position and "
        "data.split=leave_one_out; if they are dates such as 20240301, time_unit = 'iso'"
    )


def _arrays(corpus: Corpus) -> Arrays:
    """The corpus as arrays alone: tables as Arrow files, everything else as numbers and JSON."""
    pairs = np.stack([corpus.user_indices, corpus.item_indices])
    narrow = pairs.astype(np.int32) if max(corpus.n_users, corpus.n_items) < 2**31 else pairs
    rest = {"digest": corpus.digest, "counts": corpus.counts, "order_is_time": corpus.order_is_time}
    rest["notes"] = corpus.notes
    arrays: Arrays = {
        "users": _table_bytes(corpus.users),
        "items": _table_bytes(corpus.items),
        "pairs": narrow,
        "rest": np.frombuffer(json.dumps(rest).encode(), dtype=np.uint8),
    }
    known = {"order": corpus.order, "given": corpus.given}
    return arrays | {name: values for name, values in known.items() if values is not None}


def _corpus(arrays: Arrays) -> Corpus:
    users, items = (pl.read_ipc(arrays[name].tobytes()) for name in ("users", "items"))
    pairs = arrays["pairs"].astype(np.int64)
    rest = json.loads(arrays["rest"].tobytes())
    rest["notes"] = tuple(rest["notes"])
    return Corpus(users, items, pairs[0], pairs[1], order=arrays.get("order"), given=arrays.get("given"), **rest)


def _table_bytes(table: pl.DataFrame) -> npt.NDArray[np.uint8]:
    buffer = io.BytesIO()
    table.write_ipc(buffer)
    return np.frombuffer(buffer.getvalue(), dtype=np.uint8)


def _load(path: Path, say: Say) -> Arrays | None:
    """The arrays in ``path``; None where there is no such file, or not what was written."""
    content = read_cached(path, say)
    if content is None:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return dict(file)


def _store(path: Path, arrays: Arrays, say: Say) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]  # numpy's stub takes the names for its own options
    write_cached(path, buffer.getvalue(), say, "the prepared data")


@cache
def _version(kind: type[Dataset]) -> str:
    """A hash of all code that turns files into a corpus and a split, and of the libraries below it."""
    hasher = hashlib.blake2b(f"polars {pl.__version__} numpy {np.__version__}".encode(), digest_size=16)
    own = (path for folder in ("base", "domain", "data") for path in (PACKAGE / folder).rglob("*.py"))
    for path in sorted({*own, *_code_of(kind)}):
        hasher.update(path.read_bytes())
    for name, content in sorted(foreign_sources(kind).values()):
        hasher.update(f"{name}\0{content}\0".encode())
    return hasher.hexdigest()


def _code_of(kind: type[Dataset]) -> Iterable[Path]:
    """The file of each class that ``kind`` is made of, and its neighbours where they are this project's data sets."""
    project = [PACKAGE / "datasets", *(Path(folder) for folder in beside("datasets"))]
    for base in kind.__mro__:
        source = inspect.getsourcefile(base) if issubclass(base, Dataset) else None
        if source is not None:
            path = Path(source).resolve()
            yield from path.parent.glob("*.py") if path.parent in project else [path]
