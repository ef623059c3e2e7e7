"""Vectors that somebody has computed already, such as those of a model behind an interface: two files."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field, field_validator

from harness.base.errors import BadInput, unknown
from harness.base.frozen import Frozen
from harness.base.hashes import sha256
from harness.base.paths import expanded
from harness.data.readers.arrays import mapped_array
from harness.plugins import Encoder

if TYPE_CHECKING:
    import polars as pl


class PrecomputedConfig(Frozen):
    """Which files. Paths are made absolute, so that a spec means the same wherever it is read."""

    vectors: Path = Field(description="a .npy or .safetensors file, shape (rows, d)")
    ids: Path = Field(description="raw item ids in row order: text, one per line, or a csv, tsv or parquet file")
    id_column: str = Field("", description="the column of the ids; empty: the only one")
    tensor: str = Field("", description="the tensor of a .safetensors file; empty: the only one")

    @field_validator("vectors", "ids")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return expanded(path).resolve()


class Precomputed(Encoder):
    """Rows of a file, found by the items' raw ids. The file is mapped into memory: only rows in use are read."""

    name = "precomputed"
    summary = "vectors from a .npy or .safetensors file, found by item id"
    by_id = True
    users_own = True
    Config: ClassVar[type[Frozen]] = PrecomputedConfig
    config: PrecomputedConfig

    def fingerprint(self) -> str:
        """Of both files' content and what is read of them, wherever they are.

        Raises:
            BadInput: where a file does not exist.
        """
        for key, path in (("vectors", self.config.vectors), ("ids", self.config.ids)):
            if not path.is_file():
                raise BadInput(f"encoder.options.{key}: {path}: no such file")
        files = {"vectors": sha256(self.config.vectors), "ids": sha256(self.config.ids)}
        settings = {**files, "id_column": self.config.id_column, "tensor": self.config.tensor}
        return f"precomputed 1 {json.dumps(settings, sort_keys=True)}"

    def encode(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        """One vector per raw item id in ``texts``, shape (n, d), float32.

        Raises:
            BadInput: for items without a vector, vectors that are not finite, and files that do not fit each other.
        """
        from harness.builtin.encoders._id_file import read_ids

        known = read_ids(self.config.ids, self.config.id_column)
        vectors = self._rows(_places(texts, known, self.config.ids), len(known))
        broken = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
        if len(broken):
            which = ", ".join(f"'{texts[row]}'" for row in broken[:3])
            raise BadInput(f"{self.config.vectors}: {len(broken)} items' vectors are not finite numbers: {which}")
        if progress is not None:
            progress(len(texts), len(texts))
        return vectors

    def _rows(self, places: npt.NDArray[np.int64], n_ids: int) -> npt.NDArray[np.float32]:
        path = self.config.vectors
        endings = {".npy": self._from_npy, ".safetensors": self._from_safetensors}
        read = endings.get(path.suffix.casefold())
        if read is None:
            raise BadInput(f"encoder.options.vectors: {path.name}: a .npy or .safetensors file is needed")
        return read(path, places, n_ids)

    def _from_npy(self, path: Path, places: npt.NDArray[np.int64], n_ids: int) -> npt.NDArray[np.float32]:
        matrix = mapped_array(path)
        _check(path, matrix.shape, np.issubdtype(matrix.dtype, np.floating), str(matrix.dtype), n_ids)
        return np.asarray(matrix[places], dtype=np.float32)

    def _from_safetensors(self, path: Path, places: npt.NDArray[np.int64], n_ids: int) -> npt.NDArray[np.float32]:
        import torch
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, framework="pt") as file:
                matrix = file.get_tensor(self._tensor(sorted(file.keys())))
        except SafetensorError as error:
            raise BadInput(f"{path}: not a .safetensors file ({error})") from None
        _check(path, tuple(matrix.shape), matrix.is_floating_point(), str(matrix.dtype), n_ids)
        return matrix[torch.from_numpy(places)].to(torch.float32).numpy()

    def _tensor(self, names: list[str]) -> str:
        if self.config.tensor and self.config.tensor not in names:
            raise unknown("tensor in encoder.options.tensor", self.config.tensor, names)
        if not self.config.tensor and len(names) != 1:
            several = ", ".join(names)
            raise BadInput(f"{self.config.vectors} has several tensors: choose encoder.options.tensor from {several}")
        return self.config.tensor or names[0]


def _places(ids: Sequence[str], known: "pl.Series", path: Path) -> npt.NDArray[np.int64]:
    """The row of each id, shape (n,)."""
    import polars as pl

    from harness.domain.ids import shown

    wanted = pl.DataFrame({"id": list(ids)}, schema={"id": pl.String})
    rows = known.alias("id").to_frame().with_row_index("row")
    found = wanted.join(rows, on="id", how="left", maintain_order="left")
    missing = found.filter(pl.col("row").is_null())["id"]
    if len(missing) == len(ids) and len(known):
        raise BadInput(
            f"{path}: none of the {len(ids)} items' ids ({shown(missing)}) is among its own ({shown(known)})"
        )
    if len(missing):
        raise BadInput(
            f"{path}: {len(missing)} of {len(ids)} items have no vector: {shown(missing)}: add their rows to both "
            "files, or leave these items out of the data set's"
        )
    return found["row"].cast(pl.Int64).to_numpy(writable=True)


def _check(path: Path, shape: tuple[int, ...], floating: bool, dtype: str, n_ids: int) -> None:
    if len(shape) != 2 or not shape[1] or not floating:
        raise BadInput(f"{path}: {dtype} of shape {shape}: real numbers of shape (rows, d) are needed")
    if shape[0] != n_ids:
        raise BadInput(f"{path}: {shape[0]:,} vectors for {n_ids:,} ids: the two files need the same rows")
