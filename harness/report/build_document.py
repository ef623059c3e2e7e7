"""From what a study has measured to its report."""

from harness.report.document import Document
from harness.study.records import Records
from harness.study.study_spec import GridSpec, SearchSpec


def build_document(study: GridSpec | SearchSpec, records: Records) -> Document:
    """The report of a study of either kind: a pure function of its declaration and its records."""
    if isinstance(study, GridSpec):
        from harness.report.grid.grid_document import grid_document

        return grid_document(study, records)
    from harness.report.search.search_document import search_document

    return search_document(study, records)
