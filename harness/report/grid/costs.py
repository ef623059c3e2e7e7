"""The figures that a study declares of its metrics against what it varies."""

from collections.abc import Iterator, Mapping

from harness.report.document import Block as Part
from harness.report.document import Picture, Section, Text
from harness.report.grid.arms import variant_numbers
from harness.report.grid.point_arms import point_arms
from harness.report.scaling import Cell, draw_scaling, held_fixed
from harness.study.points import written
from harness.study.records import Records
from harness.study.study_spec import GridSpec, ScalingFigure


def costs_section(study: GridSpec, records: Records) -> Section | None:
    """A picture per declared figure, or why it is left out; None where none is declared."""
    if not study.figures:
        return None
    cells, numbers = list(_cells(study, records)), variant_numbers(records.runs)
    return Section("Against size", tuple(_part(figure, cells, numbers) for figure in study.figures))


def _cells(study: GridSpec, records: Records) -> Iterator[Cell]:
    """Means over seeds, of what has one."""
    for here in point_arms(study, records):
        for arm in here.arms:
            for column in here.columns:
                if (found := arm.mean(column.key)) is not None:
                    yield Cell(arm.variant, str(column.key), column.heading, found.mean, here.point)


def _part(figure: ScalingFigure, cells: list[Cell], numbers: Mapping[str, int]) -> Part:
    drawing = draw_scaling(figure, cells, numbers)
    if drawing is None:
        return Text(f"Figure {figure.file} is left out: it needs two values of {figure.x}.")
    fixed = written(held_fixed(figure, cells))
    shown = " and ".join(dict.fromkeys(cell.heading for cell in cells if cell.key in figure.metrics))
    caption = f"{shown} against {figure.label or figure.x}, means over seeds, both on log scales"
    return Picture(figure.file, f"{caption}; {fixed}." if fixed else f"{caption}.", drawing)
