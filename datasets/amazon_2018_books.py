"""Amazon reviews 2018: Books."""

from typing import ClassVar

from harness.datasets._amazon_classic import ClassicConfig
from harness.datasets.amazon_2018 import Amazon2018
from pydantic import Field

from harness.base.frozen import Frozen


class Books2018Config(ClassicConfig):
    """The same options, another default."""

    category: str = Field("Books", description="the category, as its files are called")


class Books2018(Amazon2018):
    """The category Books."""

    name = "amazon-2018-books"
    summary = "Amazon reviews 2018: Books"
    Config: ClassVar[type[Frozen]] = Books2018Config
