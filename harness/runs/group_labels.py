"""What groups are called where their names cannot be part of a key: "Children's", which is kept as ``Children_s``."""

import json
from collections.abc import Iterable, Mapping

from harness.domain.group_keys import group_keys
from harness.evaluation.evaluate import Fairness
from harness.evaluation.extremes import MANY_GROUPS
from harness.track.names import MAX_TAG, clean_name


def label_tags(definitions: Iterable[Fairness]) -> dict[str, str]:
    """The names that differ from their keys, by grouping, for groupings whose groups are kept one by one."""
    found: dict[str, str] = {}
    for membership in (definition.membership for definition in definitions):
        keys = group_keys(membership.names)
        labels = {key: name for name, key in keys.items() if key != name}
        text = json.dumps(labels, ensure_ascii=False)
        if labels and len(keys) <= MANY_GROUPS and len(text) <= MAX_TAG:
            found[_tag(membership.grouping)] = text
    return found


def group_labels(tags: Mapping[str, str], grouping: str) -> dict[str, str]:
    """Names by key, of the groups whose names are not their keys; none of runs that have not kept them."""
    labels = json.loads(tags.get(_tag(grouping), "{}"))
    return {str(key): str(name) for key, name in labels.items()}


def _tag(grouping: str) -> str:
    return clean_name(f"labels.{grouping}")
