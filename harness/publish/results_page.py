"""The page of a project's published results, made from records alone.

Where one study was run on several data sets, what holds over them comes first; of each study the page has the answers,
and the whole report lies beside its records.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from harness.base.checksums import SUMS_FILE
from harness.base.markdown_text import escaped
from harness.base.sealed import write_whole
from harness.base.writable import written_into
from harness.publish.licence import Licence
from harness.publish.research_crate import write_crate
from harness.publish.results_parts import ResultsSpec
from harness.report.build_document import build_document
from harness.report.document import Block, Document, Section, Text
from harness.report.over_sets.one_set import OneSet, several_sets
from harness.report.over_sets.over_sets_section import over_sets_section
from harness.report.writers import FIGURES, write_pictures
from harness.report.writers.markdown import markdown
from harness.study.records import FILES, Records
from harness.study.study_spec import GridSpec, declared_study

REPORT_FILE = "report.md"
"""The whole report of a study, beside its records."""
ANSWERS = {"Verdicts on the claims", "Results", "At matched accuracy", "What it takes", "Against size",
           "One parameter at a time", "Which values are safe", "The best configuration"}  # fmt: skip
"""The sections of a report that the page has: those before the last three of comparisons, these of searches."""
PATHS = "Fairness against accuracy"
"""The answer of a comparison that claims nothing."""
Done = tuple[Path, Records]
"""The folder of a study's records, and what they hold."""


def write_page(spec: ResultsSpec, parts: Sequence[Done], page: Path, to_come: Sequence[str] = ()) -> None:
    """The page of all results, and beside each study's records its figures and what describes them all.

    Args:
        parts: folder and records of each study
        page: where to write; figures are linked from there
        to_come: what is said of the studies that have not come to their end, a line each
    """
    sets = _sets(parts)
    over = [over_sets_section(own) for own in sets]
    texts = [f"# {escaped(spec.title)}", *_in_short(over), spec.lead.strip()]
    notes = {entry.folder: entry.note for entry in spec.studies}
    if to_come:
        texts.append("\n".join(["Still being measured:", "", *(f"- {escaped(line)}" for line in to_come)]))
    of_several = {id(one.records): one.name for own in sets for one in own}
    for own, section in zip(sets, over, strict=True):
        document = Document(own[0].study.summary, own[0].study.question, (_part(section, said=False),))
        texts.append(markdown(document, level=2).rstrip())
    for folder, records in parts:
        document = build_document(declared_study(records.declared, records.study), records)
        _write_beside(document, folder, records, Licence(spec.licence))
        document = replace(document, lead=f"{document.lead} ({note})") if (note := notes.get(folder.name)) else document
        texts += _answers(document, of_several.get(id(records), ""), folder, page)
    with written_into(page.parent):
        write_whole(page, ("\n\n".join(texts) + "\n").encode())


def synthesis(parts: Sequence[Done]) -> list[Block]:
    """What holds over data sets, of every study that was run on several."""
    return [block for own in _sets(parts) for block in over_sets_section(own).blocks]


def compared(parts: Sequence[Done]) -> Iterator[tuple[Path, GridSpec, Records]]:
    """The comparisons of fairness among studies, each with its declaration; searches have no arms to be compared."""
    for folder, records in parts:
        study = declared_study(records.declared, records.study)
        if isinstance(study, GridSpec) and study.shows_groups:
            yield folder, study, records


def _sets(parts: Sequence[Done]) -> list[list[OneSet]]:
    return several_sets((study, records) for _, study, records in compared(parts))


def _write_beside(document: Document, folder: Path, records: Records, licence: Licence) -> None:
    """The figures, and the description of all that lies there."""
    with written_into(folder / FIGURES):
        write_pictures(document, folder / FIGURES)
    pictures = (f"{FIGURES}/{picture.name}.png" for picture in document.pictures)
    write_crate(folder, [*FILES, SUMS_FILE, *pictures], records, licence)


def _whole(document: Document, folder: Path, place: Path) -> str:
    """A report with links from a page in ``place``."""
    return markdown(document, figures=_from(place, folder / FIGURES), level=2).rstrip()


def _in_short(over: Sequence[Section]) -> Iterator[str]:
    """The sentences that a busy reader takes away, before everything else."""
    if over:
        sentences = tuple(_part(section, said=True) for section in over)
        yield markdown(Document("In short", "", sentences), level=2).rstrip()
        yield "## What was measured, and how"


def _part(section: Section, *, said: bool) -> Section:
    """A section's sentences, or what it shows beside them."""
    return replace(section, blocks=tuple(block for block in section.blocks if isinstance(block, Text) is said))


def _answers(document: Document, name: str, folder: Path, page: Path) -> Iterator[str]:
    """The answers of a study, under the ``name`` of its data set if it is one of several; all in a file of its own."""
    titled = replace(document, title=f"{name}: {document.title}") if name else document
    with written_into(folder):
        write_whole(folder / REPORT_FILE, (_whole(titled, folder, folder) + "\n").encode())
    titles = {section.title for section in document.sections}
    wanted = ANSWERS if "Verdicts on the claims" in titles else ANSWERS | {PATHS}
    kept = tuple(section for section in document.sections if section.title in wanted)
    yield _whole(Document(name or document.title, document.lead, kept), folder, page.parent)
    yield f"Everything else: [the report]({_from(page.parent, folder / REPORT_FILE)})."


def _from(place: Path, target: Path) -> str:
    return Path(os.path.relpath(target, place)).as_posix()
