"""The groups of a batch that can be given a weight of their own, and all others taken together."""

from __future__ import annotations

from dataclasses import dataclass

from harness.base.late import torch


@dataclass(frozen=True)
class PresentGroups:
    """The groups with enough rows in a batch, a column each, and perhaps a last column for all others.

    A gradient costs as much for a group of three rows as for any other, and of many groups most have few rows in a
    batch. Those have no weight of their own but a common one for each row, so that their gradients are needed only
    together, if at all.

    Attributes:
        present: which groups these are, bool, shape (K,)
        groups: the same by number, ascending, shape (P,)
        shares: C of the present groups and then, where there is such a column, the sum over all others: shape (B, P)
            or (B, P + 1)
    """

    present: torch.Tensor
    groups: torch.Tensor
    shares: torch.Tensor

    @classmethod
    def of(cls, shares: torch.Tensor, present: torch.Tensor, *, others_weigh: bool) -> PresentGroups:
        """The columns of a batch.

        Args:
            shares: C of the batch's rows, shape (B, K)
            present: bool, shape (K,)
            others_weigh: whether groups that are not present have weight even where some group is present
        """
        groups = present.nonzero().squeeze(1)
        columns = shares.index_select(1, groups)
        if len(groups) < len(present) and (others_weigh or not len(groups)):
            columns = torch.cat([columns, (shares * ~present).sum(dim=1, keepdim=True)], dim=1)
        return cls(present, groups, columns)

    def weights(self, w: torch.Tensor) -> torch.Tensor:
        """A weight for each column of ``shares``, from w, shape (K,), of all groups."""
        own = w.index_select(0, self.groups)
        if self.shares.shape[1] == len(self.groups):
            return own
        return torch.cat([own, (w * ~self.present).sum().reshape(1)])

    def own(self, gram: torch.Tensor) -> torch.Tensor:
        """A Gram matrix of the columns as one of all groups, shape (K, K): 0 for groups that are not present."""
        K, P = len(self.present), len(self.groups)
        full = gram.new_zeros(K, K)
        full[self.groups[:, None], self.groups] = gram[:P, :P]
        return full
