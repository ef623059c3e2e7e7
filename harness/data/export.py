"""A prepared data set as files, for whoever works with other tools or encodes texts on another machine."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from harness.base.errors import BadInput
from harness.base.sealed import together
from harness.base.writable import written_into
from harness.data.corpus import Corpus
from harness.data.croissant import CROISSANT_FILE, croissant
from harness.domain.interactions import UNKNOWN, Split
from harness.plugins import Dataset

PARTS = ("training", "validation", "test")
VECTORS_FILE = "vectors.npy"


def require_new(folder: Path) -> None:
    """Raise BadInput where ``folder`` is not one to be made, or an empty one."""
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder} is a file: name a new folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty: name a new folder")


def export(
    corpus: Corpus,
    split: Split,
    folder: Path,
    vectors: npt.NDArray[np.float32] | None = None,
    described: Dataset | None = None,
) -> list[Path]:
    """Write interactions with their part, items and users by their raw ids, and the hashes of data and split.

    Args:
        folder: a new or empty folder
        vectors: of the items, shape (n_items, d), written as they are; their rows are those of ``items.parquet``
        described: the data set, where its description in Croissant's words is to lie beside the files

    Raises:
        BadInput: where it holds something, or cannot be written; it is then as it was.
    """
    require_new(folder)
    with written_into(folder), together() as new:
        tables = {"interactions": interactions_of(corpus, split), "items": corpus.items, "users": corpus.users}
        files: dict[str, Path] = {}
        for name, table in tables.items():  # one after the other: the last one begun is the one that cannot be written
            files[f"{name}.parquet"] = new(folder / f"{name}.parquet")
            table.write_parquet(files[f"{name}.parquet"])
        digests = {"data": corpus.digest, "split": split.digest}
        files["digests.json"] = new(folder / "digests.json")
        _write_json(files["digests.json"], {**digests, "left out": corpus.counts})
        if vectors is not None:
            content = io.BytesIO()  # into a file itself numpy does not say why it cannot write
            np.save(content, vectors, allow_pickle=False)
            files[VECTORS_FILE] = new(folder / VECTORS_FILE)
            files[VECTORS_FILE].write_bytes(content.getbuffer())
        if described is not None:
            about = croissant(described, tables, files, digests)
            files[CROISSANT_FILE] = new(folder / CROISSANT_FILE)
            _write_json(files[CROISSANT_FILE], about)
    return [folder / name for name in files]


def _write_json(file: Path, tree: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(tree, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def interactions_of(corpus: Corpus, split: Split) -> pl.DataFrame:
    """Columns ``user``, ``item``, ``part`` and where known ``timestamp`` or ``position``; sorted as in the corpus."""
    keys = [part.users * part.n_items + part.items for part in (split.training, split.validation, split.test)]
    part = np.repeat(np.arange(3), [len(key) for key in keys])[np.argsort(np.concatenate(keys))]
    columns = {
        "user": corpus.users["user"].gather(corpus.user_indices),
        "item": corpus.items["item"].gather(corpus.item_indices),
        "part": pl.Series(PARTS).gather(part),
    }
    table = pl.DataFrame(columns)
    if corpus.order is None:
        return table
    order = pl.Series("timestamp" if corpus.order_is_time else "position", corpus.order)
    return table.with_columns(order.set(order == UNKNOWN, None))
