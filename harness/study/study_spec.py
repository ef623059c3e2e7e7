"""Studies as data: a TOML file says what is varied, over which ranges, and what judges a trial."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, ValidationError, model_validator

from harness.base.errors import unknown
from harness.base.exact_values import SMALLEST
from harness.base.frozen import Frozen
from harness.base.trees import read_tree
from harness.base.validation_message import bad_input
from harness.plugins import SearchRange
from harness.plugins.registry import registry
from harness.study.declared_values import Names, Overrides, Point, Rule, Rules, Seeds, Values, each_once
from harness.study.limits import MOST_TRIALS

BudgetName = Literal["smoke", "default", "full"]


class Axis(Frozen):
    """A key of the run's spec and the range, or the choices, that it is searched in."""

    symbol: str = Field("", description="the paper's symbol, for tables and figures")
    low: float | None = None
    high: float | None = None
    log: bool = False
    integer: bool = False
    choices: Annotated[tuple[Any, ...], AfterValidator(each_once)] = ()
    like: str = Field("", description="the key whose value this one takes where it is unset")

    @model_validator(mode="after")
    def _range_is_a_range(self) -> Self:
        if self.choices:
            if self.low is not None or self.high is not None:
                raise ValueError("give low and high, or choices, not both")
            return self
        if self.low is None or self.high is None:
            raise ValueError("low and high are needed, or choices")
        if not self.low < self.high:
            raise ValueError(f"low={self.low} must be below high={self.high}")
        least = 1 if self.integer else SMALLEST
        if self.log and self.low < least:
            raise ValueError(f"a logarithmic range needs low > 0 (of integers: at least 1), not {self.low}")
        if self.integer and not (self.low.is_integer() and self.high.is_integer()):
            raise ValueError(f"integer: low={self.low} and high={self.high} are to be whole numbers")
        return self

    @property
    def ends(self) -> tuple[Any, ...]:
        """The extremes of the range, or all choices."""
        if self.low is None or self.high is None:
            return self.choices
        return (int(self.low), int(self.high)) if self.integer else (self.low, self.high)

    def contains(self, value: Any) -> bool:
        """Whether a search can come to ``value``."""
        if self.low is None or self.high is None:
            return value in self.choices
        return value is not None and self.low <= value <= self.high


def axes_of(method: str) -> dict[str, Axis]:
    """The search space of the registered ``method``, by keys of the run's spec.

    Raises:
        BadInput: where its author has declared a range that is none.
    """
    return {
        f"config.{key}": _axis(given, f"method '{method}': search_space: {key}")
        for key, given in registry.get("method", method).search_space.items()
    }


def _axis(given: SearchRange, where: str) -> Axis:
    try:
        return Axis(**vars(given) | {"like": given.like and f"config.{given.like}"})
    except ValidationError as error:
        raise bad_input(error, Axis, where) from None


class Budget(Frozen):
    """How much of a study to run; ``set`` overrides keys of the spec (fewer epochs, say)."""

    set: Overrides = Field(default_factory=dict)


class SearchBudget(Budget):
    """How many trials to make; ``curves`` overrides the values that the study says for all budgets."""

    trials: int = Field(ge=1, le=MOST_TRIALS)
    seeds: Seeds = Field((0,), description="of the curves; trials have the run's seed")
    curves: dict[str, Values] | None = None


B = TypeVar("B", bound=Budget)


class GridBudget(Budget):
    """Which seeds to run, and how many trials each method is tuned with; what is unset is as the study says."""

    seeds: Seeds
    trials: int = Field(0, ge=0, le=MOST_TRIALS, description="trials that each method is tuned with; 0: as it stands")
    methods: Names | None = None
    axes: dict[str, Values] | None = None
    points: tuple[Point, ...] | None = None
    selections: Rules | None = Field(None, min_length=1)


class Variant(Frozen):
    """A method under options of its own, which tables call by a name of its own."""

    method: str
    set: Overrides = Field(default_factory=dict, description="overrides of the run's spec, by dotted key")
    search: tuple[str, ...] | None = Field(None, description="keys of the search space that matter here; unset: all")
    space: dict[str, Axis] = Field(default_factory=dict, description="ranges beside the method's own, by dotted key")
    selections: Rules | None = Field(None, description="selection rules; unset: the study's")


