"""Times as whole seconds since 1970, from numbers, dates of their own type and what people write for dates."""

import polars as pl

from harness.data.table.card_columns import as_number, as_text

ACCEPTED = (
    "2024-03-01, 2024/3/1, 20240301, each alone or with a time such as T10:00, 10:00:00.5 or T100000, and a zone such "
    "as Z, UTC, +01, +0100 or +01:00"
)
"""The dates that ``iso`` reads, for messages."""

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_CANONICAL = (
    (r"(?i)\s*(?:z|utc|gmt)$", "+00:00"),
    (r"^(\d{4})(\d{2})(\d{2})(?:$|[Tt ]|(\+))", "$1-$2-${3}T$4"),
    (r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:$|[Tt ]\s*|(\+))", "$1-$2-${3}T$4"),
    (r"-(\d)([-T])", "-0$1$2"),
    (r"-(\d)([-T])", "-0$1$2"),
    (r"T(\d):", "T0$1:"),
    (r"T(\d{2})(\d{2})(\d{2})", "T$1:$2:$3"),
    (r"T$", "T00:00:00"),
    (r"T\+00:00$", "T00:00:00+00:00"),
    (r"T(\d{2}:\d{2})(\s*[+-].*)?$", "T$1:00$2"),
    (r"(:\d{2}(?:[.,]\d+)?)\s*([+-]\d{2})$", "$1$2:00"),
    (r"(:\d{2}(?:[.,]\d+)?)\s*([+-]\d{2}):?(\d{2})$", "$1$2:$3"),
    (r":(\d{2}),(\d+)", ":$1.$2"),
)
"""What people write, rewritten step by step into ``2024-03-01T10:00:00`` and ``2024-03-01T10:00:00+00:00``."""


DATES = ("iso", "dmy", "mdy")
"""Units that are none: how dates are written."""

_DAYS = {"dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y"}
_HOURS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S%.f", " %I:%M %p", " %I:%M:%S %p")
"""What spreadsheets write after the day."""
_PADDED = (
    (r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2}),?(?:\s+|$)", "$1/$2/$3 "),
    (r"^(\d)/", "0$1/"),
    (r"/(\d)/", "/0$1/"),
    (r"/([0-6]\d) ", "/20$1 "),
    (r"/([7-9]\d) ", "/19$1 "),
    (r" (\d):", " 0$1:"),
    (r" $", ""),
)
"""What they write, rewritten step by step into ``31/12/2024 09:05``."""


def as_seconds(values: pl.Series, unit: str) -> pl.Series:
    """Times as whole seconds since 1970, rounded down, from dates of their own type, text or numbers in ``unit``."""
    if values.dtype.is_temporal():
        return values.cast(pl.Datetime("us")).dt.epoch("s")
    if unit in _DAYS:
        return _year_last_seconds(as_text(values), _DAYS[unit])
    if unit == "iso":
        return _iso_seconds(as_text(values))
    text = as_text(values)
    exact = text.cast(pl.Int64, strict=False) // _PER_SECOND[unit]
    return exact.fill_null((as_number(text) / _PER_SECOND[unit]).floor().cast(pl.Int64, strict=False))


def _iso_seconds(text: pl.Series) -> pl.Series:
    """Seconds of dates (their midnight) and of dates with a time, in UTC where no zone is told."""
    value = pl.col("value")
    for written, canonical in _CANONICAL:
        value = value.str.replace(written, canonical)
    zoned = value.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", strict=False).dt.replace_time_zone(None)
    local = value.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
    times = text.alias("value").to_frame().select(pl.coalesce(zoned, local).alias("value"))["value"]
    return times.dt.epoch("s")


def _year_last_seconds(text: pl.Series, day: str) -> pl.Series:
    """Seconds of dates whose year comes last, with ``.``, ``-`` or ``/`` between their parts, in UTC."""
    value = pl.col("value")
    for written, padded in _PADDED:
        value = value.str.replace(written, padded)
    read = [value.str.to_datetime(f"{day}{hour}", time_unit="us", strict=False) for hour in _HOURS]
    return text.alias("value").to_frame().select(pl.coalesce(read).alias("value"))["value"].dt.epoch("s")
