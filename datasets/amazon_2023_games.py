"""Amazon reviews 2023: Video Games."""

from harness.datasets.amazon_2023 import Amazon2023


class Games2023(Amazon2023, category="Video_Games"):
    """The category Video Games."""

    name = "amazon-2023-games"
    summary = "Amazon reviews 2023: Video Games"
