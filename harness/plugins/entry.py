"""What is known of a plug-in before it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.base.errors import BadInput
from harness.plugins.kinds import Kind


@dataclass(frozen=True)
class Entry:
    """A plug-in that may not have been loaded yet.

    ``load`` answers its class (or what its file declares, where its kind has none); BadInput where it is broken.
    ``instead_of`` is where the project's own plug-in of this name comes from, where the user's own is used instead.
    """

    name: str
    origin: str
    load: Callable[[], Any]
    instead_of: str = ""


def twins(kind: Kind, first: Entry, second: Entry) -> Entry:
    """Two entries with one name: neither can be used, and whoever asks for them is told why."""
    both = f"{first.origin} and {second.origin}"

    def load() -> Any:
        raise BadInput(f"two {kind.plural} are called '{second.name}': {both}; rename one")

    return Entry(first.name, both, load)
