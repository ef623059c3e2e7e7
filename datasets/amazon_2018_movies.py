"""Amazon reviews 2018: Movies and TV."""

from harness.datasets.amazon_2018 import Amazon2018


class Movies2018(Amazon2018, category="Movies_and_TV"):
    """The category Movies and TV."""

    name = "amazon-2018-movies"
    summary = "Amazon reviews 2018: Movies and TV"
