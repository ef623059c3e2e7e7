"""Runs as the page shows them: options that vary, what each reached, what each of its groups got."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, nan
from typing import Any

from harness.base.trees import flatten
from harness.domain.metric_key import GROUP, UTILITY, of_split
from harness.plugins.registry import registry
from harness.report.grid.arms import variant_numbers
from harness.runs.comparison import ComparedRun, Comparison
from harness.runs.description import HEADLINE
from harness.runs.group_labels import group_labels
from harness.spec.spec_view import SpecView
from harness.study.points import written
from harness.study.records import Record, Records

LEADING = ("config.eta", "config.xi", "config.epsilon", "config.T", "config.lam")
"""What comes first where it varies: the paper's η, ξ, ε, T and λ."""
MOST_AXES = 8


@dataclass(frozen=True)
class ExploredRun:
    """A run.

    Attributes:
        name: what tells it from the others, for people
        id: in the tracking store
        method: whose colour and marker it has
        options: values by dotted key of the spec
        labels: what people call the headline metrics: NDCG, CV, MIN
        reached: their values by split, ``test`` or ``validation``
        groups: by group, the utility at the headline cut-off on test data
    """

    name: str
    id: str
    method: str
    options: Mapping[str, Any] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    reached: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    groups: Mapping[str, float] = field(default_factory=dict)

    def number(self, key: str) -> float | None:
        """The value of an option that has a place on an axis; None of one that is no number."""
        value = self.options.get(key)
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
        return value if is_number else None


@dataclass(frozen=True)
class Explored:
    """What a page shows.

    Attributes:
        title: of the page
        lead: what is shown, in a sentence
        runs: in the order of the table
        symbols: of options, by dotted key
        numbers: by method, what decides colour and marker
    """

    title: str
    lead: str
    runs: Sequence[ExploredRun]
    symbols: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)

    @property
    def methods(self) -> list[str]:
        """In the order in which they first appear."""
        return list(dict.fromkeys(run.method for run in self.runs))

    @property
    def axes(self) -> list[str]:
        """The options that are numbers and vary: those of :data:`LEADING`, then what varies within a method.

        There are :data:`MOST_AXES` at most. What only differs between methods is a default of theirs.
        """
        of_method: dict[tuple[str, str], set[float]] = {}
        for run in self.runs:
            for key in run.options:
                if (value := run.number(key)) is not None:
                    of_method.setdefault((key, run.method), set()).add(value)
        leading = [key for key in LEADING if len(set(self.values(key))) > 1]
        rest = (key for (key, _), values in of_method.items() if len(values) > 1)
        return list(dict.fromkeys((*leading, *rest)))[:MOST_AXES]

    def values(self, key: str) -> list[float]:
        """The values of an option, of the runs where it is a number."""
        return [value for run in self.runs if (value := run.number(key)) is not None]

    @property
    def labels(self) -> list[str]:
        """What axes call the headline metrics; without their grouping where runs trained on several."""
        ways = list(zip(*(run.labels for run in self.runs), strict=True))
        return [found[0] if len(set(found)) == 1 else found[0].partition(" of ")[0] for found in ways]

    def symbol(self, key: str) -> str:
        """The paper's symbol of an option, else the last part of its name."""
        return self.symbols.get(key) or key.rpartition(".")[2]


def of_records(records: Records, title: str) -> Explored:
    """All runs of a study that were measured; tuning's and searches' were not measured on test data."""
    finished = [record for record in records.runs if record.finished]
    compared = [record for record in finished if record.stage == "compare"]
    ordered = [*compared, *(record for record in finished if record.stage != "compare")]
    lead = (
        f"{len(finished)} finished runs of the study {records.study}, budget {records.budget}: one line, one mark and "
        "one row each."
    )
    symbols = _symbols(record.method for record in ordered) | _declared_symbols(records.declared)
    varied = {key for record in ordered for key in (*record.point, *record.params)}
    runs = [_of_record(record, varied) for record in ordered]
    return Explored(title, lead, runs, symbols, variant_numbers(records.runs))


def of_comparison(comparison: Comparison) -> Explored:
    """The runs of a comparison, by their letters."""
    runs = [_of_compared(run) for run in comparison.runs]
    first = comparison.runs[0].spec
    lead = f"{len(runs)} finished runs on {first.dataset}, measured on the same test data."
    symbols = _symbols(str(run.spec.tree["method"]) for run in comparison.runs)
    numbers = {label: number for number, label in enumerate(dict.fromkeys(run.method for run in runs))}
    return Explored(f"Runs on {first.dataset}", lead, runs, symbols, numbers)


def _of_record(record: Record, varied: Collection[str]) -> ExploredRun:
    number = "" if record.number is None else f"trial {record.number + 1}"
    varied = written(record.params, last=True) if record.stage == "curve" else written(record.point, last=True)
    parts = (record.variant, varied, record.rule if record.stage == "compare" else "", f"seed {record.seed}", number)
    options = _options(record.view) | {key: value for key, value in flatten(record.spec).items() if key in varied}
    return _explored(
        ", ".join(part for part in parts if part), record.run, record.variant, options, record.view,
        record.metrics, record.tags,
    )  # fmt: skip


def _of_compared(run: ComparedRun) -> ExploredRun:
    metrics = {str(key.on("test")): value for key, value in run.metrics.items()}
    name = f"{run.letter}: {run.spec.label}, seed {run.spec.tree['seed']}"
    return _explored(name, run.id, run.spec.label, _options(run.spec), run.spec, metrics, run.tags)


def _explored(
    name: str,
    run_id: str,
    method: str,
    options: Mapping[str, Any],
    spec: SpecView,
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
) -> ExploredRun:
    reached = {split: _headline(spec, metrics, split) for split in ("test", "validation")}
    of_group = spec.metric(f"{GROUP}/{UTILITY}", split="")
    labels = group_labels(tags, spec.group)
    groups = {
        labels.get(key.group, key.group): value
        for key, value in of_split(metrics, "test").items()
        if key.group and replace(key, group="") == of_group and isfinite(value)
    }
    named = tuple(spec.metric(declared).label for declared in HEADLINE)
    kept = {split: values for split, values in reached.items() if values}
    return ExploredRun(name, run_id, method, options, named, kept, groups)


def _headline(spec: SpecView, metrics: Mapping[str, float], split: str) -> tuple[float, ...]:
    """NDCG, CV and MIN: all of them or none."""
    values = (metrics.get(str(spec.metric(declared, split)), nan) for declared in HEADLINE)
    found = tuple(value for value in values if isfinite(value))
    return found if len(found) == len(HEADLINE) else ()


def _options(spec: SpecView) -> dict[str, Any]:
    return flatten({"config": spec.tree.get("config", {})})


def _declared_symbols(declared: Mapping[str, Any]) -> dict[str, str]:
    """The symbols that a study declares, of what it searches and of its curves."""
    searched = {key: str(axis.get("symbol", "")) for key, axis in declared.get("space", {}).items()}
    return {key: symbol for key, symbol in (searched | dict(declared.get("symbols", {}))).items() if symbol}


def _symbols(methods: Iterable[str]) -> dict[str, str]:
    """The symbols that methods declare; of methods that are not installed any more, none."""
    known = (name for name in dict.fromkeys(methods) if registry.knows("method", name))
    return {
        f"config.{key}": searched.symbol
        for name in known
        for key, searched in registry.get("method", name).search_space.items()
        if searched.symbol
    }
