"""Amazon reviews 2023: Video Games."""

from typing import ClassVar

from harness.datasets._amazon import AmazonConfig
from harness.datasets.amazon_2023 import Amazon2023
from pydantic import Field

from harness.base.frozen import Frozen


class Games2023Config(AmazonConfig):
    """The same options, another default."""

    category: str = Field("Video_Games", description="the category, as its files are called")


class Games2023(Amazon2023):
    """The category Video Games."""

    name = "amazon-2023-games"
    summary = "Amazon reviews 2023: Video Games"
    Config: ClassVar[type[Frozen]] = Games2023Config