class Tuning(Frozen):
    """How methods are tuned before they are compared: on validation data, with as many trials each."""

    seed: int = Field(1000, ge=0, description="of split and initialisation that all are tuned on")
    each_seed: bool = Field(False, description="tune anew on every seed's own split instead")
    prune: bool = Field(False, description="stop trials whose accuracy falls behind that of the others")
    from_reference: bool = Field(
        False, description="the second trial takes what tuning chose for the reference, where options are the same"
    )


class Claim(Frozen):
    """A published statement, and the comparison that would bear it out: ``variant`` against ``against``."""

    text: str = Field(min_length=1)
    source: str = ""
    metric: str = Field("", description="of test data, such as {group}/cv; empty: what cannot be tested here")
    better: Literal["lower", "higher"] = "lower"
    variant: str = ""
    against: str = ""
    selection: Rule = Field("", description="rule of the compared runs; empty: the study's first")
    point: Point = Field(default_factory=dict, description="where it is made; empty: at every point")
    published: float | None = Field(None, description="relative change, %")
    comparable: float | None = Field(None, gt=0, lt=1, description="share of NDCG that may be lost at most")
    untestable: str = Field("", description="why this study cannot test it")

    @model_validator(mode="after")
    def _testable_or_not(self) -> Self:
        if bool(self.untestable) == bool(self.metric and self.variant and self.against):
            raise ValueError("a claim names metric, variant and against, or says why it is untestable")
        return self


class Published(Frozen):
    """A published figure that reports put beside the measured one."""

    source: str
    dataset: str
    encoder: str = ""
    variant: str
    metric: str
    value: float
    note: str = ""


class ScalingFigure(Frozen):
    """A figure of metrics against one varied key, both on log scales, one line per method."""

    file: str = Field(pattern=r"^[\w-]+$", description="its name, without an ending")
    x: str = Field(description="the varied key that goes along")
    label: str = Field("", description="of the horizontal axis")
    along: tuple[str, ...] = Field((), description="keys that vary together with it; others are held fixed")
    metrics: tuple[str, ...] = Field(min_length=1, description="one panel each; keys of the study's metrics")
    floors: dict[str, float] = Field(default_factory=dict, description="by metric, what smaller values are drawn at")


NEGLIGIBLE = 0.05


class StudySpec(Frozen):
    """What every study declares."""

    summary: str
    question: str = ""
    methods: Names
    base: Overrides = Field(default_factory=dict, description="overrides of the run's spec, by dotted key")


class GridSpec(StudySpec):
    """A study that compares: every method with every seed at every point, each measured on test once.

    Points are those of ``points``, each combined with every combination of the values of ``axes``. ``methods`` names
    registered methods and the study's own ``variants``.
    """

    variants: dict[str, Variant] = Field(default_factory=dict)
    axes: dict[str, Values] = Field(default_factory=dict, description="values by dotted key")
    points: tuple[Point, ...] = ()
    selections: Rules = Field((), description="selection rules, each with runs of its own; empty: the base's")
    tuning: Tuning = Tuning()
    isolated: bool = Field(False, description="each run in a process of its own, which may crash alone")
    metrics: dict[str, str] = Field(
        default_factory=dict, description="what the table shows, headings by key; empty: accuracy and disparities"
    )
    baseline: str = Field("", description="the method that others are tested against, seed by seed")
    held_on: float = Field(
        0.5, ge=0, lt=1, description="a claim holds over data sets if it does on more than this share of them"
    )
    figures: tuple[ScalingFigure, ...] = ()
    claims: tuple[Claim, ...] = ()
    published: tuple[Published, ...] = ()
    budgets: dict[BudgetName, GridBudget]

    @property
    def shows_groups(self) -> bool:
        """Whether it is about fairness at all: studies of time and memory declare metrics of their own."""
        return not self.metrics or any("{group}" in metric for metric in self.metrics)

    @model_validator(mode="after")
    def _figures_show_what_is_measured(self) -> Self:
        for figure in self.figures:
            if missing := [key for key in figure.metrics if key not in self.metrics]:
                raise ValueError(f"figure '{figure.file}' shows {missing[0]}, which is not among the study's metrics")
        return self

    @model_validator(mode="after")
    def _names_are_methods_of_the_study(self) -> Self:
        """What a baseline, a claim or a budget names is one of the study's methods."""
        named = [("baseline", self.baseline)]
        named += [(f"claim '{claim.text}'", name) for claim in self.claims for name in (claim.variant, claim.against)]
        named += [
            (f"budget {name}", method) for name, budget in self.budgets.items() for method in budget.methods or ()
        ]
        for where, name in named:
            if name and name not in self.methods:
                raise ValueError(f"{where} names '{name}', which is not among the study's methods")
        if unused := [name for name in self.variants if name not in self.methods]:
            raise ValueError(f"variant '{unused[0]}' is not among the study's methods")
        return self


