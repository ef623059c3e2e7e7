"""The published results of a project, study by study: what there is in committed files, and what is still to be run.

A folder of results holds ``results.toml``, which names the studies, and for each of them a folder of records. Whatever
is in the records stands; only what they lack is run, in one go or in slices of time.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from harness.base.errors import BadInput, unknown
from harness.base.frozen import Frozen
from harness.base.paths import CARD_ENDING
from harness.base.trees import merged, nested, read_tree
from harness.base.validation_message import bad_input
from harness.publish.run_study import OutOfTime, run_study
from harness.runs.context import Context
from harness.study.any_plan import Plan, planned
from harness.study.archive import Archive, Missing, missing
from harness.study.declared_values import Names, Overrides
from harness.study.limits import MOST_SEEDS, MOST_TRIALS
from harness.study.plan import GridPlan
from harness.study.records import STUDY_FILE, Records, read_records, write_records
from harness.study.runner import Overwrite
from harness.study.search import missing_of_search
from harness.study.search_plan import SearchPlan
from harness.study.study_files import study_name
from harness.study.study_spec import BudgetName, GridSpec, SearchSpec, budget_of, declared_study, load_study

RESULTS_FILE = "results.toml"
NOTHING = Missing(0, 0, None)


class StudyEntry(Frozen):
    """A study that is part of the results."""

    study: str = Field(
        "",
        description="a name, or the path of a file, relative to the folder of results; empty: its records declare it, "
        "and nothing is added to them",
    )
    name: str = Field("", pattern=r"^[\w-]*$", description="of its folder of records; empty: study and budget")
    budget: BudgetName = "default"
    seeds: int | None = Field(None, ge=1, le=MOST_SEEDS)
    trials: int | None = Field(None, ge=1, le=MOST_TRIALS)
    methods: Names | None = Field(None, description="of a comparison, those that take part; empty: the budget's")
    set: Overrides = Field(default_factory=dict, description="overrides of the run's spec, by dotted key")
    note: str = Field("", description="what readers should know of it, such as another budget")

    @model_validator(mode="after")
    def _is_called_something(self) -> Self:
        if not (self.study or self.name):
            raise ValueError("a study of the results has a study's name, or a name of its own")
        return self

    @property
    def folder(self) -> str:
        """The name of its folder of records."""
        return self.name or f"{study_name(self.study)}-{self.budget}"


class ResultsSpec(Frozen):
    """What a page of results consists of."""

    title: str
    lead: str = Field(description="what readers should know first, in Markdown")
    licence: str = Field(
        "",
        pattern=r"^([\w.+-]*|https?://\S+)$",
        description="of the records: an identifier of the SPDX list, or the address of its text",
    )
    studies: tuple[StudyEntry, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Part:
    """A study of the results, with what there is of it.

    Attributes:
        entry: as the file names it
        study: its declaration
        plan: all that it consists of; None where it is as its records are
        folder: of its records
        records: what they hold; None where there are none
        missing: what they lack
    """

    entry: StudyEntry
    study: GridSpec | SearchSpec
    plan: GridPlan | SearchPlan | None
    folder: Path
    records: Records | None
    missing: Missing

    def describe(self, jobs: int) -> str:
        """What is there and how long the rest will take, for people."""
        name = self.entry.name or f"{self.entry.study}, budget {self.entry.budget}"
        if self.missing.nothing:
            return f"{name}: all there"
        lacks = f"{self.missing.trials} trials and {self.missing.runs} runs are missing"
        if self.missing.seconds is None:
            return f"{name}: {lacks}; none of its kind has been measured, so how long they take is not known"
        minutes = self.missing.seconds / 60
        guess = f", if {', '.join(self.missing.unknown)} take as long as the others" if self.missing.unknown else ""
        several = f", {minutes / jobs:.0f} min in {jobs} processes with a core each" if jobs > 1 else ""
        return f"{name}: {lacks}: about {minutes:.0f} min one after the other{several}{guess}"


def read_parts(folder: Path, only: Collection[str] = ()) -> tuple[ResultsSpec, list[Part]]:
    """What the results in ``folder`` are to be, and what there is.

    Args:
        only: folders of the parts that are read; empty: all

    Raises:
        BadInput: for a file that is missing or wrong, and a folder that it does not name.
    """
    file = folder / RESULTS_FILE
    if not file.is_file():
        raise BadInput(f"{file}: no such file; it names the studies that make up the results")
    try:
        spec = ResultsSpec.model_validate(read_tree(file))
    except ValidationError as error:
        raise bad_input(error, ResultsSpec, str(file)) from None
    if twice := [name for name, n in Counter(entry.folder for entry in spec.studies).items() if n > 1]:
        raise BadInput(f"{file}: two studies have the folder {twice[0]}: give one of them a name of its own")
    names = [entry.folder for entry in spec.studies]
    for name in only:
        if name not in names:
            raise unknown(f"folder of {file}", name, names)
    return spec, [_part(entry, folder) for entry in spec.studies if not only or entry.folder in only]


def _part(entry: StudyEntry, results: Path) -> Part:
    folder, place = results / entry.folder, entry.study
    if not place:
        return _as_it_is(entry, folder)
    study = _narrowed(load_study(str(results / place) if place.endswith(CARD_ENDING) else place), entry)
    records = read_records(folder) if (folder / STUDY_FILE).is_file() else None
    plan = planned(
        study_name(entry.study), study, nested(entry.set), entry.budget, seeds=entry.seeds, trials=entry.trials
    )
    return Part(entry, study, plan, folder, records, _missing(plan, records))


def _narrowed(study: GridSpec | SearchSpec, entry: StudyEntry) -> GridSpec | SearchSpec:
    """The declaration with the methods that the entry keeps."""
    if entry.methods is None:
        return study
    if not isinstance(study, GridSpec):
        raise BadInput(f"results {entry.folder}: study '{entry.study}' searches one method: name it in set.method")
    for name in entry.methods:
        if name not in study.methods:
            raise unknown(f"method in study '{entry.study}'", name, study.methods)
    chosen = budget_of(entry.study, study.budgets, entry.budget).model_copy(update={"methods": entry.methods})
    return study.model_copy(update={"budgets": {**study.budgets, entry.budget: chosen}})


def _missing(plan: Plan, records: Records | None) -> Missing:
    return missing(plan, records) if isinstance(plan, GridPlan) else missing_of_search(plan, records)


def _as_it_is(entry: StudyEntry, folder: Path) -> Part:
    """A part that its records declare."""
    records = read_records(folder)
    study = declared_study(records.declared, entry.name)
    return Part(entry, study, None, folder, records, NOTHING)


def settled(part: Part) -> Records:
    """The records of a part that lacks nothing, under the declaration as it is now: claims may have been added."""
    assert part.records is not None
    declared = part.study.model_dump(mode="json")
    if part.records.declared == declared:
        return part.records
    records = replace(part.records, declared=declared)
    write_records(records, part.folder)
    return records


def complete(
    part: Part,
    context: Context,
    compute: dict[str, Any],
    *,
    jobs: int,
    overwrite: Overwrite,
    enough: Callable[[], bool] | None = None,
) -> Part:
    """Run what a part lacks and write its records; the part as it is then, which may lack some where time was short.

    Args:
        compute: the machine's part of the spec
        jobs, overwrite, enough: as for :func:`harness.publish.run_study.run_study`
    """
    assert part.plan is not None  # of one without a plan nothing is missing
    try:
        records = _run(part, context, compute, jobs, overwrite, enough)
    except OutOfTime as error:
        records = error.records
        if not records.runs:
            return part
    write_records(records, part.folder)
    return replace(part, records=records, missing=_missing(part.plan, records))


def _run(
    part: Part,
    context: Context,
    compute: dict[str, Any],
    jobs: int,
    overwrite: Overwrite,
    enough: Callable[[], bool] | None,
) -> Records:
    archive = Archive() if part.records is None else Archive.of(part.records)
    entry = part.entry
    return run_study(
        study_name(entry.study),
        part.study,
        merged(nested(entry.set), {"compute": compute} if compute else {}),
        context,
        budget=entry.budget,
        seeds=entry.seeds,
        trials=entry.trials,
        jobs=jobs,
        overwrite=overwrite,
        archive=archive,
        enough=enough,
    ).records
