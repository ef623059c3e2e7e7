"""What a plug-in is, and what its author subclasses, is given and gives back.

Subclass one of :class:`Method`, :class:`Dataset`, :class:`Grouping`, :class:`Encoder`, :class:`Balancer`,
:class:`Reranker`, :class:`Metric` or :class:`Disparity` in one file and it is found: see
:mod:`harness.plugins.registry`. Its options are its ``Config``, a subclass of :class:`Frozen` (of a method's of
:class:`MethodConfig`, of a grouping's of :class:`GroupingConfig`, of a re-ranker's of :class:`RerankConfig`); metrics
and disparities have none.
"""

from typing import TYPE_CHECKING, Any

from harness.base.lazy import attribute

if TYPE_CHECKING:
    from harness.base.errors import BadInput, Unavailable
    from harness.base.frozen import Frozen
    from harness.base.messages import Say
    from harness.base.sizes import BatchSize, Size
    from harness.base.streams import Streams
    from harness.domain.card import ArchiveSource, Card, FilesSource, RemoteFile, WheelSource
    from harness.domain.interactions import Interactions, Training
    from harness.domain.membership import Membership, Side
    from harness.domain.tables import Tables
    from harness.domain.top_k import TopK, Values
    from harness.plugins.protocols.balancer import Balancer, GroupSignals
    from harness.plugins.protocols.dataset import Dataset
    from harness.plugins.protocols.disparity import Disparity
    from harness.plugins.protocols.encoder import Encoder
    from harness.plugins.protocols.grouping import Grouping, GroupingConfig, GroupingInput
    from harness.plugins.protocols.list_reranker import ListReranker
    from harness.plugins.protocols.method import EpochReport, Method, MethodConfig, Problem, SearchRange
    from harness.plugins.protocols.metric import Metric
    from harness.plugins.protocols.plugin import Plugin, Use
    from harness.plugins.protocols.reranker import RerankConfig, Reranker

_MODULES = {
    "harness.base.errors": ("BadInput", "Unavailable"),
    "harness.base.frozen": ("Frozen",),
    "harness.base.messages": ("Say",),
    "harness.base.sizes": ("BatchSize", "Size"),
    "harness.base.streams": ("Streams",),
    "harness.domain.card": ("ArchiveSource", "Card", "FilesSource", "RemoteFile", "WheelSource"),
    "harness.domain.interactions": ("Interactions", "Training"),
    "harness.domain.membership": ("Membership", "Side"),
    "harness.domain.tables": ("Tables",),
    "harness.domain.top_k": ("TopK", "Values"),
    "harness.plugins.protocols.balancer": ("Balancer", "GroupSignals"),
    "harness.plugins.protocols.dataset": ("Dataset",),
    "harness.plugins.protocols.disparity": ("Disparity",),
    "harness.plugins.protocols.encoder": ("Encoder",),
    "harness.plugins.protocols.grouping": ("Grouping", "GroupingConfig", "GroupingInput"),
    "harness.plugins.protocols.list_reranker": ("ListReranker",),
    "harness.plugins.protocols.method": ("EpochReport", "Method", "MethodConfig", "Problem", "SearchRange"),
    "harness.plugins.protocols.metric": ("Metric",),
    "harness.plugins.protocols.plugin": ("Plugin", "Use"),
    "harness.plugins.protocols.reranker": ("RerankConfig", "Reranker"),
}

__all__ = [
    "ArchiveSource",
    "BadInput",
    "Balancer",
    "BatchSize",
    "Card",
    "Dataset",
    "Disparity",
    "Encoder",
    "EpochReport",
    "FilesSource",
    "Frozen",
    "GroupSignals",
    "Grouping",
    "GroupingConfig",
    "GroupingInput",
    "Interactions",
    "ListReranker",
    "Membership",
    "Method",
    "MethodConfig",
    "Metric",
    "Plugin",
    "Problem",
    "RemoteFile",
    "RerankConfig",
    "Reranker",
    "Say",
    "SearchRange",
    "Side",
    "Size",
    "Streams",
    "Tables",
    "TopK",
    "Training",
    "Unavailable",
    "Use",
    "Values",
    "WheelSource",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for: a grouping needs no tensors, a card no interactions."""
    return attribute(__name__, _MODULES, name)
