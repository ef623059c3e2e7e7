"""Cells of CSV files: no text is a formula, numbers stay numbers, and what is read is what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.base.spreadsheet_cells import guarded, unguarded

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "-", "+1,2", "-1%-2%"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_text(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["-0.5", "+1.5", "-8.9 %", "+1.2 ± 0.3 %", "-1e-05", "−0.5", "", "Drama", "'n Sync"])
def test_a_number_and_plain_text_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text == unguarded(text)


@given(st.text("'=+-@\t\r1.5% aä", max_size=8))
def test_whatever_is_written_is_read(text: str) -> None:
    cell = guarded(text)
    assert unguarded(cell) == text
    try:
        float(cell.removesuffix("%"))
    except ValueError:
        assert not cell.startswith(("=", "@", "\t", "\r"))
