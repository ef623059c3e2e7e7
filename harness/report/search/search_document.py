"""The report of a search, from its declaration and its records alone."""

from harness.report.document import Block, Document, Section, Text
from harness.report.search.best_trial import best_blocks, best_file
from harness.report.search.contours import contour_blocks
from harness.report.search.curve_verdicts import verdict_blocks
from harness.report.search.curves import curves
from harness.report.search.importance import importance_blocks, importances
from harness.report.search.measured_trials import Observed, observe, rule_of
from harness.report.search.ranges import range_blocks
from harness.report.search.slices import slices
from harness.report.search.trial_table import number_of, trials_table
from harness.study.points import short, written
from harness.study.records import Record, Records
from harness.study.status import Status
from harness.study.study_spec import SearchSpec


def search_document(study: SearchSpec, records: Records) -> Document:
    """Curves, trials, importances, contours and recommended ranges, as far as there are runs for them."""
    search = observe(study, records)
    sections = [Section("What was measured", _overview(search, records))]
    if search.curves:
        sections.append(Section("One parameter at a time", (*verdict_blocks(search), *curves(search))))
    if search.trials:
        shares = importances(search)
        sections += [
            Section("The best configuration", tuple(best_blocks(search))),
            Section("Which values are safe", tuple(range_blocks(search))),
            Section("Which parameter decides", tuple(importance_blocks(search, shares))),
            Section("Trials", (trials_table(search), *slices(search))),
            Section("Pairs of parameters", tuple(contour_blocks(search, shares))),
        ]
    return Document(
        f"{records.study}: {study.summary}", study.question or study.summary, tuple(sections), best_file(search)
    )


def _overview(search: Observed, records: Records) -> tuple[Block, ...]:
    """Who was varied on what, how many runs there are of each kind, and what failed and why."""
    runs = [record for record in records.runs if record.spec]
    told = ["Test data was not touched: every value is of validation data."]
    if runs:
        asked = runs[0].view
        texts = f", texts by {asked.encoder}" if asked.encoder else ""
        where = f"{runs[0].variant} on {asked.dataset}{texts}, trained on {asked.group} groups"
        told.insert(0, f"{where}; budget {records.budget}.")
    if search.trials and rule_of(search.trials[0]).share is not None:
        told.append(
            f"Each trial keeps its fairest epoch within {rule_of(search.trials[0])}; {int(search.qualifies().sum())} "
            f"of {len(search.trials)} have one, the others keep their most accurate one and are shown as well."
        )
    kinds = (
        ("trials", search.trials, search.unfinished),
        ("runs of curves", search.curves, search.unfinished_curves),
    )
    for what, done, rest in kinds:
        if done or rest:
            pruned = sum(record.status is Status.PRUNED for record in rest)
            told.append(_counted(what, len(done), pruned, len(rest)))
    others = [record for _, _, rest in kinds for record in rest if record.status is not Status.PRUNED]
    failures = tuple(_failure(record) for record in others)
    return (Text(" ".join(told), failures),)


def _counted(what: str, done: int, pruned: int, rest: int) -> str:
    """``20 trials finished, 3 were stopped as they fell behind in accuracy, 1 did not or lack an objective.``"""
    parts = [f"{done} {what} finished"]
    parts += [f"{pruned} were stopped as they fell behind in accuracy"] if pruned else []
    parts += [f"{rest - pruned} did not or lack an objective"] if rest > pruned else []
    return ", ".join(parts) + "."


def _failure(record: Record) -> str:
    what = f"trial {number_of(record)}" if record.stage == "trial" else f"curve, seed {record.seed}"
    values = written(record.params, last=True, show=short)
    return f"{what} ({values}): {record.failure or 'a value of an objective is missing'}"
