"""Amazon reviews 2018: Video Games."""

from typing import ClassVar

from harness.datasets._amazon_classic import ClassicConfig
from harness.datasets.amazon_2018 import Amazon2018
from pydantic import Field

from harness.base.frozen import Frozen


class Games2018Config(ClassicConfig):
    """The same options, another default."""

    category: str = Field("Video_Games", description="the category, as its files are called")


class Games2018(Amazon2018):
    """The category Video Games."""

    name = "amazon-2018-games"
    summary = "Amazon reviews 2018: Video Games"
    Config: ClassVar[type[Frozen]] = Games2018Config
