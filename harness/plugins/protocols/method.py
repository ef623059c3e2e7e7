"""A training method: what it sees, what it reports, what it must offer."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from harness.base.changing import ChangedState, Changing, put_back, taken
from harness.base.frozen import Frozen
from harness.plugins.protocols.intervention import Intervention
from harness.plugins.protocols.plugin import Use

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch
    from scipy.sparse import csr_array

    from harness.base.streams import Streams
    from harness.domain.interactions import Training
    from harness.domain.membership import Membership


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

    def uses(self) -> Iterable[Use]:
        """The other plug-ins that they name, such as a balancer."""
        return ()


@dataclass(frozen=True)
class SearchRange:
    """A parameter's range for a study: numbers from ``low`` to ``high`` (on a log scale) or ``choices``.

    ``symbol`` is the paper's; ``like`` names the option whose value this one takes where it is unset.
    """

    low: float | None = None
    high: float | None = None
    log: bool = False
    integer: bool = False
    choices: tuple[Any, ...] = ()
    symbol: str = ""
    like: str = ""


class Method(Changing, Intervention):
    """A training method: prepared with a problem, trained epoch by epoch, then asked for scores.

    One that names in ``changes`` the attributes that training changes goes on where it was interrupted, to the bit; one
    that does not begins again.
    """

    changes: ClassVar[tuple[str, ...]] = ()

    Config: ClassVar[type[MethodConfig]] = MethodConfig
    search_space: ClassVar[Mapping[str, SearchRange]] = {}
    needs_text: ClassVar[bool] = True
    iterative: ClassVar[bool] = True
    """False for closed forms: one epoch, no early stopping."""
    selection: ClassVar[str] = "best_ndcg"
    """The rule that picks the epoch where a spec names none, as ``training.selection`` has it."""

    def __init__(self, config: MethodConfig) -> None:
        self.config = config

    @classmethod
    def uses(cls, config: Frozen) -> Iterable[Use]:
        """Those that its options name."""
        assert isinstance(config, MethodConfig)
        return config.uses()

    @classmethod
    def phases(cls, config: Any, max_epochs: int) -> "Sequence[tuple[int, Any]]":
        """Parts of a training whose epochs differ in what they cost: how many epochs each has, at most, in their order,
        and options under which a training begins with epochs of that kind; by default there is one part."""
        return [(max_epochs, config)]

    @classmethod
    def first_stage(cls, config: Any) -> tuple[str, int]:
        """Steps with batches of their own that the first epoch begins with; estimates make a few of them.

        The attribute that holds their sampler, from whose ``forever()`` they come, and their number; ("", 0): none.
        """
        return "", 0

    @abstractmethod
    def prepare(self, problem: "Problem") -> None:
        """Build the model from training data."""

    def foretold(self) -> str:
        """What whoever waits should know before a step that takes long or much memory, in one line; "": nothing.

        Asked once, after :meth:`prepare` and before the first epoch.
        """
        return ""

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

    def training_state(self) -> ChangedState:
        """Copies of all that the next epochs depend on, between two epochs.

        Raises:
            NotKept: where that is not known, or cannot be kept: an interrupted run then begins again.
        """
        return taken(self)

    def resume(self, state: ChangedState) -> None:
        """Go on from where ``state`` was taken, in a fresh object that has been prepared with the same problem.

        The next epochs, scores and states are exactly those that they would have been there.

        Raises:
            NotKept: where ``state`` is of another method or under other options.
        """
        put_back(self, state)

    def representations(self) -> "torch.Tensor | None":
        """Z as it is now, shape (n_items, d_lm), row by row comparable with Z₀; None for methods without one."""
        return None

    def vectors(self) -> "tuple[torch.Tensor, torch.Tensor] | None":
        """Vectors of all users (n_users, d) and items (n_items, d) whose products are the scores; None: it has none."""
        return None

    def user_vectors(self, histories: "csr_array") -> "torch.Tensor | None":
        """Vectors, in the space of :meth:`vectors`, of people who were not trained on, shape (b, d).

        Args:
            histories: what they took, 0/1, shape (b, n_items)

        Returns:
            None where a user's vector is learnt, so that new ones have none.
        """
        return None

    def score_histories(self, histories: "csr_array") -> "torch.Tensor | None":
        """As :meth:`score`, for people who were not trained on; None where the method has no scores for them.

        Args:
            histories: what they took, 0/1, shape (b, n_items)
        """
        vectors, new = self.vectors(), self.user_vectors(histories)
        return None if vectors is None or new is None else new @ vectors[1].T
