"""Puts a card into the home folder, once the files that it describes have been read and its groupings formed."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from harness.base import paths
from harness.base.errors import BadInput
from harness.base.sealed import write_whole
from harness.base.toml_text import toml_value
from harness.base.trees import read_tree
from harness.data.build_corpus import build_corpus
from harness.data.corpus import Corpus
from harness.data.group_assignment import declared, groups
from harness.data.sources.fetch import locate
from harness.data.table.card_dataset import TableDataset, from_card
from harness.data.table.card_folder import anchored
from harness.domain.interactions import Training
from harness.plugins import GroupingInput
from harness.plugins.registry import registry
from harness.spec.options import DataOptions


@dataclass(frozen=True)
class Installed:
    """A card that has been added.

    Attributes:
        dataset: what it declares
        path: its copy in the home folder
        corpus: its data before any filter
    """

    dataset: TableDataset
    path: Path
    corpus: Corpus


def install(path: Path, folder: Path | None = None) -> Installed:
    """Read everything that the card in ``path`` describes, then copy it, with its folder as an absolute path.

    Args:
        folder: where the files lie, instead of the card's own folder

    Raises:
        BadInput: where anything is wrong with card, files or groupings, or another data set has its name.
    """
    dataset = from_card(path)()
    target = paths.cards_folder() / path.name
    if dataset.name in registry.names("dataset") and not target.is_file():
        own, origin = f"my-{dataset.name}", registry.origin("dataset", dataset.name)
        raise BadInput(
            f"{path}: there is a data set called '{dataset.name}' already ({origin}): "
            f"call yours otherwise, name = '{own}' in {own}.toml, or use it by its path: --dataset {path}"
        )
    corpus = build_corpus(dataset.read(locate(dataset, folder)), DataOptions(min_rating=None, core=1))
    everything = Training(corpus.user_indices, corpus.item_indices, corpus.n_users, corpus.n_items)
    for name in dataset.card.groupings:
        groups(declared(name, dataset.card), GroupingInput(everything, corpus.items, corpus.users))
    where = anchored(dataset.declared, path) if folder is None else str(paths.expanded(folder).resolve())
    write_whole(target, relocated(path, where).encode())
    return Installed(dataset, target, corpus)


def relocated(path: Path, folder: str) -> str:
    """The text of the card in ``path``, comments and all, with another ``folder``.

    Raises:
        BadInput: where its line cannot be told apart.
    """
    text = path.read_text(encoding="utf-8")
    line = f"folder = {toml_value(folder)}"
    top = re.search(r"^\s*\[", text, re.MULTILINE)  # keys below the first table's header are not the card's own
    end = top.start() if top else len(text)
    if "folder" in read_tree(path):
        head = re.sub(r"^\s*folder\s*=.*$", lambda _: line, text[:end], count=1, flags=re.MULTILINE)
    else:
        head = f"{line}\n{text[:end]}"
    moved = head + text[end:]
    if tomllib.loads(moved) != read_tree(path) | {"folder": folder}:
        raise BadInput(f"{path}: write folder = '…' on a line of its own before the first table, so that it can be set")
    return moved
