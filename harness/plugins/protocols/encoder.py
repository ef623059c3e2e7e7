"""Texts to vectors."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from harness.base.frozen import Frozen
from harness.base.messages import Say, silent
from harness.plugins.protocols.plugin import Plugin

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Encoder(Plugin):
    """Texts to vectors. Weights are found when :meth:`fingerprint` is first asked for, and loaded by :meth:`encode`.

    Args:
        config: the encoder's own options; None for their defaults
        batch_size: texts that are encoded at once, where that matters
        say: is told what takes long or is unexpected, such as a download
    """

    by_id: ClassVar[bool] = False
    """Whether :meth:`encode` is given items' raw ids instead of their texts."""
    users_own: ClassVar[bool] = False
    """Whether weights or vectors are files that may change and keep their names, as those of the user's own do."""

    def __init__(self, config: Frozen | None = None, batch_size: int = 64, say: Say = silent) -> None:
        super().__init__(config)
        self.batch_size = batch_size
        self.say = say

    @abstractmethod
    def fingerprint(self) -> str:
        """A hash of weights and settings: the same fingerprint and texts give the same vectors."""

    def check(self) -> None:
        """Make sure that everything is there and undamaged, however long that takes.

        Raises:
            Unavailable, BadInput: where it is not.
        """
        self.fingerprint()

    @abstractmethod
    def encode(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> "npt.NDArray[np.float32]":
        """One vector per text, shape (n, d_lm); ``progress`` is told (done, total)."""
