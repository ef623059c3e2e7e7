"""Amazon reviews 2014: Movies and TV."""

from typing import ClassVar

from harness.datasets._amazon_classic import ClassicConfig
from harness.datasets.amazon_2014 import Amazon2014
from pydantic import Field

from harness.base.frozen import Frozen


class Movies2014Config(ClassicConfig):
    """The same options, another default."""

    category: str = Field("Movies_and_TV", description="the category, as its files are called")


class Movies2014(Amazon2014):
    """The category Movies and TV."""

    name = "amazon-2014-movies"
    summary = "Amazon reviews 2014: Movies and TV"
    Config: ClassVar[type[Frozen]] = Movies2014Config
