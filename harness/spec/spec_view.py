"""What a stored spec says, whether or not the plug-ins that it names are still there to validate it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.base.paths import CARD_ENDING
from harness.domain.metric_key import MetricKey


@dataclass(frozen=True)
class SpecView:
    """The spec of a run, as the run and the records of studies keep it.

    Attributes:
        tree: the whole of it
    """

    tree: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The method and its post-processing, for people."""
        rerank = self.tree.get("rerank", {}).get("name", "none")
        return str(self.tree["method"]) if rerank == "none" else f"{self.tree['method']} + {rerank}"

    @property
    def title(self) -> str:
        """The run in one line, for people."""
        return f"{self.label} on {self.dataset}, trained on {self.group} groups, seed {self.tree['seed']}"

    @property
    def dataset(self) -> str:
        """The data set's name, also where it is given as the path of its card; empty where none is kept."""
        name = str(self.tree.get("dataset", ""))
        return Path(name).stem if name.endswith(CARD_ENDING) else name

    @property
    def encoder(self) -> str:
        """What turned texts into vectors; empty where nothing did."""
        return str((self.tree.get("encoder") or {}).get("name", ""))

    @property
    def group(self) -> str:
        """The grouping trained on."""
        return str(self.tree["group"])

    @property
    def k(self) -> int:
        """The headline cut-off."""
        return int(self.tree["evaluation"]["headline_k"])

    @property
    def longest(self) -> int:
        """The largest cut-off, which is how long the lists are that the run kept."""
        return int(max(self.tree["evaluation"]["ks"]))

    def metric(self, declared: str, split: str = "test") -> MetricKey:
        """A metric as studies declare it: ``{group}/cv`` is ``test/genre/cv_at_20``."""
        return MetricKey.declared(declared, self.group, self.k, split)
