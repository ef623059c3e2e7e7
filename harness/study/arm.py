"""What a comparison compares: arms, each a method under options at a point under a selection rule."""

from dataclasses import dataclass, field
from functools import cached_property

from harness.study.points import GridPoint


@dataclass(frozen=True, eq=False)
class Arm:
    """A method under options at a point under a selection rule: what is run with every seed.

    Arms are equal where variant, rule and the point's values are, whether they are planned or were measured.

    Attributes:
        variant: what tables call the method under its options
        method: its registered name
        rule: the selection rule
        point: what the study varies beside methods, rules and seeds
    """

    variant: str
    method: str
    rule: str
    point: GridPoint = field(default_factory=GridPoint)

    @cached_property
    def search(self) -> tuple[str, str]:
        """What its trials are known by; arms that differ in their rule alone share them."""
        return self.variant, self.point.key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Arm) and (self.search, self.rule) == (other.search, other.rule)

    def __hash__(self) -> int:
        return hash((self.search, self.rule))
