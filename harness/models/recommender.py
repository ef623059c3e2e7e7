"""What all methods on the AlphaRec backbone share: the model, the batches, the groups, scores and state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from harness.base.late import sparse, torch
from harness.base.sizes import BatchSize, Size
from harness.domain.interactions import Interactions
from harness.models.adam import adam
from harness.models.alpharec import AlphaRecBackbone, Factors
from harness.models.batches import Batch, BatchSampler
from harness.models.floors import Floors
from harness.models.free_vectors import FreeVectors
from harness.models.graph import NewUsers
from harness.models.input_side import InputSide
from harness.models.projector import Activation, Projector
from harness.models.vbpr import VBPRBackbone
from harness.models.views import Backbone, Views, WholeGraph
from harness.plugins import EpochReport, Method, MethodConfig, Problem, SearchRange

WITHOUT_TEXT = ("lightgcn", "mf")
LEARNT_USERS = ("vbpr", *WITHOUT_TEXT)


class RecommenderConfig(MethodConfig):
    """The backbone and its optimiser; where nothing is said, AlphaRec's (Sheng et al., ICLR 2025)."""

    learns_representations: ClassVar[bool] = False
    """Whether its methods learn the representations, which some backbones do not have."""

    backbone: Literal["alpharec", "two_tower", "vbpr", "lightgcn", "mf"] = Field(
        "alpharec",
        description="with or without graph propagation; vbpr: learnt vectors of users and items beside the items' "
        "text; lightgcn, mf: learnt vectors alone, with or without propagation",
    )
    activation: Activation = Field("leaky_relu", description="of the projector; linear and gelu have no biases")
    hidden: Size | None = Field(None, description="hidden width of the projector; unset: half of Z's width")
    dim: Size = Field(64, description="width of the final factors")
    layers: int = Field(2, ge=1, le=100, description="propagation steps of the backbones alpharec and lightgcn")
    propagation: Literal["exact", "input"] = Field(
        "exact", description="over the whole graph for every batch, or once before the projector (large catalogues)"
    )
    temperature: float = Field(0.15, gt=0, description="τ of InfoNCE")
    negatives: Size = Field(256, description="sampled negatives per interaction (per batch where shared)")
    shared_negatives: bool = Field(False, description="one draw of negatives for all rows of a batch")
    batch_size: BatchSize = Field(4096, description="interactions per step")
    learning_rate: float = Field(2e-3, gt=0, description="of Adam on θ")
    weight_decay: float = Field(1e-6, ge=0, description="of Adam on θ")
    dtype: Literal["float32", "float64"] = Field("float32", description="of parameters and arithmetic")
    precision: Literal["full", "mixed"] = Field(
        "full", description="mixed: the projector's products in bfloat16, for devices that have instructions for it"
    )

    @model_validator(mode="after")
    def _something_is_propagated(self) -> Self:
        if self.backbone in LEARNT_USERS and self.propagation == "input":
            raise ValueError(
                f"propagation=input: the backbone {self.backbone} does not propagate its input; leave it at exact"
            )
        return self

    @model_validator(mode="after")
    def _there_is_something_to_learn(self) -> Self:
        if self.learns_representations and self.backbone in WITHOUT_TEXT:
            raise ValueError(
                f"backbone={self.backbone}: it has no representations of items' texts, which this method learns; "
                "choose alpharec, two_tower or vbpr"
            )
        return self


