"""Fields to typed columns. A value that is given but not of its type becomes null, and the caller counts it."""

import polars as pl

from harness.data.readers.raw_records import json_or_literal
from harness.data.table.card_file import Column

LIST = pl.List(pl.String)


def as_text(values: pl.Series, missing: tuple[str, ...] = ()) -> pl.Series:
    """Trimmed text; nothing, NaN and whatever stands in ``missing`` is null. Whole numbers lose their ``.0``."""
    value = pl.col("value")
    if values.dtype.is_float():
        whole = value.cast(pl.Int64, strict=False)
        said = pl.when(value.is_finite()).then(value.cast(pl.String))
        text = pl.when(whole == value).then(whole.cast(pl.String)).otherwise(said)
    else:
        text = value.cast(pl.String).str.strip_chars()
    said = pl.when(~text.is_in(["", *missing])).then(text)
    return values.alias("value").to_frame().select(said.alias("value"))["value"]


def as_id(values: pl.Series, missing: tuple[str, ...], whole: bool) -> pl.Series:
    """Text as :func:`as_text` has it; with ``whole`` a ``.0`` after digits alone is left out."""
    text = as_text(values, missing)
    return text.str.replace(r"^(-?\d+)\.0$", "$1") if whole else text


def as_number(text: pl.Series, decimal: str = ".") -> pl.Series:
    """Finite numbers, float64."""
    if decimal != ".":
        text = text.str.replace(decimal, ".", literal=True)
    number = pl.col("value").cast(pl.Float64, strict=False)
    return text.alias("value").to_frame().select(pl.when(number.is_finite()).then(number).alias("value"))["value"]


def as_integer(text: pl.Series, decimal: str = ".") -> pl.Series:
    """Whole numbers, int64; ``45.0`` is one."""
    if decimal != ".":
        text = text.str.replace(decimal, ".", literal=True)
    number = pl.col("value").cast(pl.Float64, strict=False)
    whole = pl.when(number == number.floor()).then(number.cast(pl.Int64, strict=False))
    exact = pl.col("value").cast(pl.Int64, strict=False)
    return text.alias("value").to_frame().select(pl.coalesce(exact, whole).alias("value"))["value"]


def as_list(
    values: pl.Series, separator: str | None, missing: tuple[str, ...] = (), brackets: bool = False
) -> pl.Series:
    """Lists of trimmed text without empty values; an empty list where nothing is said."""
    if brackets and values.dtype == pl.String:
        values = _out_of_brackets(as_text(values, missing))
    if isinstance(values.dtype, (pl.List, pl.Array)):
        parts = pl.col("value").cast(LIST)
    else:
        values = as_text(values, missing)
        parts = pl.col("value").str.split(separator) if separator else pl.concat_list("value")
    trimmed = parts.list.eval(pl.element().str.strip_chars())
    said = trimmed.list.eval(pl.element().filter(~pl.element().is_in(["", *missing])))
    return values.alias("value").to_frame().select(said.fill_null([]).alias("value"))["value"]


def _out_of_brackets(text: pl.Series) -> pl.Series:
    """Lists that Python or JSON has written; whatever else is a list of itself."""
    read = {each: _listed(each) for each in text.drop_nulls().unique()}
    return pl.Series(text.name, [None if each is None else read[each] for each in text], dtype=LIST)


def _listed(text: str) -> list[str]:
    try:
        value = json_or_literal(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):  # what damaged or hostile text makes parsers raise
        return [text]
    return [str(each) for each in value if each is not None] if isinstance(value, (list, tuple, set)) else [text]


PARTS = {
    **dict.fromkeys(("train", "training"), 0),
    **dict.fromkeys(("valid", "validation", "val", "dev"), 1),
    **dict.fromkeys(("test", "testing"), 2),
}
"""What data sets call the parts that they come in."""


def as_part(values: pl.Series) -> pl.Series:
    """0 training, 1 validation, 2 test; null for any other word."""
    return as_text(values).str.to_lowercase().replace_strict(PARTS, default=None, return_dtype=pl.UInt8)


def typed(
    values: pl.Series, column: Column, missing: tuple[str, ...], decimal: str = "."
) -> tuple[pl.Series, pl.Series]:
    """The values as ``column.type``, and which of them were given but are not of that type."""
    fine = pl.repeat(False, len(values), eager=True)
    if column.type == "list":
        parts = as_list(values, column.separator, missing, column.brackets).alias("value").to_frame()
        return parts.select(pl.col("value").list.eval(pl.element().replace(column.labels)))["value"], fine
    text = as_text(values, missing)
    if column.type == "text":
        return text.replace(column.labels), fine
    result = as_integer(text, decimal) if column.type == "integer" else as_number(text, decimal)
    return result, text.is_not_null() & result.is_null()
