"""Applies a grouping: checks that the columns it reads exist, then asks it who belongs where."""

from __future__ import annotations

from harness.base.errors import BadInput, hint
from harness.base.frozen import Frozen
from harness.base.late import pl
from harness.data.corpus import Corpus
from harness.domain.card import Card
from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingInput
from harness.plugins.configured import configured
from harness.plugins.registry import registry


def assign(grouping: str, options: Frozen | None, corpus: Corpus, training: Training) -> Membership:
    """The groups of ``corpus`` under the grouping called ``grouping``.

    Args:
        options: the grouping's own options; None for its defaults
        training: training interactions: groups never depend on validation or test data

    Raises:
        BadInput: for an unknown grouping or a column that the data set does not have, with the nearest one.
    """
    return groups(definition(grouping, options), GroupingInput(training, corpus.items, corpus.users))


def definition(grouping: str, options: Frozen | None = None) -> Grouping:
    """The grouping called ``grouping`` with its options; None for its defaults."""
    kind = registry.get("grouping", grouping)
    return kind(options or kind.Config())


def declared(grouping: str, card: Card) -> Grouping:
    """The grouping called ``grouping`` as a run on the data set has it, where the user says nothing else."""
    kind = registry.get("grouping", grouping)
    named = {registry.check("grouping", name): options for name, options in card.grouping_options.items()}
    return kind(configured("grouping", kind.name, named.get(kind.name, {}), f"grouping_options.{kind.name}"))


def groups(grouping: Grouping, source: GroupingInput) -> Membership:
    """Whom ``grouping`` puts where, checked: the columns that it reads exist and everyone has a row.

    Raises:
        BadInput: otherwise.
    """
    sides = {"item": (source.items,), "user": (source.users,), "both": (source.items, source.users)}
    if grouping.side not in sides:
        raise BadInput(f"grouping '{grouping.name}': side is one of {', '.join(sides)}, not {grouping.side!r}")
    tables = sides[grouping.side]
    if len(tables) == 1:
        require_columns(grouping, tables[0])
    membership = grouping.assign(source)
    if not isinstance(membership, Membership):
        raise BadInput(f"grouping '{grouping.name}': assign gives {type(membership).__name__}, not a Membership")
    described, everyone = membership.matrix.shape[0], sum(table.height for table in tables)
    if described != everyone:
        who = "items and users" if grouping.side == "both" else f"{grouping.side}s"
        raise BadInput(f"grouping '{grouping.name}' has rows for {described} of {everyone} {who}: one each is needed")
    return membership


def require_columns(grouping: Grouping, table: pl.DataFrame) -> None:
    """Raise BadInput where ``table`` lacks a column that ``grouping`` reads."""
    for column in grouping.requires:
        if column not in table.columns:
            which = hint(column, table.columns, f"it has: {', '.join(table.columns)}")
            raise BadInput(
                f"grouping '{grouping.name}' reads the column '{column}', "
                f"which this data set's {grouping.side}s do not have: {which}"
            )
