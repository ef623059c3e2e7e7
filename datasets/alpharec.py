"""The folders that AlphaRec's authors released: interactions already divided, items as vectors instead of titles.

A data set is a folder with ``cf_data/train.txt``, ``valid.txt`` and ``test.txt``, whose lines are a user's number and
the numbers of its items, and ``item_info/item_cf_embeds_…_array.npy``, whose row i is the vector of item number i
(https://github.com/LehengTHU/AlphaRec, ``models/General/base/abstract_data.py`` and ``AlphaRec.py``).
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.base.late import pl
from harness.data.readers.arrays import mapped_array
from harness.data.readers.id_lines import NO_NUMBERS, id_lines
from harness.data.readers.raw_interactions import gather_interactions, in_parts
from harness.data.readers.rows import those_in
from harness.domain.card import Card
from harness.domain.tables import Tables
from harness.plugins import Dataset

PARTS = ("train", "valid", "test")
VECTORS = {
    "v3": "item_cf_embeds_large3_array.npy",
    "v2": "item_cf_embeds_array.npy",
    "bert": "item_cf_embeds_bert_array.npy",
    "roberta": "item_cf_embeds_roberta_array.npy",
    "llama2_7b": "item_cf_embeds_llama2_7b_array.npy",
    "llama3_7b": "item_cf_embeds_llama3_7b_instruct_array.npy",
    "mistral_7b": "item_cf_embeds_Norm_Mistral-7B-v0.1_array.npy",
    "SFR": "item_cf_embeds_Norm_SFR-Embedding-Mistral_7b_array.npy",
    "GritLM_7b": "item_cf_embeds_Norm_GritLM-7B_array.npy",
    "e5_7b": "item_cf_embeds_Norm_e5-mistral-7b-instruct_array.npy",
    "echo_7b": "item_cf_embeds_Norm_echo-mistral-7b-instruct-lasttoken_array.npy",
}
"""File names by AlphaRec's names for language models; v3 is text-embedding-3-large."""


class AlphaRecConfig(Frozen):
    """Whose vectors."""

    vectors: Literal[
        "v3", "v2", "bert", "roberta", "llama2_7b", "llama3_7b", "mistral_7b", "SFR", "GritLM_7b", "e5_7b", "echo_7b"
    ] = Field("v3", description="the language model, as AlphaRec calls it (lm_model)")


class AlphaRecFolder(Dataset):
    """A released folder (amazon_movie, amazon_game, amazon_book_2014): ``--data FOLDER``.

    The three parts are put together again, because every run divides by its own seed, unless it asks for
    ``data.split=given``. All the released interactions are positive (ratings of 4 and more, 5-core for the authors), so
    there are no ratings and no times.
    """

    name = "alpharec"
    summary = "a folder that AlphaRec's authors released, with their items' vectors: --data FOLDER"
    Config: ClassVar[type[Frozen]] = AlphaRecConfig
    config: AlphaRecConfig
    card = Card(
        title="AlphaRec's released data",
        homepage="https://drive.google.com/drive/folders/1iGKeTx3vqCtbeVdWkHOwgpbY3-s7QDy_",
        licence="none is stated for the data (the code is under the MIT licence); they derive from Amazon's reviews",
        citation=(
            "Leheng Sheng, An Zhang, Yi Zhang, Yuxin Chen, Xiang Wang and Tat-Seng Chua. 2025. Language "
            "Representations Can be What Recommenders Need: Findings and Potentials. ICLR 2025. arXiv:2407.05441"
        ),
        sources=(),
        groupings=("popularity", "activity"),
        default_group="popularity",
    )
    _folder: Path | None = None
    """The folder that was recognised last: vectors are read from it, also where interactions come from a cache."""

    def recognises(self, folder: Path) -> bool:
        """Whether ``folder`` holds the three parts and the vectors."""
        found = all(path.is_file() for path in self.files(folder))
        if found:
            self._folder = folder
        return found

    def files(self, folder: Path) -> list[Path]:
        """The three parts and the vectors."""
        parts = [folder / "cf_data" / f"{part}.txt" for part in PARTS]
        return [*parts, folder / "item_info" / VECTORS[self.config.vectors]]

    def read(self, folder: Path) -> Tables:
        """Users and items are known by their numbers only.

        Raises:
            BadInput: where a file is missing or not what its name says, or an item has no vector.
        """
        if not self.recognises(folder):
            missing = [str(path.relative_to(folder)) for path in self.files(folder) if not path.is_file()]
            raise BadInput(f"{folder}: missing {', '.join(missing)}")
        *parts, vectors = self.files(folder)
        lines = in_parts((number, id_lines(path)) for number, path in enumerate(parts))
        names = {name: name for name in ("user", "item", "part")}
        interactions, skipped = gather_interactions(lines, names, NO_NUMBERS)
        items = those_in(interactions, "item")
        highest, rows = items["item"].cast(pl.Int64).max(), len(_matrix(vectors))
        if isinstance(highest, int) and highest >= rows:
            raise BadInput(f"{vectors}: {rows:,} rows, but there is an item number {highest:,}")
        return Tables(interactions, items, those_in(interactions, "user"), skipped)

    def vectors(self, items: pl.DataFrame) -> npt.NDArray[np.float32]:
        """The released vectors of ``items``, shape (len(items), d), float32.

        Raises:
            BadInput: where a vector is not finite.
        """
        if self._folder is None:
            raise BadInput(f"{self.name}: its folder has to be found before its vectors")
        path = self.files(self._folder)[-1]
        found = _matrix(path)[items["item"].cast(pl.Int64).to_numpy()].astype(np.float32)
        if not np.isfinite(found).all():
            raise BadInput(f"{path}: some vectors hold values that are not finite numbers")
        return found


def _matrix(path: Path) -> npt.NDArray[np.floating]:
    """The array in ``path``, mapped into memory; pickled objects are refused."""
    matrix = mapped_array(path)
    if matrix.ndim != 2 or not np.issubdtype(matrix.dtype, np.floating):
        raise BadInput(f"{path}: vectors of shape (items, d) are needed, not {matrix.dtype} of shape {matrix.shape}")
    return matrix
