"""All that a fitted model needs to score again, as a value and as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copymode
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.base.checksums import write_sums
from harness.base.errors import Unavailable
from harness.base.late import sparse, torch
from harness.base.version import __version__
from harness.domain.interactions import Indices, Interactions, Training
from harness.domain.membership import Membership
from harness.runs.fitted.safe_files import GetFile, tensors_of, tree_of, write_tensors, write_tree

if TYPE_CHECKING:
    from harness.plugins import Method
    from harness.runs.experiment import Experiment
    from harness.spec.run_spec import RunSpec

FORMAT = 1
TENSORS, ABOUT, ITEMS, USERS = "model.safetensors", "model.json", "items.json", "users.json"
EMBEDDINGS, STATE = "embeddings", "state/"


@dataclass(frozen=True, eq=False)
class Contents:
    """A fitted model at rest.

    Attributes:
        about: what it is, as JSON: the spec, the data's name, licence and citation, the device, versions
        state: the method's own
        embeddings: Z₀; None where the method reads no text
        training: what it has learnt from
        validation: what else is known of its users, and never recommended to them
        ranked: users in the order in which test data was ranked, shape (u,)
        membership: the groups trained on
        vectors: of users and of items, where scores are their products
        items: raw ids (``item``) and, where there are some, titles (``title``), in index order
        users: raw ids, in index order
    """

    about: Mapping[str, Any]
    state: dict[str, torch.Tensor]
    embeddings: torch.Tensor | None
    training: Training
    validation: Interactions
    ranked: Indices
    membership: Membership
    vectors: tuple[torch.Tensor, torch.Tensor] | None
    items: Mapping[str, Sequence[str | None]]
    users: Sequence[str]

    @classmethod
    def of(cls, method: Method, spec: RunSpec, experiment: Experiment, device: torch.device) -> Contents:
        """What there is to keep of a method in the state of its best epoch."""
        corpus, parts = experiment.corpus, experiment.split
        card = experiment.dataset.card
        data = {"title": card.title, "homepage": card.homepage, "licence": card.licence, "citation": card.citation}
        about = {
            "format": FORMAT,
            "title": spec.view.title,
            "spec": spec.model_dump(mode="json"),
            "data": {"name": spec.dataset_name, **data, "digest": experiment.digests["data"]},
            "device": str(device),
            "versions": {"bifair-harness": __version__, "torch": torch.__version__},
        }
        columns = [name for name in ("item", "title") if name in corpus.items.columns]
        embeddings = experiment.embeddings
        return cls(
            about,
            method.state(),
            None if embeddings is None else torch.from_numpy(embeddings),
            parts.training,
            parts.validation,
            np.unique(parts.test.users),
            experiment.trained.membership,
            method.vectors(),
            {name: corpus.items[name].to_list() for name in columns},
            corpus.users["user"].to_list(),
        )

    def write(self, folder: Path) -> None:
        """Write the files, and their checksums beside them."""
        tensors = {STATE + name: tensor for name, tensor in self.state.items()}
        same = self._unchanged()
        if self.embeddings is not None and same is None:
            tensors[EMBEDDINGS] = self.embeddings
        tensors |= _written(self.training, "training") | _written(self.validation, "validation")
        tensors["ranked"] = torch.from_numpy(self.ranked.astype(np.int32))
        sides = self.membership.sides
        for number, part in enumerate(sides):
            tensors |= _rows(part.matrix, f"groups/{number}")
        if self.vectors is not None:
            tensors |= {"vectors/users": self.vectors[0], "vectors/items": self.vectors[1]}
        groups = [{"grouping": part.grouping, "side": part.side, "names": list(part.names)} for part in sides]
        sizes = {"n_users": len(self.users), "n_items": len(self.items["item"])}
        about = {**self.about, **sizes, "grouping": self.membership.grouping, "groups": groups, "embeddings": same}
        write_tree(folder / ABOUT, about)
        write_tensors(folder / TENSORS, tensors)
        copymode(folder / ABOUT, folder / TENSORS)  # safetensors' own are for their owner alone, whatever the umask
        write_tree(folder / ITEMS, dict(self.items))
        write_tree(folder / USERS, {"user": list(self.users)})
        write_sums(folder)

    def _unchanged(self) -> str | None:
        """The tensor of the state that Z₀ is equal to, where it has not been learnt: it is kept once."""
        Z0 = self.embeddings
        if Z0 is None:
            return None
        kept = {name: tensor for name, tensor in self.state.items() if tensor.dtype == Z0.dtype}
        return next((name for name, tensor in kept.items() if torch.equal(tensor.cpu(), Z0)), None)

    @classmethod
    def read(cls, file: GetFile) -> Contents:
        """What :meth:`write` wrote.

        Raises:
            BadInput: where a file is a pickle.
            Unavailable: where one is damaged, or of another format.
        """
        about = tree_of(file(ABOUT), ABOUT)
        if about.get("format") != FORMAT:
            raise Unavailable(f"the model is of format {about.get('format')}, and this version reads format {FORMAT}")
        tensors = tensors_of(file(TENSORS), TENSORS)
        try:
            return cls._of_files(about, tensors, tree_of(file(ITEMS), ITEMS), tree_of(file(USERS), USERS)["user"])
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise Unavailable(f"the model's files do not belong together: {error!r}") from None

    @classmethod
    def _of_files(
        cls,
        about: Mapping[str, Any],
        tensors: Mapping[str, torch.Tensor],
        items: Mapping[str, Sequence[str | None]],
        users: Sequence[str],
    ) -> Contents:
        sizes = len(users), len(items["item"])
        if sizes != (about["n_users"], about["n_items"]):
            raise ValueError(f"ids of {sizes[0]} users and {sizes[1]} items")
        state = {name.removeprefix(STATE): tensor for name, tensor in tensors.items() if name.startswith(STATE)}
        same = about["embeddings"]
        return cls(
            about,
            state,
            tensors.get(EMBEDDINGS) if same is None else state[same],
            Training(*_read(tensors, "training"), *sizes),
            Interactions(*_read(tensors, "validation"), *sizes),
            tensors["ranked"].numpy().astype(np.int64),
            _membership(about, tensors),
            (tensors["vectors/users"], tensors["vectors/items"]) if "vectors/users" in tensors else None,
            items,
            users,
        )


def _written(part: Interactions, name: str) -> dict[str, torch.Tensor]:
    """Pairs, which are sorted by user, as where each user's items start and the items."""
    starts = np.searchsorted(part.users, np.arange(part.n_users + 1))
    return {
        f"{name}/starts": torch.from_numpy(starts.astype(np.int64)),
        f"{name}/items": torch.from_numpy(part.items.astype(np.int32)),
    }


def _read(tensors: Mapping[str, torch.Tensor], name: str) -> tuple[Indices, Indices]:
    starts = tensors[f"{name}/starts"].numpy()
    users = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    return users, tensors[f"{name}/items"].numpy().astype(np.int64)


def _rows(matrix: sparse.csr_array, name: str) -> dict[str, torch.Tensor]:
    """A 0/1 matrix as where each row starts and its columns."""
    return {
        f"{name}/starts": torch.from_numpy(matrix.indptr.astype(np.int64)),
        f"{name}/columns": torch.from_numpy(matrix.indices.astype(np.int32)),
    }


def _membership(about: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> Membership:
    """The groups, to the order of everyone's own."""
    sides = []
    for number, part in enumerate(about["groups"]):
        starts, columns = (tensors[f"groups/{number}/{key}"].numpy() for key in ("starts", "columns"))
        rows = (np.ones(len(columns), dtype=np.float32), columns, starts)
        matrix = sparse.csr_array(rows, shape=(len(starts) - 1, len(part["names"])))
        sides.append(Membership(part["grouping"], part["side"], tuple(part["names"]), matrix))
    return sides[0] if len(sides) == 1 else Membership.two_sided(about["grouping"], *sides)
