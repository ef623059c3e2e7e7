"""A prepared data set as files, for whoever works with other tools or encodes texts on another machine."""

import io
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from harness.base.errors import BadInput
from harness.base.sealed import together
from harness.base.writable import written_into
from harness.data.corpus import Corpus
from harness.domain.interactions import UNKNOWN, Split

PARTS = ("training", "validation", "test")
VECTORS_FILE = "vectors.npy"


def require_new(folder: Path) -> None:
    """Raise BadInput where ``folder`` is not one to be made, or an empty one."""
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder} is a file: name a new folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty: name a new folder")


def export(corpus: Corpus, split: Split, folder: Path, vectors: npt.NDArray[np.float32] | None = None) -> list[Path]:
    """Write interactions with their part, items and users by their raw ids, and the hashes of data and split.

    Args:
        folder: a new or empty folder
        vectors: of the items, shape (n_items, d), written as they are; their rows are those of ``items.parquet``

    Raises:
        BadInput: where it holds something, or cannot be written; it is then as it was.
    """
    require_new(folder)
    with written_into(folder), together() as new:
        tables = {"interactions": interactions_of(corpus, split), "items": corpus.items, "users": corpus.users}
        for name, table in tables.items():
            table.write_parquet(new(folder / f"{name}.parquet"))
        note = {"data": corpus.digest, "split": split.digest, "left out": corpus.counts}
        new(folder / "digests.json").write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")
        if vectors is not None:
            content = io.BytesIO()  # into a file itself numpy does not say why it cannot write
            np.save(content, vectors, allow_pickle=False)
            new(folder / VECTORS_FILE).write_bytes(content.getbuffer())
    names = [*(f"{name}.parquet" for name in tables), "digests.json", *([] if vectors is None else [VECTORS_FILE])]
    return [folder / name for name in names]


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
