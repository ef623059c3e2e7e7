"""What plug-ins of every kind share: a name, a summary and options that nobody changes."""

from abc import ABC
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable options; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)


class Plugin(ABC):
    """Anything with a name in a registry. The file's name is the plug-in's name."""

    name: ClassVar[str]
    summary: ClassVar[str]
    """One line for ``harness list``."""
