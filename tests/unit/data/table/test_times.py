"""Times in every form that data sets come with: the right second, or a line that lists the forms."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.table.times import as_seconds

DAY = 1_709_251_200  # 2024-03-01
TEN = DAY + 36_000


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2024-03-01", DAY),
        ("2024/03/01", DAY),
        ("20240301", DAY),
        ("2024-3-1", DAY),
        ("2024/3/1", DAY),
        ("2024-03-01Z", DAY),
        ("2024-03-01 UTC", DAY),
        ("2024-03-01T10:00", TEN),
        ("2024-03-01 10:00", TEN),
        ("2024-3-1 10:00", TEN),
        ("2024/3/1 9:05", DAY + 32_700),
        ("2024-03-01 9:05:07", DAY + 32_707),
        ("2024-03-01T10:00:00", TEN),
        ("20240301T100000", TEN),
        ("20240301 100000Z", TEN),
        ("2024-03-01T10:00:00.999", TEN),
        ("2024-03-01T10:00:00,999", TEN),
        ("2024-03-01 10:00:00 UTC", TEN),
        ("2024-03-01 10:00:00.123456 UTC", TEN),
        ("2024-03-01T10:00Z", TEN),
        ("2024-03-01T10:00:00z", TEN),
        ("2024-03-01T10:00:00+00", TEN),
        ("2024-03-01 10:00:00+00", TEN),
        ("2024-03-01 10:00:00.5+00", TEN),
        ("2024-03-01T12:00:00+0200", TEN),
        ("2024-03-01T12:00:00 +02:00", TEN),
        ("2024-03-01T08:30+02", DAY + 23_400),
        ("2024-03-01T05:00:00-05", TEN),
        ("1969-12-31T23:59:59.5", -1),
    ],
)
def test_dates_as_people_write_them(written: str, seconds: int) -> None:
    assert as_seconds(pl.Series([written]), "iso").to_list() == [seconds]


@pytest.mark.parametrize(
    "written", ["01/03/2024", "1.3.2024", "March 2024", "2024-13-01", "2024-02-30", "20241301", "202403", "soon", "24"]
)
def test_what_is_no_such_date_is_none(written: str) -> None:
    assert as_seconds(pl.Series([written]), "iso").to_list() == [None]


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        ("s", "1605778456.250"),
        ("ms", "1605778456000.250"),
        ("ms", "1605778456999.9"),
        ("us", "1605778456000000.75"),
        ("ns", "1605778456000000000"),
        ("ns", "1605778456999999999"),
        ("ns", "1.605778456e18"),
        ("s", "1.605778456e9"),
    ],
)
def test_fractions_are_rounded_down_in_every_unit(unit: str, written: str) -> None:
    assert as_seconds(pl.Series([written]), unit).to_list() == [1_605_778_456]
    if "." in written:
        assert as_seconds(pl.Series([float(written)]), unit).to_list() == [1_605_778_456]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_before_1970_are_rounded_down_too(unit: str) -> None:
    per = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}[unit]
    assert as_seconds(pl.Series([-0.5 * per, -1.0 * per]), unit).to_list() == [-1, -1]


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)), st.sampled_from(["T", " "]))
def test_every_moment_comes_back(moment: dt.datetime, between: str) -> None:
    iso, slashes = moment.isoformat(between), moment.strftime(f"%Y/%m/%d{between}%H:%M:%S")
    written = [iso, f"{iso}+00:00", slashes]
    expected = int(moment.replace(tzinfo=dt.UTC, microsecond=0).timestamp())
    assert as_seconds(pl.Series(written), "iso").to_list() == [expected] * 3


@pytest.mark.parametrize(
    ("unit", "written", "seconds"),
    [
        ("dmy", "01.03.2024", DAY),
        ("dmy", "1.3.2024 10:00", TEN),
        ("dmy", "01/03/24", DAY),
        ("dmy", "01-03-2024 10:00:00.5", TEN),
        ("dmy", "01.03.2024, 10:00", TEN),
        ("mdy", "3/1/2024", DAY),
        ("mdy", "03/01/2024 10:00:00 AM", TEN),
        ("mdy", "3/1/24 10:00 am", TEN),
        ("mdy", "3/1/2024 1:00 PM", TEN + 3 * 3600),
        ("dmy", "12/31/2024", None),
        ("mdy", "31/12/2024", None),
        ("dmy", "2024-03-01", None),
        ("dmy", "1.3.", None),
    ],
)
def test_dates_as_spreadsheets_write_them(unit: str, written: str, seconds: int | None) -> None:
    assert as_seconds(pl.Series([written]), unit).to_list() == [seconds]
