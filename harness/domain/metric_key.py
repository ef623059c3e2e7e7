"""What a metric is, and how stores, records and studies write it: ``test/genre/cv_at_20``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

GROUP = "{group}"
"""What stands for the grouping trained on in the metrics that studies declare."""
UTILITY = "utility"
"""The name under which what a single group gets is kept."""
SPLITS = ("test", "validation", "epoch", "train", "selection", "unfairness", "drift")
_SHOWN = {"ndcg": "NDCG", "recall": "Recall", "cv": "CV", "min25": "MIN"}
_COSTS = ("seconds", "seconds_per_epoch", "peak_memory_mb")
_AT_K = re.compile(r"(.+)_at_([1-9][0-9]*)")


@dataclass(frozen=True)
class MetricKey:
    """One metric; as text, the key that it has in stores and records.

    Attributes:
        name: as its plug-in has it: ``ndcg``, ``cv``
        k: the cut-off; None where it has none, as a loss
        grouping: whose groups it compares or is of; empty: it is of lists
        group: the one group that it is of, as :func:`harness.domain.group_keys.group_keys` writes it; empty: all
        split: what it was measured on, one of :data:`SPLITS`; ``epoch`` is validation, epoch by epoch. Empty: what has
            none (``training_seconds``), or a value that has not been put there yet
    """

    name: str
    k: int | None = None
    grouping: str = ""
    group: str = ""
    split: str = ""

    def __str__(self) -> str:
        name = self.name if self.k is None else f"{self.name}_at_{self.k}"
        return "/".join(part for part in (self.split, self.grouping, name, self.group) if part)

    @classmethod
    def parse(cls, text: str) -> "MetricKey":
        """The metric whose key is ``text``: of any text, one that is written like it.

        The part that ends in a cut-off is the name; a grouping comes before it, a group after it. Without a cut-off the
        name comes first.
        """
        first, slash, rest = text.partition("/")
        split, parts = (first, rest.split("/")) if slash and first in SPLITS else ("", text.split("/"))
        for place, part in enumerate(parts):
            if found := _AT_K.fullmatch(part):
                before, after = "/".join(parts[:place]), "/".join(parts[place + 1 :])
                return cls(found[1], int(found[2]), before, after, split)
        return cls(parts[0], group="/".join(parts[1:]), split=split)

    @classmethod
    def declared(cls, text: str, group: str, k: int, split: str = "test") -> "MetricKey":
        """A metric as studies declare it: ``{group}/cv`` is ``test/genre/cv_at_20``.

        Whole keys (``validation/ndcg_at_10``, ``training_seconds``) stay as they are.

        Args:
            text: as declared
            group: the grouping trained on
            k: the cut-off, where none is declared
            split: what it is looked for on, where that is not declared
        """
        text = text.replace(GROUP, group)
        key = cls.parse(text)
        if key.split or key.is_cost:
            return key
        return (cls.parse(f"{text}_at_{k}") if key.k is None else key).on(split)

    @classmethod
    def in_words(cls, text: str) -> str:
        """What people call a metric as studies declare it, where no run tells grouping or cut-off.

        >>> MetricKey.in_words("{group}/cv")
        'CV of the groups trained on'
        """
        key = cls.declared(text, "the groups trained on", 1)
        return (key if "_at_" in text else replace(key, k=None)).label

    def on(self, split: str) -> "MetricKey":
        """The same metric of a split."""
        return replace(self, split=split)

    @property
    def is_cost(self) -> bool:
        """Whether it is time or memory."""
        return self.name.endswith(_COSTS)

    @property
    def heading(self) -> str:
        """What tables of one grouping call it: ``NDCG@20``, ``CV@20``."""
        name = _SHOWN.get(self.name, self.name)
        return name if self.k is None else f"{name}@{self.k}"

    @property
    def label(self) -> str:
        """What people call it: ``NDCG@20``, ``CV@20 of genre``."""
        return f"{self.heading} of {self.grouping}" if self.grouping else self.heading


def as_stored(metrics: Mapping[MetricKey, float], split: str | None = None) -> dict[str, float]:
    """Metrics by the keys that stores keep, put under a split where one is given."""
    return {str(key if split is None else key.on(split)): value for key, value in metrics.items()}


def of_split(metrics: Mapping[str, float], split: str) -> dict[MetricKey, float]:
    """What a store keeps of one split, by keys that name none: what :func:`as_stored` was given."""
    keys = {key: MetricKey.parse(key) for key in metrics}
    return {key.on(""): metrics[text] for text, key in keys.items() if key.split == split}
