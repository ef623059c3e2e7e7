"""Contract suites for plug-ins: subclass one in a test file of your own and pytest runs it.

>>> class TestMine(MethodContract):
...     method = "mine"
...     config = {"learning_rate": 0.01}

For a plug-in that is neither installed nor built in, add its file first: ``registry.add_file(Path("mine.py"))``.
"""

import pkgutil

import pytest

# Before the suites are imported: a failed assertion in them shows the values that were compared.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))

from harness.testing.balancer_contract import BalancerContract, toy_signals  # noqa: E402
from harness.testing.dataset_contract import DatasetContract  # noqa: E402
from harness.testing.disparity_contract import DisparityContract  # noqa: E402
from harness.testing.encoder_contract import EncoderContract  # noqa: E402
from harness.testing.grouping_contract import GroupingContract  # noqa: E402
from harness.testing.method_contract import SMALL, MethodContract  # noqa: E402
from harness.testing.metric_contract import MetricContract  # noqa: E402
from harness.testing.problem import toy_problem  # noqa: E402
from harness.testing.reranker_contract import RerankerContract  # noqa: E402
from harness.testing.study_contract import StudyContract  # noqa: E402
from harness.testing.world import toy_world  # noqa: E402

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
