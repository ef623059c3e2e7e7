"""Names beside marks, where they cover as little as can be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

LETTER, LINE = 6.9, 13.0
"""Width of a letter and height of a line, about, in units of a drawing whose labels are 12 high."""
CROWDED = 0.12
"""Share of its area that a label may cover of others, or have outside of the frame."""


@dataclass(frozen=True)
class Box:
    """A rectangle, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def shared(self, other: "Box") -> float:
        """The area that both cover."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, across) * max(0.0, down)

    @property
    def area(self) -> float:
        """Of the rectangle."""
        return (self.right - self.left) * (self.bottom - self.top)


@dataclass(frozen=True)
class Label:
    """Where a name stands: the place of its first, middle or last letter on its base line, and the room that it takes.

    One that is crowded would cover others wherever it stood.
    """

    x: float
    y: float
    anchor: Literal["start", "middle", "end"]
    box: Box
    crowded: bool = False


def placed(names: Sequence[str], points: Sequence[tuple[float, float]], frame: Box, mark: float) -> list[Label]:
    """A place for each name, in turn: right, left, above or below its mark, where it covers least and stays inside.

    Args:
        names, points: of each mark; those that come first have the choice
        frame: what labels should not leave
        mark: the size of marks
    """
    marks = [Box(x - mark / 2, y - mark / 2, x + mark / 2, y + mark / 2) for x, y in points]
    taken: list[Box] = []
    found = []
    for name, (x, y) in zip(names, points, strict=True):
        costs = {one: _cost(one.box, taken, marks, frame) for one in _around(len(name) * LETTER, x, y, mark)}
        label = min(costs, key=costs.__getitem__)
        if costs[label] > CROWDED * label.box.area:
            label = replace(label, crowded=True)
        else:
            taken.append(label.box)
        found.append(label)
    return found


def _around(width: float, x: float, y: float, mark: float) -> list[Label]:
    far = mark / 2 + 4
    middle, above, below = y + LINE / 3, y - far, y + far + LINE * 0.75
    return [
        Label(x + far, middle, "start", _box(x + far, middle, width)),
        Label(x - far, middle, "end", _box(x - far - width, middle, width)),
        Label(x, above, "middle", _box(x - width / 2, above, width)),
        Label(x, below, "middle", _box(x - width / 2, below, width)),
        Label(x + far, above, "start", _box(x + far, above, width)),
        Label(x + far, below, "start", _box(x + far, below, width)),
        Label(x - far, above, "end", _box(x - far - width, above, width)),
        Label(x - far, below, "end", _box(x - far - width, below, width)),
    ]


def _box(left: float, base: float, width: float) -> Box:
    return Box(left, base - LINE * 0.75, left + width, base + LINE * 0.25)


def _cost(box: Box, taken: Sequence[Box], marks: Sequence[Box], frame: Box) -> float:
    """What it covers of labels, four times what it covers of marks, ten times what it has outside of the frame."""
    covered = sum(box.shared(other) for other in taken) + 4 * sum(box.shared(other) for other in marks)
    return covered + 10 * (box.area - box.shared(frame))
