"""Amazon reviews 2014: Books."""

from harness.datasets.amazon_2014 import Amazon2014


class Books2014(Amazon2014, category="Books"):
    """The category Books."""

    name = "amazon-2014-books"
    summary = "Amazon reviews 2014: Books"
