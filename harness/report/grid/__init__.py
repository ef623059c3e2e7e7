"""The report of a study that compares: a section per file, and the document that holds them all."""

from harness.report.grid.cells import Cell, print_grid, write_grid

__all__ = ["Cell", "print_grid", "write_grid"]
