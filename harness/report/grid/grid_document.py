"""The report of a comparison, from its declaration and its records alone."""

from harness.report.document import Document
from harness.report.grid.claims import claims_section
from harness.report.grid.costs import costs_section
from harness.report.grid.forest import forest_section
from harness.report.grid.front_section import front_section
from harness.report.grid.matched_accuracy import matched_section
from harness.report.grid.metric_tables import results_section
from harness.report.grid.overview import overview_section
from harness.report.grid.paired_section import paired_section
from harness.report.grid.pictures import pictures_section
from harness.report.grid.published import published_section
from harness.report.grid.training_price import price_section
from harness.study.records import Records
from harness.study.study_spec import GridSpec

SECTIONS = (
    claims_section,
    results_section,
    paired_section,
    forest_section,
    front_section,
    matched_section,
    price_section,
    costs_section,
    pictures_section,
    published_section,
    overview_section,
)
"""In the order in which they are read: answers first, then what they rest on."""
OF_GROUPS = (front_section, pictures_section)
"""Left out of studies whose own tables show no group."""


def grid_document(study: GridSpec, records: Records) -> Document:
    """All sections that the study gives rise to."""
    found = (section(study, records) for section in SECTIONS if study.shows_groups or section not in OF_GROUPS)
    return Document(
        f"{records.study}: {study.summary}",
        study.question or study.summary,
        tuple(section for section in found if section is not None),
    )
