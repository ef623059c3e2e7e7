"""A kept model as MLflow has them: ``mlflow.pyfunc.load_model("runs:/ID/model")`` and ``mlflow models serve``."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.base.checksums import disagreeing
from harness.base.errors import BadInput, Unavailable
from harness.runs.fitted.contents import ABOUT, ITEMS, TENSORS, USERS, Contents
from harness.runs.fitted.fitted_model import FittedModel
from harness.runs.fitted.mlflow_files import DEFAULT_K
from harness.runs.fitted.safe_files import refuse_pickles

if TYPE_CHECKING:
    import pandas as pd


def _load_pyfunc(path: str) -> "ServedModel":
    """Called by MLflow with the folder of a model."""
    return ServedModel(model_in(Path(path)))


def model_in(folder: Path) -> FittedModel:
    """The model whose files lie in a folder.

    Raises:
        BadInput: where one of the files is a pickle.
        Unavailable: where one is missing or damaged.
    """
    refuse_pickles(folder)
    if damaged := disagreeing(folder, [TENSORS, ABOUT, ITEMS, USERS]):
        raise Unavailable(f"{folder / damaged[0]} is damaged, as the checksums beside it say")
    return FittedModel(Contents.read(lambda name: (folder / name).read_bytes()))


class ServedModel:
    """What MLflow asks: rows in, lists out.

    Attributes:
        model: the model itself
    """

    def __init__(self, model: FittedModel) -> None:
        self.model = model

    def predict(self, model_input: "pd.DataFrame", params: Mapping[str, Any] | None = None) -> "pd.DataFrame":
        """Lists of ``params["k"]`` items for the rows of a table, each a ``user``, or the ``items`` of a new one.

        Returns:
            As :meth:`harness.runs.fitted.fitted_model.FittedModel.recommend`, with ``row``, the row that asked, from 0;
            ``user`` is missing for new users.

        Raises:
            BadInput: for a row without either, and as ``recommend`` does.
        """
        import pandas as pd
        import polars as pl

        known: dict[int, str] = {}
        new: dict[str, list[str]] = {}
        for row, asked in enumerate(model_input.to_dict("records")):
            user, items = asked.get("user"), asked.get("items")
            if items is not None and not isinstance(items, float):
                new[str(row)] = list(items)
            elif isinstance(user, str):
                known[row] = user
            else:
                raise BadInput(f"row {row}: a 'user' is needed, or the 'items' that a new one took")
        k = int((params or {}).get("k", DEFAULT_K))
        parts = []
        if known:
            found = self.model.recommend(dict.fromkeys(known.values()), k=k)
            rows = pl.DataFrame({"row": list(known), "user": list(known.values())})
            parts.append(rows.join(found, on="user", how="inner", maintain_order="left_right"))
        if new:
            found = self.model.recommend(histories=new, k=k)
            parts.append(
                found.with_columns(row=pl.col("user").cast(pl.Int64), user=pl.lit(None, pl.String)).select(
                    "row", *found.columns
                )
            )
        table = pl.concat(parts).sort("row", "rank") if parts else None
        return pd.DataFrame() if table is None else pd.DataFrame(table.to_dict(as_series=False))
