"""The kinds of plug-ins: where built-in ones live and what all of them are."""

import importlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """A kind of plug-in: the package of those that are built in, and the class that they subclass.

    Without a class, plug-ins of this kind are TOML files alone, and the package's folder holds these.
    """

    name: str
    package: str
    base: str = ""
    separator: str = "_"
    declared: str = ""
    """What makes a plug-in from a TOML file, where plug-ins of this kind can be declared by one."""
    home: str = ""
    """What tells the user's own folder of such files, where there is one."""
    family: str = ""
    """What makes a plug-in from a name that holds a parameter, such as ``min10``, or None; asked for unknown names."""

    @property
    def plural(self) -> str:
        return f"{self.name}s" if not self.name.endswith("y") else f"{self.name[:-1]}ies"

    @property
    def group(self) -> str:
        """The group of entry points under which packages offer plug-ins of this kind."""
        return f"harness.{self.plural}"

    @property
    def is_code(self) -> bool:
        """Whether its plug-ins are classes of Python files."""
        return bool(self.base)

    def base_class(self) -> type:
        """The class that plug-ins of this kind subclass."""
        return named(self.base)

    def spelt(self, stem: str) -> str:
        """A file's stem as a plug-in's name."""
        return stem.replace("_", self.separator)


def named(place: str) -> Any:
    """What ``module:name`` names."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("method", "harness.methods", "harness.plugins:Method"),
        Kind(
            "dataset",
            "harness.datasets",
            "harness.plugins:Dataset",
            "-",
            declared="harness.data.table.card_dataset:from_card",
            home="harness.base.paths:cards_folder",
        ),
        Kind("grouping", "harness.builtin.groupings", "harness.plugins:Grouping"),
        Kind("encoder", "harness.builtin.encoders", "harness.plugins:Encoder", "-"),
        Kind("balancer", "harness.builtin.balancers", "harness.plugins:Balancer"),
        Kind("reranker", "harness.builtin.rerankers", "harness.plugins:Reranker"),
        Kind("metric", "harness.builtin.metrics", "harness.plugins:Metric"),
        Kind(
            "disparity",
            "harness.builtin.disparities",
            "harness.plugins:Disparity",
            family="harness.builtin.disparities._min_share:of_name",
        ),
        Kind("study", "harness.studies", declared="harness.study.study_spec:read_study"),
    )
}
