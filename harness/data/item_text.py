"""Items' texts from a template over the items' columns, such as ``{title} ({year}). {genres}``."""

import string
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from harness.base.errors import BadInput, unknown


@dataclass(frozen=True)
class ItemTexts:
    """One text per item, in index order; ``empty`` of them have no content at all."""

    texts: list[str]
    empty: int


def item_texts(items: pl.DataFrame, template: str) -> ItemTexts:
    """Fill the template in for every item: missing values become empty, lists are joined with ``, ``.

    A number that is none (NaN) is missing too, whole numbers lose their ``.0``, and lists their empty entries.

    Where all the columns that the template names are empty, so is the text: its punctuation alone says nothing.

    Raises:
        BadInput: for a column that does not exist (with the nearest one), a template that names no column, and
            anything but plain ``{column}`` in it.
    """
    parts = _parse(template, items.columns)
    columns = [_as_text(items.schema, name) for _, name in parts if name is not None]
    if not columns:
        raise BadInput(
            f"data.text={template!r} names no column, so all texts would be equal: write for example {{title}}"
        )
    pieces = [piece for literal, name in parts for piece in _pieces(items.schema, literal, name)]
    says_nothing = pl.all_horizontal(column == "" for column in columns)
    text = pl.when(says_nothing).then(pl.lit("")).otherwise(pl.concat_str(pieces).str.strip_chars())
    texts: list[str] = items.select(text.alias("text"))["text"].to_list()
    return ItemTexts(texts, sum(text == "" for text in texts))


def _parse(template: str, known: Sequence[str]) -> list[tuple[str, str | None]]:
    """The template as (literal, column) pairs; the column is None after the last one."""
    try:
        fields = list(string.Formatter().parse(template))
    except ValueError as error:
        raise BadInput(f"data.text={template!r}: {error}; a literal brace is written twice") from None
    for _, name, format_spec, conversion in fields:
        if name is None:
            continue
        if format_spec or conversion:
            raise BadInput(f"data.text={template!r}: only plain {{column}} is allowed, without ':' or '!'")
        if name not in known:
            raise _no_column(template, name, [column for column in known if column != "item"])
    return [(literal, name) for literal, name, _, _ in fields]


def _no_column(template: str, name: str, known: Sequence[str]) -> BadInput:
    """The items' ids are no text, and are never proposed as one."""
    if known:
        return unknown("column in data.text", name, known)
    return BadInput(
        f"data.text={template!r}: these items have no text, only ids: describe them (in a card: [items] with a title), "
        "or take a method that reads none ('harness list methods')"
    )


def _pieces(schema: pl.Schema, literal: str, name: str | None) -> list[pl.Expr]:
    return [pl.lit(literal), *([] if name is None else [_as_text(schema, name)])]


def _as_text(schema: pl.Schema, name: str) -> pl.Expr:
    column, dtype = pl.col(name), schema[name]
    if isinstance(dtype, (pl.List, pl.Array)):
        entries = column.arr.to_list() if isinstance(dtype, pl.Array) else column
        parts = entries.cast(pl.List(pl.String)).list.eval(pl.element().str.strip_chars())
        return parts.list.eval(pl.element().filter(pl.element() != "")).list.join(", ").fill_null("")
    if dtype.is_float():
        column = column.fill_nan(None)
        whole = column.cast(pl.Int64, strict=False)
        return pl.when(whole == column).then(whole.cast(pl.String)).otherwise(column.cast(pl.String)).fill_null("")
    return column.cast(pl.String).fill_null("").str.strip_chars()
