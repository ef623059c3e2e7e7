"""Texts as people read them: HTML entities become characters, tags and control characters go."""

from __future__ import annotations

import html

from harness.base.late import pl

TAG = r"(?s)<!--.*?-->|</?[A-Za-z][^<>]*>"


def clean(text: pl.Series) -> pl.Series:
    """``text`` without HTML, with single blanks; null where nothing is left.

    ``Tom &amp;amp; Jerry &lt;br&gt;`` becomes ``Tom & Jerry``: entities are resolved twice, because shops escape what
    is already escaped, then tags are taken out. ``a < b`` stays as it is.
    """
    plain = (
        _unescaped(_unescaped(text))
        .str.replace_all(TAG, " ")
        .str.replace_all(r"[\s\p{Cc}\x{FFFD}]+", " ")
        .str.strip_chars()
    )
    return plain.set(plain == "", None)


def clean_lists(lists: pl.Series) -> pl.Series:
    """Each text of each list cleaned, empty ones and repetitions left out; a null list becomes an empty one."""
    rows = pl.DataFrame({"row": pl.int_range(len(lists), eager=True), "text": lists})
    texts = rows.explode("text").drop_nulls()
    texts = texts.with_columns(clean(texts["text"])).drop_nulls()
    gathered = texts.group_by("row").agg(pl.col("text").unique(maintain_order=True))
    joined = rows.select("row").join(gathered, on="row", how="left", maintain_order="left")
    return joined["text"].fill_null([]).rename(lists.name)


def _unescaped(text: pl.Series) -> pl.Series:
    """Entities as characters; only texts with an ampersand are looked at one by one."""
    rows = text.str.contains("&", literal=True).fill_null(False).arg_true()
    if rows.is_empty():
        return text
    return text.clone().scatter(rows, [html.unescape(each) for each in text.gather(rows)])
