"""How a study ends: records and report are kept with its run and in the user folder, and what it found is said."""

import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from harness.base import paths
from harness.base.aligned_text import within
from harness.base.sealed import write_whole
from harness.base.writable import written_into
from harness.publish.research_crate import write_crate
from harness.report.document import Document, Table
from harness.runs.observer import Observer
from harness.study.points import written
from harness.study.records import Record, Records
from harness.study.study_run import REPORT_FOLDER, keep_records
from harness.study.study_spec import GridSpec, SearchSpec
from harness.track import TrackedRun

WIDTH = 120
"""Columns of the tables that end a study, at most."""


@dataclass(frozen=True)
class StudyResult:
    """A study as it stands: id of its run, what it has measured, and the folder of its report."""

    id: str
    records: Records
    folder: Path


def publish(
    records: Records, study: GridSpec | SearchSpec, parent: TrackedRun, observer: Observer, location: str
) -> StudyResult:
    """Keep records and report, show the leading table and say where everything is."""
    records = replace(records, ended=datetime.now(UTC).isoformat(timespec="seconds"))
    folder = report_folder(records)
    document = write_report(study, records, folder)
    parent.log_artifacts(folder, REPORT_FOLDER)
    keep_records(records, parent)
    finished = [record for record in records.runs if record.finished]
    failed = [record for record in records.runs if not record.finished]
    parent.log_metrics({"study/finished": float(len(finished)), "study/failed": float(len(failed))}, step=0)
    for table in document.tables:
        if table.leading:
            _show(table, observer)
    for line in _without_result(failed):
        observer.say(line)
    observer.say(f"report {folder / 'report.html'}")
    observer.say(f"runs   {folder / 'runs.html'}\nrun    {parent.id}\nstore  {location}")
    return StudyResult(parent.id, records, folder)


def _without_result(records: Sequence[Record]) -> list[str]:
    """Runs that have not been measured, those that differ in their seed alone on one line."""
    seeds: dict[tuple[str, str], list[str]] = {}
    for record in records:
        name = ", ".join(part for part in (record.variant, written(record.point, last=True), record.rule) if part)
        seeds.setdefault((name, record.failure), []).append(str(record.seed))
    return [
        f"no result: {name}, {'seed' if len(found) == 1 else 'seeds'} {', '.join(found)}: {failure}"
        for (name, failure), found in seeds.items()
    ]


def write_report(study: GridSpec | SearchSpec, records: Records, folder: Path) -> Document:
    """Make the report of ``records`` and write it in all formats, and the page on which its runs are compared.

    Beside them lies what describes them all, in RO-Crate's words.

    Raises:
        BadInput: where ``folder`` cannot be written.
    """
    from harness.report.build_document import build_document
    from harness.report.explorer.explored_runs import of_records
    from harness.report.explorer.explorer_page import EXPLORER_FILE, explorer_html
    from harness.report.writers import write_document

    document = build_document(study, records)
    explored = of_records(records, document.title)
    with written_into(folder):
        names = write_document(document, folder)
        if explored.runs:
            write_whole(folder / EXPLORER_FILE, explorer_html(explored).encode())
    write_crate(folder, [*names, EXPLORER_FILE], records)
    return document


def report_folder(records: Records) -> Path:
    """Where the report of a study is written unless the user says otherwise."""
    return paths.home() / "reports" / f"{records.study}-{records.budget}-{records.parent[:8]}"


def _show(table: Table, observer: Observer) -> None:
    """A table as aligned text."""
    width = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
    for line in (*textwrap.wrap(table.caption, width), *within([table.headings, *table.lines], width)):
        observer.say(line)
