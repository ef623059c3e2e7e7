"""Amazon reviews 2014: Books."""

from typing import ClassVar

from harness.datasets._amazon_classic import ClassicConfig
from harness.datasets.amazon_2014 import Amazon2014
from pydantic import Field

from harness.base.frozen import Frozen


class Books2014Config(ClassicConfig):
    """The same options, another default."""

    category: str = Field("Books", description="the category, as its files are called")


class Books2014(Amazon2014):
    """The category Books."""

    name = "amazon-2014-books"
    summary = "Amazon reviews 2014: Books"
    Config: ClassVar[type[Frozen]] = Books2014Config
