"""A definition that asks the registry for another one and says so."""

from collections.abc import Iterable
from dataclasses import replace

from harness.base.frozen import Frozen
from harness.data.group_assignment import definition, groups
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingInput, Use


class Echo(Grouping):
    """The groups of ``decade``, under another name."""

    name = "echo"
    summary = "what another definition says"

    @classmethod
    def uses(cls, config: Frozen) -> Iterable[Use]:
        return [*super().uses(config), Use("grouping", "decade")]

    def assign(self, source: GroupingInput) -> Membership:
        return replace(groups(definition("decade"), source), grouping=self.name)
