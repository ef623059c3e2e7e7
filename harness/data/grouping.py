"""Applies a grouping by name: checks that the columns it reads exist, then asks it who belongs where."""

import polars as pl

from harness.data.interactions import Training
from harness.data.membership import Membership
from harness.data.prepare import Corpus
from harness.errors import BadInput, nearest
from harness.protocols import Frozen, Grouping, GroupingInput
from harness.registry import registry


def assign(grouping: str, options: Frozen | None, corpus: Corpus, training: Training) -> Membership:
    """The groups of ``corpus``'s items (or users) under the grouping called ``grouping``.

    Args:
        options: the grouping's own options; None for its defaults
        training: training interactions: groups never depend on validation or test data

    Raises:
        BadInput: for an unknown grouping or a column that the data set does not have, with the nearest one.
    """
    kind = registry.get("grouping", grouping)
    require_columns(kind, corpus.items if kind.side == "item" else corpus.users)
    definition: Grouping = kind(kind.Config() if options is None else options)
    membership = definition.assign(GroupingInput(training, corpus.items, corpus.users))
    described, everyone = membership.matrix.shape[0], corpus.n_items if kind.side == "item" else corpus.n_users
    if described != everyone:
        raise BadInput(
            f"grouping '{kind.name}' has rows for {described} of {everyone} {kind.side}s: one each is needed"
        )
    return membership


def require_columns(grouping: type[Grouping], table: pl.DataFrame) -> None:
    """Raise BadInput where ``table`` lacks a column that ``grouping`` reads."""
    for column in grouping.requires:
        if column not in table.columns:
            guess = nearest(column, table.columns)
            hint = f"did you mean '{guess}'?" if guess else f"it has: {', '.join(table.columns)}"
            raise BadInput(
                f"grouping '{grouping.name}' reads the column '{column}', "
                f"which this data set's {grouping.side}s do not have: {hint}"
            )
