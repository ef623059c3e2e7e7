"""Colours and markers: one of each for a variant through a whole report, and words that can be read."""

import pytest

from harness.report.grid.arms import variant_numbers
from harness.report.style import COLOURS, MARKERS, SHAPES, TEXT_COLOURS, marks, text_colour
from harness.study.records import Record


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    r, g, b = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("colour", TEXT_COLOURS)
def test_words_can_be_read_on_white_and_on_every_other_row(colour: str) -> None:
    for paper in ("#FFFFFF", "#F5F5F5"):
        assert (luminance(paper) + 0.05) / (luminance(colour) + 0.05) >= 4.5


def test_there_is_a_colour_for_words_and_a_shape_for_each_mark() -> None:
    assert len(TEXT_COLOURS) == len(COLOURS)
    assert set(SHAPES) == set(MARKERS)
    assert text_colour(len(COLOURS)) == text_colour(0)
    pairs = {(style["color"], style["marker"]) for style in map(marks, range(len(COLOURS) * len(MARKERS)))}
    assert len(pairs) == len(COLOURS) * len(MARKERS)


def test_a_variant_has_its_place_in_the_study_whoever_failed() -> None:
    trial, failed = Record("trial", "b", "b", "", 0), Record("compare", "a", "a", "", 0, failure="no memory")
    assert variant_numbers([trial, failed, Record("compare", "b", "b", "", 0)]) == {"a": 0, "b": 1}
