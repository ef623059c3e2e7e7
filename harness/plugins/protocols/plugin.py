"""What plug-ins of every kind share: a name, a summary and options that nobody changes."""

from abc import ABC
from typing import ClassVar


class Plugin(ABC):
    """Anything with a name in a registry. The file's name is the plug-in's name."""

    name: ClassVar[str]
    summary: ClassVar[str]
    """One line for ``harness list``."""
