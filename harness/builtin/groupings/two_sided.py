"""Groups of items and groups of users at once."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import Field, SerializeAsAny, ValidationInfo, model_validator

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.builtin.groupings._parts import part, resolved_options, used_part
from harness.data.group_assignment import groups
from harness.domain.membership import Membership, Side
from harness.plugins import Grouping, GroupingConfig, GroupingInput, Use
from harness.plugins.configured import place_of


class TwoSidedConfig(GroupingConfig):
    """Which groups of items and which of users."""

    items: str = Field("popularity", description="a grouping of items")
    users: str = Field("activity", description="a grouping of users")
    options: dict[str, SerializeAsAny[Frozen]] = Field(default_factory=dict, description="their options, by grouping")

    @model_validator(mode="before")
    @classmethod
    def _resolve(cls, raw: Any, info: ValidationInfo) -> Any:
        if not isinstance(raw, Mapping):
            return raw
        names = [raw.get(side, cls.model_fields[side].default) for side in ("items", "users")]
        return {**raw, "options": resolved_options(raw.get("options", {}), names, place_of("options", info))}


class TwoSided(Grouping):
    """K = K_items + K_users groups: those of one definition of items, then those of one of users.

    An interaction belongs half to its item's groups and half to its user's, so that the rows of C sum to 1 and L_k is
    still the mean loss of the interactions of group k (our reading). Each group's utility is that of its own side.
    """

    name = "two_sided"
    summary = "groups of items and groups of users at once"
    side = "both"
    Config: ClassVar[type[Frozen]] = TwoSidedConfig
    config: TwoSidedConfig

    def __init__(self, config: TwoSidedConfig) -> None:
        super().__init__(config)
        self.items, self.users = part(config.items, config.options), part(config.users, config.options)
        for key, found, side in (("items", self.items, "item"), ("users", self.users, "user")):
            if found.side != side:
                raise BadInput(f"groupings.two_sided.{key}: '{found.name}' is of {found.side}s, not of {key}")

    @classmethod
    def uses(cls, config: Frozen) -> Iterable[Use]:
        assert isinstance(config, TwoSidedConfig)
        parts = (config.items, config.users)
        return [*super().uses(config), *(used_part(name, config.options) for name in parts)]

    @property
    def least_test(self) -> Mapping[Side, int]:
        """As either side's own definition says, unless this one does."""
        said = self.config.min_test
        parts = {**self.items.least_test, **self.users.least_test}
        return parts if said is None else dict.fromkeys(parts, said)

    def assign(self, source: GroupingInput) -> Membership:
        """Both definitions' groups, called ``item NAME`` and ``user NAME``."""
        return Membership.two_sided(self.name, groups(self.items, source), groups(self.users, source))
