"""A study's records, found again in the store or in a folder, shared as files or made a report of once more."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from harness.base.checksums import SUMS_FILE
from harness.base.errors import BadInput, HarnessError
from harness.base.paths import CARD_ENDING
from harness.plugins.registry import registry
from harness.publish.research_crate import write_crate
from harness.publish.study_report import report_folder, write_report
from harness.study.records import FILES, Records, read_records, write_records
from harness.study.study_files import study_name
from harness.study.study_run import BUDGET_TAG, RECORDS_FOLDER, REPORT_FOLDER, STUDY_TAG
from harness.study.study_spec import declared_study
from harness.track import Tracker, open_tracker


def records_of(
    study: str, budget: str | None = None, opened: Callable[[], Tracker] = open_tracker
) -> tuple[Records, Tracker | None]:
    """What a study has measured, and the store that says so; None where a folder does.

    Args:
        study: its name, the path of its file, or a folder of exported records
        budget: which one; None: the one that ended last
        opened: opens the store, where it takes one

    Raises:
        BadInput: where there is no such study, or it has not ended yet.
    """
    if Path(study).is_dir() or ("/" in study and not study.endswith(CARD_ENDING)):
        return read_records(Path(study)), None
    name = study_name(study)
    tracker = opened()
    wanted = {STUDY_TAG: name} | ({BUDGET_TAG: budget} if budget else {})
    found = tracker.find_finished(wanted) or tracker.find(wanted)
    if found is None:
        known = registry.knows("study", name)
        advice = f"run it first: harness run --study {name}" if known else "see 'harness list studies'"
        under = f" with budget {budget}" if budget else ""
        raise BadInput(f"study '{name}' has no run{under} in {tracker.location}: {advice}")
    with tempfile.TemporaryDirectory() as folder:
        for file in (*FILES, SUMS_FILE):
            try:
                (Path(folder) / file).write_bytes(tracker.artifact(found.id, f"{RECORDS_FOLDER}/{file}"))
            except HarnessError:
                if file == SUMS_FILE:
                    continue  # of a study of an earlier version
                raise BadInput(
                    f"study '{name}', budget {found.tags.get(BUDGET_TAG, '?')} (run {found.id}) has not come to its "
                    "end: go on with it by running it again as you did"
                ) from None
        return read_records(Path(folder)), tracker


def export_records(records: Records, folder: Path) -> None:
    """Write records as files to be shared, and what describes them, in RO-Crate's words.

    Raises:
        BadInput: where ``folder`` cannot be written.
    """
    write_records(records, folder)
    write_crate(folder, (*FILES, SUMS_FILE), records)


def report_again(records: Records, folder: Path | None = None, tracker: Tracker | None = None) -> Path:
    """Write the report of ``records`` and answer where.

    Args:
        folder: None: where the study itself would
        tracker: where the report is kept with the study's run as well
    """
    folder = folder or report_folder(records)
    write_report(declared_study(records.declared, records.study), records, folder)
    if tracker is not None:
        tracker.add_artifacts(records.parent, folder, REPORT_FOLDER)
    return folder
