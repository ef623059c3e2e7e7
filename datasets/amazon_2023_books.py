"""Amazon reviews 2023: Books."""

from typing import ClassVar

from harness.datasets._amazon import AmazonConfig
from harness.datasets.amazon_2023 import Amazon2023
from pydantic import Field

from harness.base.frozen import Frozen


class Books2023Config(AmazonConfig):
    """The same options, another default."""

    category: str = Field("Books", description="the category, as its files are called")


class Books2023(Amazon2023):
    """The category Books."""

    name = "amazon-2023-books"
    summary = "Amazon reviews 2023: Books"
    Config: ClassVar[type[Frozen]] = Books2023Config
