"""Under which licence results are given away, as research objects and pages say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SPDX = "https://spdx.org/licenses/"
OTHERS = "Data sets have their own licences."


@dataclass(frozen=True)
class Licence:
    """A licence by its name.

    Attributes:
        name: an identifier of the SPDX list (``CC-BY-4.0``), or the address of the text; empty: nobody has said
    """

    name: str = ""

    @property
    def address(self) -> str:
        """Where its text is."""
        return self.name if self.name.startswith(("https://", "http://")) else f"{SPDX}{self.name}"

    @property
    def text(self) -> str:
        """For people."""
        if not self.name:
            return "Whoever ran the study has not said how its results may be used. " + OTHERS
        place = "" if self.address == self.name else f" ({self.address})"
        return f"{self.name}{place}. {OTHERS}"

    @property
    def entity(self) -> Mapping[str, Any]:
        """As an RO-Crate has it."""
        if not self.name:
            return {"@id": "#licence", "@type": "CreativeWork", "name": "not said", "description": self.text}
        return {"@id": self.address, "@type": "CreativeWork", "name": self.name, "description": OTHERS}


NOT_SAID = Licence()
