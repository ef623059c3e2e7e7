"""Amazon reviews 2023: Books."""

from harness.datasets.amazon_2023 import Amazon2023


class Books2023(Amazon2023, category="Books"):
    """The category Books."""

    name = "amazon-2023-books"
    summary = "Amazon reviews 2023: Books"
