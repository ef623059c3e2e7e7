"""Amazon reviews 2014: Movies and TV."""

from harness.datasets.amazon_2014 import Amazon2014


class Movies2014(Amazon2014, category="Movies_and_TV"):
    """The category Movies and TV."""

    name = "amazon-2014-movies"
    summary = "Amazon reviews 2014: Movies and TV"
