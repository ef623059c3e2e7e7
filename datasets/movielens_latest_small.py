"""MovieLens-latest-small: for demonstrations; GroupLens changes it from time to time."""

from harness.datasets._movielens import CITATION, CREATORS, CSV_FILES, LICENCE, CsvRelease

from harness.domain.card import ArchiveSource, Card


class MovieLensLatestSmall(CsvRelease):
    """As of 2018: 100,836 ratings (half stars, 0.5 to 5) of 9,742 films by 610 users; not stable, so no checksum."""

    name = "movielens-latest-small"
    summary = "about 100,000 film ratings by 600 users, with genres; it changes over time"
    card = Card(
        title="MovieLens latest small",
        homepage="https://grouplens.org/datasets/movielens/latest/",
        licence=LICENCE,
        citation=CITATION,
        creators=CREATORS,
        sources=(
            ArchiveSource(
                url="https://files.grouplens.org/datasets/movielens/ml-latest-small.zip",
                members=tuple(f"ml-latest-small/{name}" for name in (*CSV_FILES, "README.txt")),
            ),
        ),
        groupings=("genre", "popularity", "release_period", "activity"),
        default_group="genre",
    )
