"""Amazon reviews 2023: Movies and TV."""

from harness.datasets.amazon_2023 import Amazon2023


class Movies2023(Amazon2023, category="Movies_and_TV"):
    """The category Movies and TV."""

    name = "amazon-2023-movies"
    summary = "Amazon reviews 2023: Movies and TV"
