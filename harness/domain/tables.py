"""The tables a data set's reader returns, before any filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.base.late import pl


@dataclass(frozen=True, eq=False)
class Tables:
    """Raw tables with raw ids as text.

    Attributes:
        interactions: columns ``user``, ``item`` (text, categorical where there is much of it), and where known
            ``rating`` (float), ``timestamp`` (int, s) or ``position`` (int, an interaction's place in its user's
            history), or ``part`` (UInt8: 0 training, 1 validation, 2 test, where the data come divided)
        items: column ``item`` and whatever describes items (``title``, ``year``, ``genres`` as list of text, …)
        users: column ``user`` and whatever describes users
        skipped: rows the reader left out, by reason; reasons of none are dropped
    """

    interactions: pl.DataFrame
    items: pl.DataFrame
    users: pl.DataFrame
    skipped: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "skipped", {reason: count for reason, count in self.skipped.items() if count})
