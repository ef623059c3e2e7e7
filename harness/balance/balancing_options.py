"""Options of group-weighted training, shared by all methods that balance groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import (
    Field,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
)

from harness.balance.gram_scale import GramScale
from harness.balance.level import Level
from harness.balance.rule_options import DroConfig, EntropyConfig
from harness.balance.weighting import GroupWeighting, WeightingOptions
from harness.base.errors import BadInput
from harness.base.frozen import Frozen, Grown
from harness.base.late import torch
from harness.base.sizes import BatchSize
from harness.domain.interactions import Interactions
from harness.models.floors import Floors
from harness.models.recommender import RecommenderConfig
from harness.plugins import Problem, Use
from harness.plugins.configured import configured, place_of, validated
from harness.plugins.registry import registry


class GroupWeightedConfig(RecommenderConfig, Grown):
    """A loss Σ_k w_k L_k over groups."""

    later: ClassVar[tuple[str, ...]] = ("floor",)

    min_rows: BatchSize = Field(32, description="rows a group needs in a batch to be given weight")
    floor: int = Field(
        0, ge=0, le=2**24, description="rows of each group that a batch is filled up to; 0: as they come"
    )

    def level_of(self, balancer: str, data_shares: torch.Tensor, smoothing: WeightingOptions) -> Level:
        """A level whose weights follow the balancer called ``balancer``.

        Args:
            data_shares: each group's share of the training interactions, shape (K,)
            smoothing: of the balancer's inputs
        """
        kind = registry.get("balancer", balancer)
        return Level(GroupWeighting(kind(self.options_for(kind.Config)), data_shares, smoothing), self.temperature)

    def floors(self, problem: Problem, interactions: Interactions, purpose: str) -> Floors | None:
        """What fills up the batches of these interactions, which the stream called ``purpose`` shuffles."""
        if self.floor == 0:
            return None
        generator = problem.streams.generator(purpose, "floors")
        return Floors(self.floor, interactions, problem.membership, self.batch_size, generator)

    def options_for(self, kind: type[Frozen]) -> Frozen:
        """A balancer's options, which are among the method's own."""
        return kind(**{name: getattr(self, name) for name in kind.model_fields})


class GramConfig(GroupWeightedConfig):
    """Weights that look at noisy group gradients."""

    later: ClassVar[tuple[str, ...]] = (*GroupWeightedConfig.later, "remember", "gram_scale")

    balance_every: int = Field(1, ge=1, description="steps between refreshes of the weights")
    ema: float = Field(0.9, ge=0, lt=1, description="smoothing of group losses and Gram matrix")
    remember: bool = Field(False, description="weigh all groups seen so far, by their last estimates")
    gram_scale: GramScale = Field(
        "common", description="group gradients compared at their lengths, or each at its own: their directions alone"
    )


class BalancedConfig(GramConfig, EntropyConfig, DroConfig):
    """Which balancer, and its options.

    A balancer whose ``Config`` is a part of this class has its options here (``lam``); any other has them in
    ``balancer_options``.
    """

    learns_representations: ClassVar[bool] = True

    balancer: str = Field("entropy", description="the rule for group weights")
    balancer_options: SerializeAsAny[Frozen] = Field(
        default_factory=dict,  # type: ignore[assignment]
        description="the balancer's own options, where they are none of the method's",
    )
    gamma: float = Field(1.0, ge=0, le=1, description="γ: share of the balancer's weights against proportional ones")

    @field_validator("balancer")
    @classmethod
    def _balancer_is_registered(cls, name: str) -> str:
        return registry.get("balancer", name).name

    @field_validator("balancer_options", mode="before")
    @classmethod
    def _options_are_the_balancers_own(cls, given: Any, info: ValidationInfo) -> Any:
        if "balancer" not in info.data:  # it is wrong itself, and said to be
            return Frozen()
        kind, where = registry.get("balancer", info.data["balancer"]), place_of("balancer_options", info)
        if not issubclass(cls, kind.Config):
            return configured("balancer", kind.name, given, where)
        places = [place_of(name, info) for name in kind.Config.model_fields]
        if places and given and isinstance(given, Mapping):
            raise BadInput(f"{where}: the options of balancer '{kind.name}' are written {', '.join(places)}")
        return validated(Frozen, given, where)

    @model_serializer(mode="wrap")
    def _without_options_of_balancers_that_have_none(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Specs, and with them their digests, are what they were before balancers had options of their own."""
        written = self._without_later_defaults(write)
        return {key: value for key, value in written.items() if key != "balancer_options" or value}

    def options_for(self, kind: type[Frozen]) -> Frozen:
        return super().options_for(kind) if isinstance(self, kind) else self.balancer_options

    def uses(self) -> Iterable[Use]:
        return [Use("balancer", self.balancer, self.options_for(registry.get("balancer", self.balancer).Config))]

    def level(self, data_shares: torch.Tensor, lookahead_rate: float) -> Level:
        """A level with weights of its own.

        Args:
            data_shares: each group's share of the training interactions, shape (K,)
            lookahead_rate: ξ, for balancers that look at the losses after the step
        """
        smoothing = WeightingOptions(
            self.ema, self.min_rows, self.gamma, self.balance_every, lookahead_rate, self.remember, self.gram_scale
        )
        return self.level_of(self.balancer, data_shares, smoothing)
