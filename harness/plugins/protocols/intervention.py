"""What a reviewer asks of a method first: where it comes in, whom it is fair to, who proposed it."""

from typing import ClassVar, Literal

from harness.plugins.protocols.plugin import Plugin

Family = Literal["", "pre", "in", "post"]
FAMILY_WORDS: dict[Family, str] = {
    "": "no fairness of its own",
    "pre": "pre-processing",
    "in": "in-processing",
    "post": "post-processing",
}
ServedSide = Literal["", "item", "user", "either", "both"]
SIDE_WORDS: dict[ServedSide, str] = {
    "": "",
    "item": "items",
    "user": "users",
    "either": "items or users",
    "both": "items and users",
}


class Intervention(Plugin):
    """A plug-in that may change what groups are recommended or are recommended to."""

    family: ClassVar[Family] = ""
    """Whether it comes in before, in or after training; empty for a recommender that does nothing for fairness."""
    side: ClassVar[ServedSide] = ""
    """Whom it is fair to: "either" is whichever the grouping groups, "both" items and users at once."""
    reference: ClassVar[str]
    """The paper (or "folklore") that it comes from."""

    @classmethod
    def described(cls) -> str:
        """Family, side and source in one line: "in-processing, items; He et al., 2020"."""
        what = ", ".join(part for part in (FAMILY_WORDS[cls.family], SIDE_WORDS[cls.side]) if part)
        return "; ".join(part for part in (what, getattr(cls, "reference", "")) if part)
