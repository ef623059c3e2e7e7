"""What a plug-in must offer. Subclass one of these in one file and it is found; see ``harness.registry``."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl
    import torch

    from harness.data.card import Card
    from harness.data.interactions import Training
    from harness.data.membership import Membership, Side
    from harness.data.tables import Tables
    from harness.streams import Streams


class Frozen(BaseModel):
    """Immutable options; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)


class Plugin(ABC):
    """Anything with a name in a registry. The file's name is the plug-in's name."""

    name: ClassVar[str]
    summary: ClassVar[str]
    """One line for ``harness list``."""


# --- methods ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """All that a method may see: training data, never validation or test data.

    Attributes:
        training: the training interactions
        embeddings: Z₀, the items' text vectors, shape (n_items, d_lm), float32; None for methods without ``needs_text``
        membership: groups of the training grouping
        streams: random streams by purpose
        device: where tensors live
    """

    training: "Training"
    embeddings: "npt.NDArray[np.float32] | None"
    membership: "Membership"
    streams: "Streams"
    device: "torch.device"


@dataclass(frozen=True)
class EpochReport:
    """What one epoch of training did.

    Attributes:
        loss: mean training loss
        group_losses: mean training loss of each group, by name
        group_weights: mean weight of each group, by name
        values: anything else worth a curve, by name
    """

    loss: float
    group_losses: Mapping[str, float] = field(default_factory=dict)
    group_weights: Mapping[str, float] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)


class MethodConfig(Frozen):
    """A method's options."""


@dataclass(frozen=True)
class SearchRange:
    """A parameter's range for a study: numbers from ``low`` to ``high`` (on a log scale) or ``choices``."""

    low: float | None = None
    high: float | None = None
    log: bool = False
    integer: bool = False
    choices: tuple[Any, ...] = ()


class Method(Plugin):
    """A training method: prepared with a problem, trained epoch by epoch, then asked for scores."""

    Config: ClassVar[type[MethodConfig]] = MethodConfig
    reference: ClassVar[str]
    """The paper (or "folklore") that the method comes from."""
    search_space: ClassVar[Mapping[str, SearchRange]] = {}
    needs_text: ClassVar[bool] = True
    iterative: ClassVar[bool] = True
    """False for closed forms: one epoch, no early stopping."""

    def __init__(self, config: MethodConfig) -> None:
        self.config = config

    @abstractmethod
    def prepare(self, problem: "Problem") -> None:
        """Build the model from training data."""

    @abstractmethod
    def train_epoch(self) -> EpochReport:
        """Visit every training interaction once."""

    @abstractmethod
    def score(self, users: "torch.Tensor") -> "torch.Tensor":
        """Scores of all items for ``users`` (shape (b,)), shape (b, n_items); higher is better."""

    @abstractmethod
    def state(self) -> "dict[str, torch.Tensor]":
        """Copies of all that :meth:`score` depends on."""

    @abstractmethod
    def restore(self, state: "Mapping[str, torch.Tensor]") -> None:
        """Undo every change since ``state`` was taken; scores are exactly those of then."""

    def representations(self) -> "torch.Tensor | None":
        """Z as it is now, shape (n_items, d_lm), row by row comparable with Z₀; None for methods without one."""
        return None


# --- data sets -------------------------------------------------------------------------------------------------------


class Dataset(Plugin):
    """A published data set: a card (source, checksum, licence, citation, groupings) and a reader of its files."""

    card: ClassVar["Card"]

    @abstractmethod
    def recognises(self, folder: Path) -> bool:
        """Whether ``folder`` holds this data set's files in any layout that :meth:`read` knows."""

    @abstractmethod
    def read(self, folder: Path) -> "Tables":
        """The raw tables: interactions, items, users."""


# --- groupings -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GroupingInput:
    """What groups may be computed from: training data and metadata, row i describes item (user) index i."""

    training: "Training"
    items: "pl.DataFrame"
    users: "pl.DataFrame"


