"""The report of a study that searches: a part per file, and the document that holds them all."""

from harness.report.search.search_document import search_document

__all__ = ["search_document"]
