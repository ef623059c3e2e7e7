"""A village library: generated loans of books that have titles, shelves and years."""

from pathlib import Path

import numpy as np
import polars as pl

from harness.plugins import Card, Dataset, Tables

SHELVES = ("birds", "boats", "stars")
N_READERS, N_BOOKS, LOANS = 60, 45, 15


class VillageLibrary(Dataset):
    name = "village-library"
    summary = "generated loans of 45 books"
    generated = True
    card = Card(
        title="The village library",
        homepage="https://library.example",
        licence="none: generated",
        citation="none: generated",
        sources=(),
        groupings=("decade", "genre"),
        default_group="decade",
    )

    def recognises(self, folder: Path) -> bool:
        return True

    def files(self, folder: Path) -> list[Path]:
        return [Path(__file__)]

    def read(self, folder: Path) -> Tables:
        draw = np.random.default_rng(1)
        shelf = np.arange(N_BOOKS) % len(SHELVES)
        taste = draw.integers(len(SHELVES), size=N_READERS)
        appeal = draw.gumbel(size=(N_READERS, N_BOOKS)) + 2 * (taste[:, None] == shelf)
        taken = np.argsort(-appeal, axis=1)[:, :LOANS]
        years = draw.integers(1980, 2010, size=N_BOOKS)
        loans = pl.DataFrame({"user": np.repeat(np.arange(N_READERS), LOANS), "item": taken.ravel()})
        books = pl.DataFrame(
            {
                "item": np.arange(N_BOOKS),
                "title": [f"A book of {SHELVES[s]}, volume {k}" for k, s in enumerate(shelf)],
                "genres": [[SHELVES[s]] for s in shelf],
                "year": years,
            }
        )
        readers = pl.DataFrame({"user": np.arange(N_READERS)})
        return Tables(loans.cast(pl.String), books.cast({"item": pl.String}), readers.cast(pl.String))
