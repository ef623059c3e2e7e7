"""Users by occupation."""

from typing import ClassVar

from pydantic import Field

from harness.data.membership import Membership
from harness.groupings._labels import as_labels, by_label
from harness.protocols import Frozen, Grouping, GroupingInput


class OccupationConfig(Frozen):
    """When a group is large enough to stand on its own."""

    min_users: int = Field(15, ge=1, description="groups with fewer users are merged into 'other'")


class Occupation(Grouping):
    """A group per value of the users' column ``occupation``, as the data set writes it.

    Users who did not say form ``unlabelled``; small groups are merged into ``other``.
    """

    name = "occupation"
    summary = "users by occupation"
    side = "user"
    requires = ("occupation",)
    Config: ClassVar[type[Frozen]] = OccupationConfig

    def __init__(self, config: OccupationConfig) -> None:
        super().__init__(config)
        self.min_users = config.min_users

    def assign(self, source: GroupingInput) -> Membership:
        """The occupation of each user.

        Raises:
            BadInput: where the column holds nothing that can be a label.
        """
        return by_label(self.name, self.side, as_labels(self.name, source.users["occupation"]), self.min_users)
