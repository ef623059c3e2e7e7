"""Amazon reviews 2018: Movies and TV."""

from typing import ClassVar

from harness.datasets._amazon_classic import ClassicConfig
from harness.datasets.amazon_2018 import Amazon2018
from pydantic import Field

from harness.base.frozen import Frozen


class Movies2018Config(ClassicConfig):
    """The same options, another default."""

    category: str = Field("Movies_and_TV", description="the category, as its files are called")


class Movies2018(Amazon2018):
    """The category Movies and TV."""

    name = "amazon-2018-movies"
    summary = "Amazon reviews 2018: Movies and TV"
    Config: ClassVar[type[Frozen]] = Movies2018Config
