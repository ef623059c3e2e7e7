"""What definitions share whose groups are the values of one column of the users' table."""

from typing import ClassVar

from pydantic import Field

from harness.base.frozen import Frozen
from harness.builtin.groupings._labels import as_labels, by_label
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingConfig, GroupingInput


class UserLabelConfig(GroupingConfig):
    """When a group is large enough to stand on its own."""

    min_users: int = Field(15, ge=1, description="groups with fewer users are merged into 'other'")


class UserLabel(Grouping):
    """A group per value of the column that the definition is called after, as the data set writes it.

    Users who did not say form ``unlabelled``; small groups are merged into ``other``.
    """

    side = "user"
    Config: ClassVar[type[Frozen]] = UserLabelConfig
    config: UserLabelConfig

    def assign(self, source: GroupingInput) -> Membership:
        """The column's value of each user.

        Raises:
            BadInput: where the column holds nothing that can be a label.
        """
        return by_label(self.name, self.side, as_labels(self.name, source.users[self.name]), self.config.min_users)