class SearchSpec(StudySpec):
    """A study that searches: Optuna varies keys of the spec, validation judges; ``methods[0]`` is the default.

    ``curves`` are made first: one key at a time takes each of its values, all others at the base's. Where the base's
    ``training.selection`` is ``fair_within:x``, trials that have no epoch so accurate are made but do not qualify.
    """

    space: dict[str, Axis] = Field(default_factory=dict, description="empty: the method's own search space")
    curves: dict[str, Values] = Field(default_factory=dict, description="values by dotted key")
    symbols: dict[str, str] = Field(default_factory=dict, description="of curves' keys that are not searched")
    objectives: dict[str, Literal["maximize", "minimize"]] = Field(min_length=1)
    prune: bool = Field(False, description="stop trials whose accuracy falls behind that of the others")
    negligible: dict[str, float] = Field(
        default_factory=dict, description="by objective, the share of its mean below which a difference does not matter"
    )
    budgets: dict[BudgetName, SearchBudget]

    @model_validator(mode="after")
    def _negligible_names_objectives(self) -> Self:
        for name, value in self.negligible.items():
            if name not in self.objectives:
                raise ValueError(f"negligible: {unknown('objective', name, self.objectives)}")
            if not 0 < value < 1:
                raise ValueError(f"negligible: {name}: a share above 0 and below 1 is needed, not {value}")
        return self

    def negligible_share(self, objective: str) -> float:
        """The share of an objective's mean below which a difference does not matter: 5 % where none is declared."""
        return self.negligible.get(objective, NEGLIGIBLE)

    def symbol(self, key: str) -> str:
        """The paper's symbol of a key, else the last part of its name."""
        declared = (self.space[key].symbol if key in self.space else "") or self.symbols.get(key, "")
        return declared or key.rpartition(".")[2]


def budget_of(name: str, budgets: Mapping[BudgetName, B], budget: BudgetName) -> B:
    """The budget called ``budget`` among those of the study called ``name``.

    Raises:
        BadInput: where the study has none.
    """
    if budget not in budgets:
        raise unknown(f"budget of study '{name}'", budget, budgets)
    return budgets[budget]


def load_study(name: str) -> GridSpec | SearchSpec:
    """The study called ``name``, or in the file that ``name`` is the path of.

    Raises:
        BadInput: for an unknown name (with the nearest) or a file that is not a study.
    """
    return registry.get("study", name)


def read_study(file: Path) -> GridSpec | SearchSpec:
    """The study that a file declares.

    Raises:
        BadInput: where it is not there or is not a study.
    """
    return declared_study(read_tree(file, "study"), file.name)


def declared_study(tree: Mapping[str, Any], name: str) -> GridSpec | SearchSpec:
    """The study that a tree declares: one with objectives searches, any other compares.

    Raises:
        BadInput: one line with the key and what is wrong with it.
    """
    kind: type[GridSpec] | type[SearchSpec] = SearchSpec if "objectives" in tree else GridSpec
    try:
        return kind.model_validate(tree)
    except ValidationError as error:
        raise bad_input(error, kind, f"study {name}") from None
