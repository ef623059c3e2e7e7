"""From what a study has measured to its report."""

from harness.report.document import Document
from harness.report.grid.grid_document import grid_document
from harness.report.search.search_document import search_document
from harness.study.records import Records
from harness.study.study_spec import GridSpec, SearchSpec


def build_document(study: GridSpec | SearchSpec, records: Records) -> Document:
    """The report of a study of either kind: a pure function of its declaration and its records."""
    return grid_document(study, records) if isinstance(study, GridSpec) else search_document(study, records)
