"""Amazon reviews 2018: Video Games."""

from harness.datasets.amazon_2018 import Amazon2018


class Games2018(Amazon2018, category="Video_Games"):
    """The category Video Games."""

    name = "amazon-2018-games"
    summary = "Amazon reviews 2018: Video Games"
