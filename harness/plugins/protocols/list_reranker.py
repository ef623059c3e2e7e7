"""Post-processing that makes whole lists, of each user alone or of everybody at once."""

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from harness.plugins.protocols.reranker import Reranker

if TYPE_CHECKING:
    import torch

MANY = 512
"""Users at a time where they mean nothing to each other: bounds the memory of what is computed."""


class ListReranker(Reranker):
    """A re-ranker whose lists are more than sorted sums of scores and a bonus.

    ``batch`` users come at a time, or everybody at once to one that decides about all of them together. Scores of -inf
    are items that a user has had (or that a method never recommends).
    """

    batch = MANY
    everybody: ClassVar[bool] = False
    """Whether all users' scores have to be there before a list is made; they are then in memory at once."""

    @abstractmethod
    def lists(self, scores: "torch.Tensor", k: int) -> "torch.Tensor":
        """The lists of the next users, best first.

        Args:
            scores: shape (b, n_items), float32, not to be written to; -inf is never listed
            k: length of the lists; whatever is listed after them goes by score

        Returns:
            Item indices, shape (b, k), -1 where a user has fewer than k items left, at the end.
        """

    def bonus(self) -> "torch.Tensor":
        """Nothing is added to scores."""
        return self.C.new_zeros(len(self.C))

    def observe(self, exposures: "torch.Tensor") -> None:
        """What a list shows is known to who made it."""
