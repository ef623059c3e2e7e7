"""What works with groups of items alone, and says so where a grouping has others; no array is needed to ask."""

from harness.base.errors import BadInput

WHOM = {"item": "items", "user": "users", "both": "items and users"}
"""Whom a grouping of a side groups, in words."""


def require_items(need: str, grouping: str, side: str) -> None:
    """Raise BadInput unless ``grouping``, of this side, groups items.

    Args:
        need: who needs them and for what, up to "groups of items"
    """
    if side != "item":
        raise BadInput(f"{need} groups of items, and '{grouping}' groups {WHOM[side]}; choose another --group")
