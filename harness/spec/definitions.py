"""Which fairness definitions a run has, under which options: what the user says, else what the data set declares."""

from collections.abc import Mapping
from typing import Any

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.base.trees import merged
from harness.domain.card import Card
from harness.domain.exposure_names import EXPOSURE_DISPARITIES
from harness.plugins import Grouping
from harness.plugins.configured import configured
from harness.plugins.registry import registry


def resolved_groups(spec: Mapping[str, Any], card: Card) -> dict[str, Any]:
    """``group``, ``groups`` and ``groupings`` of a spec, complete: names as their owners spell them, options validated.

    Args:
        spec: these keys as the user gives them
        card: of the data set; its groupings are reported and its default trained unless the user says otherwise, and
            its options hold where the user's say nothing

    Raises:
        BadInput: for an unknown grouping, option or disparity, with the nearest one.
    """
    trained = _definition(spec.get("group") or card.default_group).name
    reported = spec.get("groups") or card.groupings
    if not isinstance(reported, (str, list, tuple)):
        raise BadInput(f"groups: a list of groupings is needed, not {reported!r}")
    names = [_definition(name).name for name in ([reported] if isinstance(reported, str) else reported)]
    return {
        "group": trained,
        "groups": tuple(dict.fromkeys([*names, trained])),
        "groupings": _options(card.grouping_options, spec.get("groupings", {})),
    }


def _options(declared: Mapping[str, Any], given: Any) -> dict[str, Frozen]:
    options = merged(_by_name(declared), _by_name(given))
    return {name: configured("grouping", name, own, f"groupings.{name}") for name, own in options.items()}


def _by_name(given: Any) -> dict[str, Any]:
    """Options by the groupings' names as their owners spell them."""
    if not isinstance(given, Mapping):
        raise BadInput(f"groupings: options are written groupings.NAME.KEY=VALUE, not {given!r}")
    return {registry.check("grouping", name): options for name, options in given.items()}


def _definition(name: Any) -> type[Grouping]:
    """The grouping called ``name``; the disparities that are to summarise it are there."""
    if not isinstance(name, str):
        raise BadInput(f"group, groups: a grouping is named by text, not by {name!r}")
    grouping = registry.get("grouping", name)
    for disparity in grouping.disparities:
        try:
            registry.check("disparity", disparity)
        except BadInput as error:
            raise BadInput(f"grouping '{grouping.name}': disparities: {_always(disparity) or error}") from None
    return grouping


def _always(disparity: str) -> str:
    """What to say where ``disparity`` is one of exposure, which no definition names."""
    if disparity not in EXPOSURE_DISPARITIES:
        return ""
    if EXPOSURE_DISPARITIES[disparity].on_request:
        return f"'{disparity}' is one of exposure: ask for it in evaluation.exposure"
    return f"'{disparity}' is reported of all groups of items anyway: leave it out"
