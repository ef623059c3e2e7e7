"""The figures that a study declares of its metrics against what it varies."""

from collections.abc import Iterator

from harness.report.document import Block as Part
from harness.report.document import Picture, Section, Text
from harness.report.grid.metric_tables import interval
from harness.report.grid.row_blocks import blocks
from harness.report.scaling import Cell, draw_scaling, held_fixed
from harness.study.points import GridPoint, written
from harness.study.records import Records
from harness.study.study_spec import GridSpec, ScalingFigure


def costs_section(study: GridSpec, records: Records) -> Section | None:
    """A picture per declared figure, or why it is left out; None where none is declared."""
    if not study.figures:
        return None
    cells = list(_cells(study, records))
    return Section("Against size", tuple(_part(figure, cells) for figure in study.figures))


def _cells(study: GridSpec, records: Records) -> Iterator[Cell]:
    """Means over seeds, of what has one."""
    for block in blocks(study, records):
        point = GridPoint(block.name, block.point)
        for row in block.rows:
            for column in block.columns:
                if (found := interval(row, column)) is not None:
                    yield Cell(row.variant, str(column.key), column.heading, found.mean, point)


def _part(figure: ScalingFigure, cells: list[Cell]) -> Part:
    drawing = draw_scaling(figure, cells)
    if drawing is None:
        return Text(f"Figure {figure.file} is left out: it needs two values of {figure.x}.")
    fixed = written(held_fixed(figure, cells))
    shown = " and ".join(dict.fromkeys(cell.heading for cell in cells if cell.key in figure.metrics))
    caption = f"{shown} against {figure.label or figure.x}, means over seeds, both on log scales"
    return Picture(figure.file, f"{caption}; {fixed}." if fixed else f"{caption}.", drawing)
