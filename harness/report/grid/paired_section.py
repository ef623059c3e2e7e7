"""What every variant changes against the baseline, with everything that a reader needs to judge it."""

from collections.abc import Sequence
from math import nan
from typing import Any

from harness.report.document import Section, Table, Text
from harness.report.grid.differences import Difference, differences, family, reference_arm
from harness.report.grid.metric_tables import table_names, where
from harness.report.grid.point_arms import PointArms, point_arms, seed_list
from harness.report.grid.run_provenance import mismatches
from harness.report.numbers import ABSENT, number, percent, probability, with_half
from harness.study.records import Records
from harness.study.study_spec import GridSpec

HEADINGS = ("variant", "metric", "difference", "relative", "p", "p (Holm)", "p (B–H)", "d_z", "pairs")
DIFFERENCE = HEADINGS.index("difference")


def paired_section(study: GridSpec, records: Records) -> Section | None:
    """Paired differences to the baseline; None where the study has none or it was not measured."""
    found = point_arms(study, records)
    tables = [
        _table(here, compared, study.baseline, name)
        for here, name in zip(found, table_names("paired", found), strict=True)
        if (compared := differences(here, reference_arm(found, here, study.baseline)))
    ]
    if not tables:
        return None
    different = mismatches([record for record in records.stage("compare") if record.finished])
    shared = "" if different else ", hence the same data and split"
    text = (
        f"Differences are variant minus {study.baseline} on the same seeds{shared}; ± is half of the 95 % t-interval, "
        "which is not corrected for the number of comparisons. d_z is the mean difference in units of the differences' "
        "standard deviation. Holm's correction bounds the chance of any false claim in a table, Benjamini and "
        "Hochberg's (B–H) the share of false ones among all that it lets pass; bold goes by Holm's."
    )
    return Section(f"Differences to {study.baseline}", (Text(text, tuple(different)), *tables))


def _table(here: PointArms, compared: Sequence[Difference], baseline: str, name: str) -> Table:
    return Table(
        name,
        f"Paired differences to {baseline} on test data, {where(here)}.",
        HEADINGS,
        tuple(_line(entry) for entry in compared),
        data=[_plain(entry, baseline) for entry in compared],
        strong=frozenset((line, DIFFERENCE) for line, entry in enumerate(compared) if entry.improvement),
        note=" ".join([f"Bold: significantly better; {family(compared)}.", *_unpaired(here, compared)]),
    )


def _unpaired(here: PointArms, compared: Sequence[Difference]) -> list[str]:
    """In words, which comparisons do not rest on all of the seeds."""
    found: dict[tuple[int, ...], dict[str, list[str]]] = {}
    for entry in compared:
        if len(entry.seeds) < len(here.seeds):
            found.setdefault(entry.seeds, {}).setdefault(entry.variant, []).append(entry.column.heading)
    return [
        (f"Paired on {seed_list(seeds)} alone: " if seeds else "Without a shared seed: ")
        + ", ".join(
            variant if len(metrics) == len(here.columns) else f"{variant} ({', '.join(metrics)})"
            for variant, metrics in variants.items()
        )
        + "."
        for seeds, variants in found.items()
    ]


def _line(entry: Difference) -> tuple[str, ...]:
    head = (entry.variant, entry.column.heading)
    if entry.test is None:
        return (*head, *([ABSENT] * 6), "0")
    test = entry.test
    return (
        *head,
        with_half(test.difference, difference=True),
        percent(entry.relative),
        probability(test.p),
        probability(entry.adjusted),
        probability(entry.discovered),
        number(test.effect),
        str(test.difference.n),
    )


def _plain(entry: Difference, baseline: str) -> dict[str, Any]:
    test = entry.test
    return {
        **{key: str(value) for key, value in entry.here.point.values.items()},
        "variant": entry.variant,
        "baseline": baseline,
        "metric": str(entry.column.key),
        "pairs": len(entry.seeds),
        "baseline_mean": entry.reference,
        "difference": test.difference.mean if test else nan,
        "low": test.difference.low if test else nan,
        "high": test.difference.high if test else nan,
        "relative_percent": entry.relative,
        "t": test.t if test else nan,
        "p": test.p if test else nan,
        "p_holm": entry.adjusted,
        "p_benjamini_hochberg": entry.discovered,
        "d_z": test.effect if test else nan,
        "better": entry.improvement,
    }
