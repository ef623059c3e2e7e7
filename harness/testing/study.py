"""What holds for every study."""

from typing import Any

from harness.overrides import build_spec, merged
from harness.spec import RunSpec
from harness.study.points import grid_points
from harness.study.spec import BudgetName, GridSpec, SearchSpec, load_study, nested


class StudyContract:
    """Every run that the study asks for is one that can be asked for.

    Attributes:
        study: its name, or the path of its file
    """

    study: str

    def test_says_what_it_is_about(self) -> None:
        assert self.loaded.summary.strip()

    def test_has_a_default_budget(self) -> None:
        assert "default" in self.loaded.budgets

    def test_every_run_is_valid(self) -> None:
        for budget in self.loaded.budgets:
            assert self.specs(budget), f"budget {budget} asks for no run"

    def test_the_ends_of_every_range_are_valid(self) -> None:
        study = self.loaded
        if isinstance(study, GridSpec):
            return
        for key, axis in study.space.items():
            for value in (axis.low, axis.high):
                given = int(value) if axis.integer else value
                for budget in study.budgets:
                    assert all(spec.flat()[key] == given for spec in self.specs(budget, {key: given}))

    @property
    def loaded(self) -> SearchSpec | GridSpec:
        """The study."""
        return load_study(self.study)

    def specs(self, budget: BudgetName, values: dict[str, Any] | None = None) -> list[RunSpec]:
        """The specs of all runs of one seed, or of all methods with ``values``."""
        study = self.loaded
        own = merged(nested(study.base), nested(study.budgets[budget].set))
        if isinstance(study, SearchSpec):
            return [build_spec(merged(merged(own, nested(values or {})), {"method": name})) for name in study.methods]
        methods = study.budgets[budget].methods or study.methods
        return [
            build_spec(merged(merged(own, point.tree), {"method": name}))
            for point in grid_points(self.study, study, budget, {})
            for name in methods
            if not point.methods or name in point.methods
        ]
