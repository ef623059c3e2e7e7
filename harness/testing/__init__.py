"""Contract suites for plug-ins: subclass one in a test file of your own and pytest runs it.

>>> class TestMine(MethodContract):
...     method = "mine"
...     config = {"learning_rate": 0.01}

For a plug-in that is neither installed nor built in, add its file first: ``registry.add_file(Path("mine.py"))``.
"""

import pkgutil
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from harness.base.lazy import attribute

if find_spec("pytest") is not None:  # who only writes a plug-in, by ``harness plugin new``, needs none
    import pytest

    # Before the suites are imported: a failed assertion in them shows the values that were compared.
    pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))

if TYPE_CHECKING:
    from harness.testing.balancer_contract import BalancerContract, toy_signals
    from harness.testing.dataset_contract import DatasetContract
    from harness.testing.disparity_contract import DisparityContract
    from harness.testing.encoder_contract import EncoderContract
    from harness.testing.grouping_contract import GroupingContract
    from harness.testing.method_contract import SMALL, MethodContract
    from harness.testing.metric_contract import MetricContract
    from harness.testing.problem import toy_problem
    from harness.testing.reranker_contract import RerankerContract
    from harness.testing.study_contract import StudyContract
    from harness.testing.world import toy_world

_MODULES = {
    "harness.testing.balancer_contract": (
        "BalancerContract",
        "toy_signals",
    ),
    "harness.testing.dataset_contract": ("DatasetContract",),
    "harness.testing.disparity_contract": ("DisparityContract",),
    "harness.testing.encoder_contract": ("EncoderContract",),
    "harness.testing.grouping_contract": ("GroupingContract",),
    "harness.testing.method_contract": (
        "SMALL",
        "MethodContract",
    ),
    "harness.testing.metric_contract": ("MetricContract",),
    "harness.testing.problem": ("toy_problem",),
    "harness.testing.reranker_contract": ("RerankerContract",),
    "harness.testing.study_contract": ("StudyContract",),
    "harness.testing.world": ("toy_world",),
}

__all__ = [
    "SMALL",
    "BalancerContract",
    "DatasetContract",
    "DisparityContract",
    "EncoderContract",
    "GroupingContract",
    "MethodContract",
    "MetricContract",
    "RerankerContract",
    "StudyContract",
    "toy_problem",
    "toy_signals",
    "toy_world",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for."""
    return attribute(__name__, _MODULES, name)
