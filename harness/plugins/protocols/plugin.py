"""What plug-ins of every kind share: a name, a summary, options that nobody changes, and what else they use."""

from abc import ABC
from collections.abc import Iterable
from typing import ClassVar, NamedTuple

from harness.base.frozen import Frozen


class Use(NamedTuple):
    """A plug-in that is asked for by kind and name, under options of its own; None: their defaults."""

    kind: str
    name: str
    config: Frozen | None = None


class Plugin(ABC):
    """Anything with a name in a registry. The file's name is the plug-in's name."""

    Config: ClassVar[type[Frozen]] = Frozen
    name: ClassVar[str]
    summary: ClassVar[str]
    """One line for ``harness list``."""

    def __init__(self, config: Frozen | None = None) -> None:
        """An object under options of its own; None: their defaults."""
        self.config = self.Config() if config is None else config

    @classmethod
    def uses(cls, config: Frozen) -> Iterable[Use]:
        """The other plug-ins that this one asks the registry for under ``config``.

        Their code is part of what a run is known by, as this one's is: of one that is not told here, a change goes
        unnoticed.
        """
        return ()
