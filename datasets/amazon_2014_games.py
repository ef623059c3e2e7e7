"""Amazon reviews 2014: Video Games."""

from typing import ClassVar

from harness.datasets._amazon_classic import ClassicConfig
from harness.datasets.amazon_2014 import Amazon2014
from pydantic import Field

from harness.base.frozen import Frozen


class Games2014Config(ClassicConfig):
    """The same options, another default."""

    category: str = Field("Video_Games", description="the category, as its files are called")


class Games2014(Amazon2014):
    """The category Video Games."""

    name = "amazon-2014-games"
    summary = "Amazon reviews 2014: Video Games"
    Config: ClassVar[type[Frozen]] = Games2014Config