class Recommender(Method):
    """A method that learns θ (and perhaps Z) of an AlphaRec-type backbone.

    All of them search the same ranges of what they share, so that none has more to choose from than another.
    """

    Config: ClassVar[type[MethodConfig]] = RecommenderConfig
    config: RecommenderConfig
    changes: ClassVar[tuple[str, ...]] = ("theta", "optimizer", "batches")
    """Methods that learn Z name it too."""
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "learning_rate": SearchRange(5e-4, 1e-2, log=True),
        "temperature": SearchRange(0.08, 0.3, log=True),
    }

    def prepare(self, problem: Problem) -> None:
        if problem.embeddings is None:
            raise ValueError(f"{self.name} needs the items' text vectors")
        config, training = self.config, problem.training
        self.dtype = getattr(torch, config.dtype)
        self.device = problem.device
        self.Z = torch.as_tensor(problem.embeddings, dtype=self.dtype, device=self.device).clone()
        self.views = self._views(training)
        self.theta = self.backbone.initial(problem.streams.generator("init"), self.dtype)
        self.optimizer = adam([self.theta], lr=config.learning_rate, weight_decay=config.weight_decay, foreach=False)
        self.groups = BatchGroups(problem, self.dtype)
        self.batches = self._sampler(problem, training, "batches")

    @property
    def backbone(self) -> Backbone:
        """(Z, θ) to factors."""
        return self.views.backbone

    def _views(self, interactions: Interactions) -> Views:
        config, d_lm = self.config, self.Z.shape[1]
        made = {"device": self.device, "dtype": self.dtype}
        if config.backbone in WITHOUT_TEXT:
            steps = config.layers if config.backbone == "lightgcn" else 0
            return WholeGraph(FreeVectors(interactions, d_lm, config.dim, steps, **made), self.Z)
        free = config.dim // 2 if config.backbone == "vbpr" else 0
        hidden, mixed = config.hidden or max(1, d_lm // 2), config.precision == "mixed"
        projector = Projector(d_lm, hidden, config.dim - free, config.activation, mixed=mixed)
        if config.backbone == "vbpr":
            return WholeGraph(VBPRBackbone(interactions, projector, free), self.Z)
        layers = config.layers if config.backbone == "alpharec" else 0
        backbone = AlphaRecBackbone(interactions, projector, layers, **made)
        return (InputSide if config.propagation == "input" else WholeGraph)(backbone, self.Z)

    def _sampler(self, problem: Problem, interactions: Interactions, purpose: str) -> BatchSampler:
        return BatchSampler(
            interactions,
            problem.training,
            self.config.batch_size,
            self.config.negatives,
            problem.streams.generator(purpose),
            problem.streams.generator(purpose, "negatives"),
            self.config.shared_negatives,
            self._floors(problem, interactions, purpose),
        )

    def _floors(self, problem: Problem, interactions: Interactions, purpose: str) -> Floors | None:
        """What fills the batches of these interactions up: nothing, where the method weighs no groups."""
        return None

    def factors(self) -> Factors:
        """The final factors at the present Z and θ."""
        return self.views.factors(self.theta)

    def score(self, users: torch.Tensor) -> torch.Tensor:
        factors = self._cached_factors()
        return factors.users[users.to(self.device)] @ factors.items.T

    def representations(self) -> torch.Tensor:
        return self.Z

    def vectors(self) -> tuple[torch.Tensor, torch.Tensor] | None:
        factors = self._cached_factors()
        return factors.users, factors.items

    def user_vectors(self, histories: sparse.csr_array) -> torch.Tensor | None:
        """Those of people who took these items, where a user is the mean of theirs; None where users are learnt."""
        new = NewUsers(histories, self.backbone.interactions, self.device, self.dtype)
        return self.views.user_factors(new, self.theta)

    def state(self) -> dict[str, torch.Tensor]:
        return {"Z": self.Z.detach().clone(), "theta": self.theta.detach().clone()}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        with torch.no_grad():
            self.theta.copy_(state["theta"])
            if not torch.equal(self.Z, state["Z"]):
                self.Z.copy_(state["Z"])
                self.views.changed()
        self._changed()

    def resumed(self) -> None:
        self.views.changed()
        self._changed()

    def _changed(self) -> None:
        """Z or θ changed: scores must be computed afresh."""
        self._factors: Factors | None = None

    def _cached_factors(self) -> Factors:
        if getattr(self, "_factors", None) is None:
            self._factors = self.factors()
        assert self._factors is not None
        return self._factors


class BatchGroups:
    """C of a batch's rows, whichever side the groups are on: of the item, of the user, or half of each.

    Everyone is in a few groups, whose shares are kept as short rows: thousands of groups take no more room.

    Attributes:
        names: the groups' names
        data_shares: each group's share of the training interactions, shape (K,)
    """

    def __init__(self, problem: Problem, dtype: torch.dtype) -> None:
        membership, training, self._device = problem.membership, problem.training, problem.device
        self.names = membership.names
        self._dtype = dtype
        self._sides = []
        for part, groups, shares in membership.short_rows():
            columns = torch.as_tensor(groups, device=problem.device)
            self._sides.append((part.side, columns, torch.as_tensor(shares, dtype=dtype, device=problem.device)))
        mass = membership.shares_of(training.users, training.items).sum(axis=0)
        self.data_shares = torch.as_tensor(mass / len(training), device=problem.device)

    def of(self, batch: Batch) -> torch.Tensor:
        """C, shape (B, K), rows sum to 1, or to their importance where the batch was filled up."""
        C = torch.zeros(len(batch.users), len(self.names), dtype=self._dtype, device=self._device)
        for side, columns, shares in self._sides:
            rows = batch.items if side == "item" else batch.users
            C.scatter_add_(1, columns.index_select(0, rows), shares.index_select(0, rows))
        return C if batch.importance is None else C * batch.importance.to(C.dtype)[:, None]


class EpochMeans:
    """Running means over the batches of an epoch, kept on the device until the epoch ends."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._loss_sums: list[torch.Tensor] = []
        self._masses: list[torch.Tensor] = []
        self._weights: list[torch.Tensor] = []
        self._values: dict[str, list[torch.Tensor]] = {}

    def add(self, losses: torch.Tensor, mass: torch.Tensor, weights: torch.Tensor) -> None:
        """One batch: L (K,), n_k (K,), w (K,)."""
        self._loss_sums.append((losses * mass).double())
        self._masses.append(mass.double())
        self._weights.append(weights.double())

    def value(self, name: str, value: torch.Tensor) -> None:
        """One more value of a curve."""
        self._values.setdefault(name, []).append(value.detach().double())

    def report(self) -> EpochReport:
        """Means over the epoch: groups' losses over their interactions, weights over batches."""
        sums, masses = torch.stack(self._loss_sums).sum(0).cpu(), torch.stack(self._masses).sum(0).cpu()
        weights = torch.stack(self._weights).mean(0).cpu()
        seen = [k for k in range(len(self._names)) if masses[k] > 0]
        return EpochReport(
            loss=float(sums.sum() / masses.sum()),
            group_losses={self._names[k]: float(sums[k] / masses[k]) for k in seen},
            group_weights={name: float(weight) for name, weight in zip(self._names, weights, strict=True)},
            values={name: float(torch.stack(values).mean()) for name, values in self._values.items()},
        )
