"""MovieLens-1M and Amazon Beauty, from the folder that ``HARNESS_TEST_DATA`` names (they may not be redistributed)."""

import os
import sys
from pathlib import Path

import numpy as np
import polars as pl

from harness.domain.interactions import Interactions, Training

VARIABLE = "HARNESS_TEST_DATA"
FOLDERS = {"MovieLens-1M": "ml-1m", "Amazon Beauty": "amazon-beauty-2014"}


def folder() -> Path:
    """Where real data lies; ends the programme with one line where it is not known."""
    value = os.environ.get(VARIABLE, "")
    if not value or not Path(value).is_dir():
        sys.exit(f"{VARIABLE} must name the folder that holds {', '.join(FOLDERS.values())}")
    return Path(value)


def interactions(name: str) -> Interactions:
    """Every interaction of one data set, indices in the order of ids."""
    table = pl.read_parquet(folder() / FOLDERS[name] / "interactions.parquet").select("user_id", "item_id").unique()
    users, items = (table[column].rank("dense").to_numpy().astype(np.int64) - 1 for column in ("user_id", "item_id"))
    order = np.lexsort((items, users))
    return Interactions(users[order], items[order], int(users.max()) + 1, int(items.max()) + 1)


def training_part(name: str, share: float = 0.4, seed: int = 0) -> Training:
    """A random ``share`` of the interactions, the size of the protocol's training part."""
    whole = interactions(name)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(whole))[: round(share * len(whole))])
    return Training(whole.users[chosen], whole.items[chosen], whole.n_users, whole.n_items)


def genres() -> tuple[list[list[str]], list[str]]:
    """Of each MovieLens-1M item (in the order of ids): its genres; and the 18 genres' names."""
    lines = (folder() / FOLDERS["MovieLens-1M"] / "movies.dat").read_text(encoding="latin-1").splitlines()
    labels = {int(line.split("::")[0]): line.split("::")[2].split("|") for line in lines}
    table = pl.read_parquet(folder() / FOLDERS["MovieLens-1M"] / "interactions.parquet")
    rows = [labels[item] for item in table["item_id"].unique().sort().to_list()]
    return rows, sorted({label for row in rows for label in row})
