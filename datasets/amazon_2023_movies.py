"""Amazon reviews 2023: Movies and TV."""

from typing import ClassVar

from harness.datasets._amazon import AmazonConfig
from harness.datasets.amazon_2023 import Amazon2023
from pydantic import Field

from harness.base.frozen import Frozen


class Movies2023Config(AmazonConfig):
    """The same options, another default."""

    category: str = Field("Movies_and_TV", description="the category, as its files are called")


class Movies2023(Amazon2023):
    """The category Movies and TV."""

    name = "amazon-2023-movies"
    summary = "Amazon reviews 2023: Movies and TV"
    Config: ClassVar[type[Frozen]] = Movies2023Config
