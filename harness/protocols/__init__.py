"""What a plug-in must offer. Subclass one of these in one file and it is found; see ``harness.registry``."""

from harness.protocols.balancer import Balancer, BalancerOptions, GroupSignals
from harness.protocols.dataset import Dataset
from harness.protocols.disparity import Disparity
from harness.protocols.encoder import Encoder
from harness.protocols.grouping import Grouping, GroupingInput
from harness.protocols.method import EpochReport, Method, MethodConfig, Problem, SearchRange
from harness.protocols.metric import Metric
from harness.protocols.plugin import Frozen, Plugin
from harness.protocols.reranker import RerankConfig, Reranker

__all__ = [
    "Balancer",
    "BalancerOptions",
    "Dataset",
    "Disparity",
    "Encoder",
    "EpochReport",
    "Frozen",
    "GroupSignals",
    "Grouping",
    "GroupingInput",
    "Method",
    "MethodConfig",
    "Metric",
    "Plugin",
    "Problem",
    "RerankConfig",
    "Reranker",
    "SearchRange",
]
