"""Studies as data: a TOML file says what is varied, over which ranges, and what judges a trial."""

import tomllib
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from harness.errors import BadInput
from harness.overrides import bad_input
from harness.protocols import Frozen
from harness.study.files import study_file

BudgetName = Literal["smoke", "default", "full"]


class Axis(Frozen):
    """A key of the run's spec and the range it is searched in."""

    symbol: str = Field("", description="the paper's symbol, for tables and figures")
    low: float
    high: float
    log: bool = False
    integer: bool = False

    @model_validator(mode="after")
    def _range_is_a_range(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low={self.low} must be below high={self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"a logarithmic range needs low > 0, not {self.low}")
        return self


class Budget(Frozen):
    """How much of a study to run; ``set`` overrides keys of the spec (fewer epochs, say)."""

    trials: int = Field(ge=1)
    set: dict[str, Any] = Field(default_factory=dict)


Point = dict[str, Any]
"""Values of the run's spec, by dotted key."""


class GridBudget(Frozen):
    """Which seeds to run; ``set`` overrides keys of the spec, the others what the study says for all budgets."""

    seeds: tuple[int, ...] = Field(min_length=1)
    set: dict[str, Any] = Field(default_factory=dict)
    methods: tuple[str, ...] | None = Field(None, min_length=1)
    axes: dict[str, tuple[Any, ...]] | None = None
    points: tuple[Point, ...] | None = None


class ScalingFigure(Frozen):
    """A figure of metrics against one varied key, both on log scales, one line per method."""

    file: str = Field(pattern=r"^[\w-]+$", description="its name, without an ending")
    x: str = Field(description="the varied key that goes along")
    label: str = Field("", description="of the horizontal axis")
    along: tuple[str, ...] = Field((), description="keys that vary together with it; others are held fixed")
    metrics: tuple[str, ...] = Field(min_length=1, description="one panel each; keys of the study's metrics")
    floors: dict[str, float] = Field(default_factory=dict, description="by metric, what smaller values are drawn at")


class GridSpec(Frozen):
    """A study that compares: every method with every seed at every point, each measured on test once.

    Points are those of ``points``, each combined with every combination of the values of ``axes``.
    """

    summary: str
    question: str = ""
    methods: tuple[str, ...] = Field(min_length=1)
    base: dict[str, Any] = Field(default_factory=dict, description="overrides of the run's spec, by dotted key")
    axes: dict[str, tuple[Any, ...]] = Field(default_factory=dict, description="values by dotted key")
    points: tuple[Point, ...] = ()
    isolated: bool = Field(False, description="each run in a process of its own, which may crash alone")
    metrics: dict[str, str] = Field(
        default_factory=dict, description="what the table shows, headings by key; empty: accuracy and disparities"
    )
    figures: tuple[ScalingFigure, ...] = ()
    budgets: dict[BudgetName, GridBudget]

    @model_validator(mode="after")
    def _figures_show_what_is_measured(self) -> Self:
        for figure in self.figures:
            if missing := [key for key in figure.metrics if key not in self.metrics]:
                raise ValueError(f"figure '{figure.file}' shows {missing[0]}, which is not among the study's metrics")
        return self


class StudySpec(Frozen):
    """A study that searches: Optuna varies keys of the spec, validation judges."""

    summary: str
    question: str = ""
    methods: tuple[str, ...] = Field(
        min_length=1, description="methods that have the searched keys; the first is the default"
    )
    base: dict[str, Any] = Field(default_factory=dict, description="overrides of the run's spec, by dotted key")
    space: dict[str, Axis] = Field(min_length=1)
    objectives: dict[str, Literal["maximize", "minimize"]] = Field(min_length=1)
    budgets: dict[BudgetName, Budget]


def load_study(name: str) -> StudySpec | GridSpec:
    """The study called ``name``, or in the file that ``name`` is the path of.

    Raises:
        BadInput: for an unknown name (with the nearest) or a file that is not a study.
    """
    file = study_file(name)
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"study {file}: {error}") from None
    kind: type[StudySpec] | type[GridSpec] = StudySpec if "space" in tree else GridSpec
    try:
        return kind.model_validate(tree)
    except ValidationError as error:
        raise bad_input(error, kind, f"study {file.name}") from None


def nested(dotted: Mapping[str, Any]) -> dict[str, Any]:
    """``{"config.eta": 1}`` as ``{"config": {"eta": 1}}``."""
    tree: dict[str, Any] = {}
    for key, value in dotted.items():
        place = tree
        *path, last = key.split(".")
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return tree
