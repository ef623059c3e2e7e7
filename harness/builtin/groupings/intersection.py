"""Groups where several definitions meet, such as genre × popularity or gender × age."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, SerializeAsAny, ValidationInfo, model_validator

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.base.late import pl
from harness.builtin.groupings._labels import by_pair
from harness.builtin.groupings._parts import part, resolved_options, used_part
from harness.data.group_assignment import groups
from harness.domain.membership import Membership, Side
from harness.plugins import Grouping, GroupingConfig, GroupingInput, Use
from harness.plugins.configured import place_of

CROSS = " × "


class IntersectionConfig(GroupingConfig):
    """Which definitions meet, and when a cell is large enough to be a group of its own."""

    of: tuple[str, ...] = Field(("genre", "popularity"), min_length=2, description="groupings of one side")
    options: dict[str, SerializeAsAny[Frozen]] = Field(default_factory=dict, description="their options, by grouping")
    min_members: int = Field(15, ge=1, description="cells with fewer members are merged into 'other'")

    @model_validator(mode="before")
    @classmethod
    def _resolve(cls, raw: Any, info: ValidationInfo) -> Any:
        if not isinstance(raw, Mapping) or not isinstance(raw.get("of", ()), (list, tuple)):
            return raw
        names = raw.get("of", cls.model_fields["of"].default)
        where = place_of("options", info)
        options = resolved_options(raw.get("options", {}), names, where)
        for name, own in options.items():
            if getattr(own, "min_test", None) is not None:
                judged = f"{where.removesuffix('options')}min_test"
                raise BadInput(f"{where}.{name}.min_test: cells are judged, not the groups that meet: say {judged}")
        return {**raw, "options": options}


class Intersection(Grouping):
    """A group per cell: an item (user) is in A × B where it is in A of one definition and in B of the other.

    Someone in several groups of a definition is in as many cells. Cells with few members are merged into ``other``;
    empty ones are no groups.
    """

    name = "intersection"
    summary = "where groupings meet: genre × popularity, gender × age; small cells merged into 'other'"
    Config: ClassVar[type[Frozen]] = IntersectionConfig

    def __init__(self, config: IntersectionConfig) -> None:
        super().__init__(config)
        self.parts = [part(name, config.options) for name in config.of]
        self.min_members = config.min_members
        self.side = self._side()

    @classmethod
    def uses(cls, config: Frozen) -> Iterable[Use]:
        assert isinstance(config, IntersectionConfig)
        return [*super().uses(config), *(used_part(name, config.options) for name in config.of)]

    def assign(self, source: GroupingInput) -> Membership:
        """The cells of each item (user)."""
        parts = [groups(part, source) for part in self.parts]
        pairs = _pairs(parts[0])
        for membership in parts[1:]:
            pairs = _crossed(pairs, _pairs(membership), len(membership.names))
        found = pairs.select("group", "place").unique().sort("place")["group"].to_list()
        cells = by_pair(self.name, self.side, pairs, parts[0].matrix.shape[0], self.min_members, found)
        return replace(cells, notes=(*self._notes(parts, len(found)), *cells.notes))

    def _notes(self, parts: Sequence[Membership], found: int) -> Iterator[str]:
        for membership in parts:
            yield from membership.notes
        possible = prod(len(membership.names) for membership in parts)
        if found < possible:
            yield f"{self.name}: {possible - found:,} of {possible:,} cells are empty"

    def _side(self) -> Side:
        sides = {part.side for part in self.parts}
        if len(sides) > 1 or "both" in sides:
            told = ", ".join(f"{part.name} ({part.side})" for part in self.parts)
            raise BadInput(f"groupings.intersection.of: all must be of items, or all of users, not {told}")
        return sides.pop()


def _pairs(membership: Membership) -> pl.DataFrame:
    """Members, the names of their groups and these groups' places, a row each."""
    matrix = membership.matrix
    members = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    names = pl.Series(membership.names, dtype=pl.String)
    place = matrix.indices.astype(np.int64)
    return pl.DataFrame({"member": members, "group": names.gather(place), "place": place})


def _crossed(first: pl.DataFrame, second: pl.DataFrame, n_second: int) -> pl.DataFrame:
    """Cells of both, in the order of the first and then of the second."""
    return first.join(second, on="member").select(
        "member",
        group=pl.concat_str("group", "group_right", separator=CROSS),
        place=pl.col("place") * n_second + pl.col("place_right"),
    )
