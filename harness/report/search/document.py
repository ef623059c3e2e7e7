"""The report of a search, from its declaration and its records alone."""

from harness.report.document import Block, Document, Section, Text
from harness.report.search.contours import contour_blocks
from harness.report.search.curves import curves
from harness.report.search.importance import importance_blocks, importances
from harness.report.search.observed import Observed, observe
from harness.report.search.ranges import range_blocks
from harness.report.search.slices import slices
from harness.report.search.table import trials_table
from harness.study.records import Record, Records
from harness.study.spec import SearchSpec


def search_document(study: SearchSpec, records: Records) -> Document:
    """Curves, trials, importances, contours and recommended ranges, as far as there are runs for them."""
    found = observe(study, records)
    sections = [Section("What was measured", _overview(found, records))]
    if found.curves:
        sections.append(Section("One parameter at a time", tuple(curves(found))))
    if found.trials:
        shares = importances(found)
        sections += [
            Section("Which values are safe", tuple(range_blocks(found))),
            Section("Which parameter decides", tuple(importance_blocks(found, shares))),
            Section("Trials", (trials_table(found), *slices(found))),
            Section("Pairs of parameters", tuple(contour_blocks(found, shares))),
        ]
    return Document(f"{records.study}: {study.summary}", study.question or study.summary, tuple(sections))


def _overview(found: Observed, records: Records) -> tuple[Block, ...]:
    """Who was varied on what, how many runs there are of each kind, and what failed and why."""
    runs = [record for record in records.runs if record.spec]
    told = ["Test data was not touched: every value is of validation data."]
    if runs:
        spec = runs[0].spec
        encoder = (spec.get("encoder") or {}).get("name", "")
        told.insert(0, f"{runs[0].variant} on {spec.get('dataset', '')}{f', texts by {encoder}' if encoder else ''}, "
                       f"trained on {spec['group']} groups; budget {records.budget}.")  # fmt: skip
    if found.study.constraint:
        told.append(
            f"The search was told to look for trials that meet {found.study.constraint}; tables and figures show all."
        )
    kinds = (("trials", found.trials, found.unfinished), ("runs of curves", found.curves, found.unfinished_curves))
    for what, done, rest in kinds:
        if done or rest:
            told.append(f"{len(done)} {what} finished{f', {len(rest)} did not or lack an objective' * bool(rest)}.")
    failures = tuple(_failure(record) for _, _, rest in kinds for record in rest)
    return (Text(" ".join(told), failures),)


def _failure(record: Record) -> str:
    what = f"trial {(record.number or 0) + 1}" if record.stage == "trial" else f"curve, seed {record.seed}"
    values = ", ".join(f"{key.rpartition('.')[2]} {value}" for key, value in record.params.items())
    return f"{what} ({values}): {record.failure or 'a value of an objective is missing'}"