class Grouping(Plugin):
    """A fairness definition: who is grouped, how, what a group's utility is, and what summarises the disparity.

    The same definition serves training (group losses), evaluation and reports.
    """

    Config: ClassVar[type[Frozen]] = Frozen
    side: ClassVar["Side"] = "item"
    requires: ClassVar[tuple[str, ...]] = ()
    """Columns of the items' (users') table that the grouping reads."""
    utility: ClassVar[Literal["recall", "ndcg"]] = "recall"
    disparities: ClassVar[tuple[str, ...]] = ("cv", "min25")

    def __init__(self, config: Frozen) -> None:
        self.config = config

    @abstractmethod
    def assign(self, source: GroupingInput) -> "Membership":
        """The groups; everyone belongs to at least one."""


class Disparity(Plugin):
    """One number that summarises how unequal groups' utilities are; a pure function with an equation and a source."""

    better: ClassVar[Literal["lower", "higher"]]
    equation: ClassVar[str]
    reference: ClassVar[str]

    @staticmethod
    @abstractmethod
    def of(utilities: "npt.NDArray[np.float64]") -> float:
        """The disparity of the utilities of the groups that have test interactions, shape (n_groups,), n_groups ≥ 1."""


# --- balancers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GroupSignals:
    """What a balancer may look at; smoothed over batches (EMA) where a batch is noisy.

    Attributes:
        losses: L, mean training loss of each group, shape (K,), float64
        gram: M = GGᵀ of the group gradients, scaled by its median diagonal, shape (K, K); zero where not asked for
        scale: the median diagonal that ``gram`` was divided by
        batch_shares: each group's share of the batch, Σ_b C_bk / B, shape (K,)
        data_shares: each group's share of all training interactions, shape (K,)
        present: groups with enough rows in the batch to be given weight, bool, shape (K,)
    """

    losses: "torch.Tensor"
    gram: "torch.Tensor"
    scale: "torch.Tensor"
    batch_shares: "torch.Tensor"
    data_shares: "torch.Tensor"
    present: "torch.Tensor"


@dataclass(frozen=True)
class BalancerOptions:
    """T Frank–Wolfe iterations, λ the weight of the entropy term, α the step of DRO weights, ξ the look-ahead rate."""

    T: int
    lam: float
    alpha: float
    xi: float


class Balancer(Plugin):
    """Group signals to group weights."""

    needs_gradients: ClassVar[bool] = True
    """Whether ``GroupSignals.gram`` is looked at."""

    def __init__(self, options: BalancerOptions) -> None:
        self.options = options

    @abstractmethod
    def weights(self, signals: GroupSignals) -> "torch.Tensor":
        """w, shape (K,), float64: at least 0, sum 1, 0 where a group is not present."""


# --- re-rankers ------------------------------------------------------------------------------------------------------


class RerankConfig(Frozen):
    """Which re-ranker makes the lists from a method's scores, and its options; "none" ranks by score."""

    name: str = Field("none", description="a registered re-ranker, or none")

    @property
    def active(self) -> bool:
        """Whether there is a re-ranker at all."""
        return self.name != "none"


class Reranker(Plugin):
    """Post-processing over any fitted method: what groups of items have been shown so far changes later lists.

    One instance serves one pass over the users, who come in a fixed order, ``batch`` at a time: their lists are made
    from their scores plus :meth:`bonus`, then :meth:`observe` is told what those lists show.

    Args:
        config: the options
        C: membership of items, rows sum to 1, shape (n_items, K), float64
    """

    Config: ClassVar[type[RerankConfig]] = RerankConfig
    batch: int = 1

    def __init__(self, config: RerankConfig, C: "torch.Tensor") -> None:
        self.config = config
        self.C = C

    @abstractmethod
    def bonus(self) -> "torch.Tensor":
        """What is added to the next users' scores of each item, shape (n_items,)."""

    @abstractmethod
    def observe(self, exposures: "torch.Tensor") -> None:
        """Lists have been made: Σ_i C_ik over each, shape (b, K)."""


# --- encoders --------------------------------------------------------------------------------------------------------


class Encoder(Plugin):
    """Texts to vectors. Weights are found when :meth:`fingerprint` is first asked for, and loaded by :meth:`encode`."""

    def __init__(self, batch_size: int = 64) -> None:
        self.batch_size = batch_size

    @abstractmethod
    def fingerprint(self) -> str:
        """A hash of the weights and settings: the same fingerprint and texts give the same vectors."""

    @abstractmethod
    def encode(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> "npt.NDArray[np.float32]":
        """One vector per text, shape (n, d_lm); ``progress`` is told (done, total)."""
