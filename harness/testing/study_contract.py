"""What holds for every study."""

from harness.base.trees import merged, nested
from harness.spec.build import build_spec
from harness.spec.run_spec import RunSpec
from harness.study.plan import plan_grid
from harness.study.search_plan import plan_search
from harness.study.study_spec import BudgetName, GridSpec, SearchSpec, load_study


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
        if isinstance(self.loaded, GridSpec):
            return
        for budget in self.loaded.budgets:
            for method in self.loaded.methods:
                plan = plan_search(self.study, self.loaded, {"method": method}, budget)
                for key, axis in plan.space.items():
                    for value in axis.ends:
                        tree = merged(plan.base.model_dump(mode="json"), nested({key: value}))
                        assert build_spec(tree).flat()[key] == value

    @property
    def loaded(self) -> GridSpec | SearchSpec:
        """The study."""
        return load_study(self.study)

    def specs(self, budget: BudgetName) -> list[RunSpec]:
        """The specs of all runs of one seed, or the one that a search varies, for each of its methods."""
        study = self.loaded
        if isinstance(study, SearchSpec):
            return [plan_search(self.study, study, {"method": name}, budget).base for name in study.methods]
        plan = plan_grid(self.study, study, {}, budget)
        return [arm.spec(plan.seeds[0]) for arm in plan.arms]
