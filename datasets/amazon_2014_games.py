"""Amazon reviews 2014: Video Games."""

from harness.datasets.amazon_2014 import Amazon2014


class Games2014(Amazon2014, category="Video_Games"):
    """The category Video Games."""

    name = "amazon-2014-games"
    summary = "Amazon reviews 2014: Video Games"
