"""goodbooks-10k: comma-separated ratings and books."""

from __future__ import annotations

from pathlib import Path

from harness.base.late import pl
from harness.data.readers.clean import clean
from harness.data.readers.fields import Fields, field_lines, read_field_lines
from harness.data.readers.named_files import NamedFiles
from harness.data.readers.raw_interactions import gather_interactions
from harness.data.readers.rows import one_row_each, those_in
from harness.domain.card import Card, Creator, FilesSource, RemoteFile
from harness.domain.tables import Tables

FILES = ("ratings.csv", "books.csv")
WRONG_LENGTH = "wrong number of fields"
ADDRESS = "https://raw.githubusercontent.com/zygmuntz/goodbooks-10k/master"


class Goodbooks10K(NamedFiles):
    """Almost 6 million ratings (1 to 5) of the 10,000 books with most ratings by 53,424 users, without times."""

    names = FILES
    name = "goodbooks-10k"
    summary = "5,976,479 ratings of 10,000 popular books by 53,424 users, with authors, years and languages"
    card = Card(
        title="goodbooks-10k",
        homepage="https://github.com/zygmuntz/goodbooks-10k",
        licence="Creative Commons Attribution-ShareAlike 4.0 International (CC BY-SA 4.0)",
        citation=(
            "Zygmunt Zając. 2017. Goodbooks-10k: a new dataset for book recommendations. FastML. "
            "http://fastml.com/goodbooks-10k"
        ),
        creators=(Creator(name="Zygmunt Zając"),),
        published="2017",
        sources=(FilesSource(files=tuple(RemoteFile(url=f"{ADDRESS}/{name}") for name in FILES)),),
        groupings=("popularity", "release_period", "provider", "activity"),
        default_group="popularity",
    )

    def read(self, folder: Path) -> Tables:
        """Items have ``title``, ``authors`` (a list), ``year`` (first edition; negative: BC) and ``language``.

        Raises:
            BadInput: where a file is missing or is not what its name says.
        """
        self.require(folder)
        names = {"user": "user_id", "item": "book_id", "rating": "rating"}
        ratings = field_lines(folder / "ratings.csv", Fields(), tuple(names.values()))
        interactions, skipped = gather_interactions(ratings, names, WRONG_LENGTH)
        needs = ("book_id", "title", "authors", "original_publication_year", "language_code")
        books, bad = read_field_lines(folder / "books.csv", Fields(), needs)
        items, repeated = one_row_each(_books(books), "item")
        skipped |= repeated | {f"items: {WRONG_LENGTH}": bad}
        return Tables(interactions, items, those_in(interactions, "user"), skipped)


def _books(table: pl.DataFrame) -> pl.DataFrame:
    title, original = clean(table["title"]), table["original_title"] if "original_title" in table.columns else None
    return pl.DataFrame(
        {
            "item": table["book_id"].str.strip_chars(),
            "title": title if original is None else title.zip_with(title.is_not_null(), clean(original)),
            "authors": clean(table["authors"]).str.split(", "),
            "year": table["original_publication_year"].cast(pl.Float64, strict=False).cast(pl.Int64, strict=False),
            "language": clean(table["language_code"]),
        }
    )
