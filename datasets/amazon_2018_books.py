"""Amazon reviews 2018: Books."""

from harness.datasets.amazon_2018 import Amazon2018


class Books2018(Amazon2018, category="Books"):
    """The category Books."""

    name = "amazon-2018-books"
    summary = "Amazon reviews 2018: Books"
