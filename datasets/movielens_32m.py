"""MovieLens-32M: the stable release of 2023."""

from harness.datasets._movielens import CITATION, CREATORS, CSV_FILES, LICENCE, CsvRelease

from harness.domain.card import ArchiveSource, Card


class MovieLens32M(CsvRelease):
    """32,000,204 ratings (half stars, 0.5 to 5) of 87,585 films by 200,948 users, 1995–2023."""

    name = "movielens-32m"
    summary = "32,000,204 film ratings by 200,948 users, with genres"
    card = Card(
        title="MovieLens 32M",
        homepage="https://grouplens.org/datasets/movielens/32m/",
        licence=LICENCE,
        citation=CITATION,
        creators=CREATORS,
        published="2024-05",
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
