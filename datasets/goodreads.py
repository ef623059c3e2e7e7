"""Goodreads: books and their genres, from the sample that SPRec's repository holds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from harness.datasets._two_layouts import TwoLayouts, items, tables

from harness.base.late import pl
from harness.data.readers.json_files import read_json
from harness.domain.card import Card, Creator, FilesSource, RemoteFile
from harness.domain.tables import Tables

ADDRESS = "https://raw.githubusercontent.com/RegionCh/SPRec/5fec95b793379167caf5ae07787975d3dc413365"
HISTORIES, TITLES, GENRES = "train.json", "id2name.json", "name2genre.json"
PATHS = {
    f"data/Goodreads/{HISTORIES}": "c81b048a15c5051f7d942cd9d1610aff7330fa1f52e3eaed2b0ffad197c073a8",
    f"eval/Goodreads/{TITLES}": "2c275735eb004f08ccd3464cfd98530ae7b3e446a05ff829550d5e30bf1b23b1",
    f"eval/Goodreads/{GENRES}": "50f2bfb2156f5172ea048ea98fc4c351d3c5d7e1f494ba6ebe56ca2a3d8874d9",
}
QUOTED = re.compile(r'"(.*)"', re.DOTALL)
"""From the first quotation mark to the last: the books of a prompt, of which the recommender sees a sentence."""
BETWEEN = '", "'
NO_BOOK = "interactions: a title without a number"


class Goodreads(TwoLayouts):
    """Which books are in one history: 5,000 histories, 4,028 books, 10 genres, several per book.

    The sample is prompts for a language model: ten books that somebody has read, and the next one. Nothing says which
    prompts are of one person, so each is a user of its own, called by its place in the file, with about eleven books.
    Books are numbered as in the file of titles; a title that has no number there (``It``, ten times) is left out.
    """

    name = "goodreads"
    summary = "5,000 histories of about 11 books, 4,028 books, 10 genres"
    label = "genres"
    column = "genres"
    card = Card(
        title="Goodreads: books with genres, a sample (SPRec)",
        homepage="https://github.com/RegionCh/SPRec",
        licence=(
            "none is stated by SPRec; the data derive from the UCSD Book Graph, which is for academic use only: no "
            "redistribution and no commercial use"
        ),
        citation=(
            "Mengting Wan and Julian McAuley. 2018. Item Recommendation on Monotonic Behavior Chains. RecSys 2018. "
            "https://doi.org/10.1145/3240323.3240369; Chongming Gao, Ruijun Chen, Shuai Yuan, Kexin Huang, Yuanqing Yu "
            "and Xiangnan He. 2025. SPRec: Self-Play to Debias LLM-based Recommendation. WWW 2025. "
            "https://doi.org/10.1145/3696410.3714524"
        ),
        creators=(Creator(name="Mengting Wan"), Creator(name="Julian McAuley")),
        published="2024-12",
        sources=(
            FilesSource(files=tuple(RemoteFile(url=f"{ADDRESS}/{path}", sha256=sum_) for path, sum_ in PATHS.items())),
        ),
        groupings=("genre", "popularity"),
        default_group="genre",
    )

    def published(self, folder: Path) -> Tables:
        """The books that each prompt names, and the one that it asks for."""
        titles, genres = read_json(folder / TITLES, dict), read_json(folder / GENRES, dict)
        numbers = {title: number for number, title in titles.items()}
        prompts = read_json(folder / HISTORIES, list)
        read = [(str(user), book) for user, prompt in enumerate(prompts) for book in _books(prompt)]
        pairs = [(user, numbers[book]) for user, book in read if book in numbers]
        ids = pl.Series(list(titles), dtype=pl.String)
        names = pl.Series(list(titles.values()), dtype=pl.String)
        # "history, historical fiction, biography" is one genre; a table's list would fall apart at its commas.
        shelves = [[genre.replace(", ", "/") for genre in genres.get(title, ())] for title in titles.values()]
        skipped = {
            NO_BOOK: len(read) - len(pairs),
            "users: no prompt": sum(not _books(prompt) for prompt in prompts),
        }
        interactions = pl.DataFrame(pairs, schema={"user": pl.String, "item": pl.String}, orient="row")
        labels = pl.Series("genres", shelves, dtype=pl.List(pl.String))
        return tables(interactions, items(ids, names, labels), skipped)


def _books(prompt: Any) -> list[str]:
    """The titles between quotation marks, those read, then the one asked for; a title may hold such marks."""
    if not isinstance(prompt, dict):
        return []
    said = [QUOTED.search(str(prompt.get(part, ""))) for part in ("input", "output")]
    return [title for found in said if found for title in found[1].split(BETWEEN)]
