"""MovieLens-32M: the stable release of 2023."""

from pathlib import Path

from harness.datasets._movielens import CITATION, CSV_FILES, LICENCE, read_csv_release

from harness.data.card import ArchiveSource, Card
from harness.data.tables import Tables
from harness.protocols import Dataset


class MovieLens32M(Dataset):
    """32,000,204 ratings (half stars, 0.5 to 5) of 87,585 films by 200,948 users, 1995–2023."""

    name = "movielens-32m"
    summary = "32,000,204 film ratings by 200,948 users, with genres"
    card = Card(
        title="MovieLens 32M",
        homepage="https://grouplens.org/datasets/movielens/32m/",
        licence=LICENCE,
        citation=CITATION,
        sources=(
            ArchiveSource(
                url="https://files.grouplens.org/datasets/movielens/ml-32m.zip",
                md5="d472be332d4daa821edc399621853b57",
                members=tuple(f"ml-32m/{name}" for name in (*CSV_FILES, "README.txt")),
            ),
        ),
        groupings=("genre", "popularity", "release_period", "activity"),
        default_group="genre",
    )

    def recognises(self, folder: Path) -> bool:
        """Whether ``folder`` holds the two files."""
        return all((folder / name).is_file() for name in CSV_FILES)

    def files(self, folder: Path) -> list[Path]:
        """The two files."""
        return [folder / name for name in CSV_FILES]

    def read(self, folder: Path) -> Tables:
        """Items have ``title`` (without the year), ``year`` and ``genres``; nothing is known about users.

        Raises:
            BadInput: where a file is missing or is not what its name says.
        """
        return read_csv_release(folder)
