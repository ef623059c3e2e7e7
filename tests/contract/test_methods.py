"""The contract of methods, over all that are registered, built in or installed by somebody else."""

from typing import ClassVar

import pytest

from harness.plugins.registry import registry
from harness.testing import MethodContract


class TestEveryMethod(MethodContract):
    @pytest.fixture(autouse=True, params=registry.names("method"))
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.method = request.param


class TestOnTheBackboneWithLearntUsers(MethodContract):
    """Every method on text vectors runs on it unchanged."""

    config: ClassVar = {"backbone": "vbpr"}

    @pytest.fixture(
        autouse=True,
        params=[
            one for one in registry.names("method") if "backbone" in registry.get("method", one).Config.model_fields
        ],
    )
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.method = request.param


PROPOSED_ON_LEARNT_VECTORS = ("dpr", "fairneg", "group_dro", "macr", "pd", "pda", "pfcn", "popgo")


class TestOnLightGCN(MethodContract):
    """Methods that train θ alone run on learnt vectors unchanged, as most of them were proposed."""

    config: ClassVar = {"backbone": "lightgcn"}

    @pytest.fixture(autouse=True, params=PROPOSED_ON_LEARNT_VECTORS)
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.method = request.param


LARGE = {"propagation": "input", "shared_negatives": True}
"""The options meant for large catalogues, which change how a method sees its data."""


class TestBiFairAtScale(MethodContract):
    method = "bifair"
    config: ClassVar = {**LARGE, "representations": "low_rank", "rank": 3, "refresh_every": 2}


class TestBiFairAtScaleWithFreeRepresentations(MethodContract):
    method = "bifair"
    config: ClassVar = {**LARGE, "refresh_every": 2}


class TestAlphaRecAtScale(MethodContract):
    method = "alpharec"
    config: ClassVar = LARGE


class TestGroupDroAtScale(MethodContract):
    method = "group_dro"
    config: ClassVar = LARGE


class TestMixedPrecision(MethodContract):
    method = "bifair"
    config: ClassVar = {"precision": "mixed"}


class TestSeparateInItsSecondPhase(MethodContract):
    method = "separate"
    config: ClassVar = {"theta_epochs": 1, "theta_loss": "erm"}


class TestSeparateThatTurnsLater(MethodContract):
    method = "separate"
    config: ClassVar = {"theta_epochs": 3, "balancer": "group_dro"}


class TestBiFairWithDataOfItsOwnForTheOuterLevel(MethodContract):
    method = "bifair"
    config: ClassVar = {"outer_data": "heldout", "representations": "low_rank", "rank": 3, "balance_every": 2}


class TestBiFairOnOneStreamOfBatches(MethodContract):
    method = "bifair"
    config: ClassVar = {"outer_data": "same", "warmup_epochs": 3, "balancer": "group_dro"}


class TestFairDualThatStartsAfresh(MethodContract):
    method = "fairdual"
    config: ClassVar = {"reset_every": 3}


class TestFairNegWithHardNegatives(MethodContract):
    method = "fairneg"
    config: ClassVar = {"propagation": "input", "mix": 0.5}


class TestDprAtScale(MethodContract):
    method = "dpr"
    config: ClassVar = {**LARGE, "goal": "rsp"}


class TestPfcnAtScale(MethodContract):
    method = "pfcn"
    config: ClassVar = LARGE


class TestPfcnWithoutFilter(MethodContract):
    method = "pfcn"
    config: ClassVar = {"filter": False}


class TestPDAtScale(MethodContract):
    method = "pd"
    config: ClassVar = LARGE


class TestPDByInfoNCE(MethodContract):
    method = "pd"
    config: ClassVar = {"criterion": "info_nce"}


class TestMACRAtScale(MethodContract):
    method = "macr"
    config: ClassVar = LARGE


class TestPopGoAtScale(MethodContract):
    method = "popgo"
    config: ClassVar = LARGE
