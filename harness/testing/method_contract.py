"""What holds for every method."""

import dataclasses
import inspect
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from harness.base.changing import NotKept
from harness.base.errors import BadInput
from harness.plugins import EpochReport, Method, MethodConfig, Problem, SearchRange
from harness.plugins.registry import registry
from harness.runs.fitted.pyfunc_loader import model_in
from harness.testing.contract import Contract
from harness.testing.problem import N_USERS, toy_problem
from harness.testing.resumed_process import scores_of_resumed
from harness.testing.toy_model import write_toy_model
from harness.training.checkpoint import Checkpoint
from harness.training.fit import EarlyStopping, Progress

# Options that make a toy problem quick and its batches several, for the methods that have them.
SMALL = {"batch_size": 128, "negatives": 16, "dim": 8, "min_rows": 4}


class MethodContract(Contract[Method]):
    """What holds for every method.

    Attributes:
        method: its registered name
        config: options for these tests, over small batches and widths where the method has such options
    """

    kind: ClassVar[str] = "method"
    method: str

    # --- tests -------------------------------------------------------------------------------------------------------

    def test_search_space_names_options(self) -> None:
        fields = self.plugin.Config.model_fields
        for key, axis in self.plugin.search_space.items():
            assert key in fields, f"{key} is not an option"
            assert isinstance(axis, SearchRange)
            for value in axis.choices or (axis.low, axis.high):
                self.plugin.Config.model_validate({key: value})

    def test_phases_are_all_of_a_training(self) -> None:
        for epochs in (1, 7, 100):
            parts = self.plugin.phases(self.plugin.Config(), epochs)
            assert sum(part for part, _ in parts) == epochs
            assert all(part >= 0 and isinstance(config, self.plugin.Config) for part, config in parts)

    def test_a_first_stage_has_batches_of_its_own(self) -> None:
        name, steps = self.plugin.first_stage(self.plugin.Config())
        assert steps >= 0
        if steps:
            method = self.plugin(self.plugin.Config())
            method.prepare(self.problem())
            assert next(iter(getattr(method, name).forever()))

    def test_sees_a_problem_and_nothing_else(self) -> None:
        """A problem holds training data alone, so there is no way to validation or test data."""
        assert list(inspect.signature(self.plugin.prepare).parameters) == ["self", "problem"]
        assert list(inspect.signature(self.plugin.train_epoch).parameters) == ["self"]
        assert {field.name for field in dataclasses.fields(Problem)} == {
            *("training", "embeddings", "membership", "streams", "device")
        }

    def test_scores_every_item_and_reports_every_epoch(self) -> None:
        problem = self.problem()
        method, report = self.fitted(problem)
        self.check_report(report, problem)
        users = torch.tensor([3, 0, 3, 59])
        scores = method.score(users)
        assert scores.shape == (4, problem.training.n_items)
        assert torch.isfinite(scores).all(), "items without training interactions need scores too"
        assert torch.equal(scores[0], scores[2])
        assert not scores.requires_grad

    def test_scores_do_not_depend_on_which_users_are_asked_together(self) -> None:
        problem = self.problem()
        method, _ = self.fitted(problem)
        together = method.score(torch.arange(problem.training.n_users))
        alone = torch.cat([method.score(torch.tensor([user])) for user in range(problem.training.n_users)])
        torch.testing.assert_close(alone, together)

    def test_leaves_the_problem_alone(self) -> None:
        problem, untouched = self.problem(), self.problem()
        self.fitted(problem)
        np.testing.assert_array_equal(problem.training.items, untouched.training.items)
        np.testing.assert_array_equal(problem.training.users, untouched.training.users)
        if problem.embeddings is not None and untouched.embeddings is not None:
            np.testing.assert_array_equal(problem.embeddings, untouched.embeddings)

    def test_one_seed_gives_one_result(self) -> None:
        (first, one), (second, two) = (self.fitted(self.problem(seed=3)) for _ in range(2))
        assert torch.equal(self.all_scores(first), self.all_scores(second))
        assert one == two

    def test_seeds_matter_where_something_is_random(self) -> None:
        if not self.plugin.iterative:
            return
        first, second = (self.fitted(self.problem(seed=seed))[0] for seed in (3, 4))
        assert not torch.equal(self.all_scores(first), self.all_scores(second))

    def test_a_checkpoint_brings_exactly_the_scores_back(self) -> None:
        method, _ = self.fitted(self.problem())
        scores, state = self.all_scores(method).clone(), method.state()
        kept = {name: tensor.clone() for name, tensor in state.items()}
        if self.plugin.iterative:
            method.train_epoch()
        for name, tensor in state.items():
            assert torch.equal(tensor, kept[name]), f"{name} is not a copy"
        method.restore(state)
        assert torch.equal(self.all_scores(method), scores)
        method.restore(kept)
        assert torch.equal(self.all_scores(method), scores), "restoring twice is restoring once"

    def test_a_checkpoint_is_complete(self) -> None:
        """A method that was prepared and never trained scores like the one that the state was taken from."""
        method, _ = self.fitted(self.problem())
        fresh = self.prepared(self.problem())
        fresh.restore(method.state())
        assert torch.equal(self.all_scores(fresh), self.all_scores(method))

    def test_a_model_in_files_scores_to_the_bit(self, tmp_path: Path) -> None:
        """What a run keeps needs no more of a method than ``state``, ``restore`` and ``score``."""
        problem = self.problem()
        method, _ = self.fitted(problem)
        write_toy_model(method, problem, tmp_path)
        model = model_in(tmp_path)
        users = [f"u{user}" for user in range(N_USERS)]
        np.testing.assert_array_equal(model.scores(users), self.all_scores(method).numpy())
        lists = model.recommend(k=5)
        assert lists["user"].unique(maintain_order=True).to_list() == users
        assert model.recommend(users[7:8], k=5).equals(lists.filter(user=users[7]))

    def test_vectors_are_those_of_the_scores(self) -> None:
        method, _ = self.fitted(self.problem())
        vectors = method.vectors()
        if vectors is None:
            pytest.skip(f"{method.name} has no vectors")
        torch.testing.assert_close(vectors[0] @ vectors[1].T, self.all_scores(method))

    def test_new_users_have_scores_or_are_refused(self) -> None:
        """Nobody's scores change because others have come."""
        problem = self.problem()
        method, _ = self.fitted(problem)
        before, taken = self.all_scores(method).clone(), problem.training.matrix()[[3, 4, 3]]
        scores = method.score_histories(taken)
        if scores is None:
            assert method.user_vectors(taken) is None
            pytest.skip(f"{method.name} knows nothing of new users")
        assert scores.shape == (3, problem.training.n_items)
        assert torch.isfinite(scores).all()
        assert torch.equal(self.all_scores(method), before)

    def test_an_interrupted_training_goes_on_to_the_bit(self) -> None:
        """Four epochs are two, a checkpoint, and two more in another object."""
        whole, reports = self.trained(self.prepared(self.problem()), 4)
        first, _ = self.trained(self.prepared(self.problem()), 2)
        content = self.checkpoint(first)
        self.trained(first, 1)  # what was taken is a copy
        second = self.prepared(self.problem())
        second.resume(Checkpoint.decoded(content).method)
        second, more = self.trained(second, 2)
        assert more == reports[2:]
        assert torch.equal(self.all_scores(second), self.all_scores(whole))
        assert self.checkpoint(second) == self.checkpoint(whole), "something that changes is not put back"

    def test_an_interrupted_training_goes_on_in_another_process(self, tmp_path: Path) -> None:
        whole, _ = self.trained(self.prepared(self.problem()), 4)
        half, _ = self.trained(self.prepared(self.problem()), 2)
        path = tmp_path / "half.checkpoint"
        path.write_bytes(self.checkpoint(half))
        asked = {
            "method": self.method,
            "config": self.options().model_dump(mode="json"),
            "problem": {"seed": 0, "text": self.plugin.needs_text},
            "plugins": [str(file) for file in registry.files],
            "checkpoint": str(path),
            "epochs": 2,
        }
        assert torch.equal(scores_of_resumed(asked), self.all_scores(whole))

    def test_a_group_without_members_does_no_harm(self) -> None:
        report = self.check_fit(self.problem(empty_groups=("nobody",)))
        assert report.group_weights.get("nobody", 0.0) == 0.0

    def test_a_single_group_works(self) -> None:
        self.check_fit(self.problem(groups=("everything",)))

    def test_groups_of_users_work_or_are_refused(self) -> None:
        with suppress(BadInput):
            self.check_fit(self.problem(side="user"))

    # --- what the tests are made of ----------------------------------------------------------------------------------

    def options(self) -> MethodConfig:
        """The config used here."""
        fields = self.plugin.Config.model_fields
        small = {key: value for key, value in SMALL.items() if key in fields}
        return self.plugin.Config.model_validate({**small, **self.config})

    def problem(self, seed: int = 0, **options: Any) -> Problem:
        """A toy problem, without text where the method needs none."""
        return toy_problem(seed, text=self.plugin.needs_text, **options)

    def prepared(self, problem: Problem) -> Method:
        """The method before its first epoch."""
        method = self.plugin(self.options())
        method.prepare(problem)
        return method

    def fitted(self, problem: Problem) -> tuple[Method, EpochReport]:
        """The method after one epoch, with the epoch's report."""
        method = self.prepared(problem)
        return method, method.train_epoch()

    def trained(self, method: Method, epochs: int) -> tuple[Method, list[EpochReport]]:
        """The method after so many more epochs, with their reports."""
        return method, [method.train_epoch() for _ in range(epochs)]

    def checkpoint(self, method: Method) -> bytes:
        """The content of a checkpoint of the method; the test is skipped where it says that it cannot be kept."""
        if not self.plugin.iterative:
            pytest.skip(f"{method.name} has no second epoch: what is interrupted begins again")
        try:
            state = method.training_state()
        except NotKept as error:
            pytest.skip(f"interrupted, it begins again: {error}")
        return Checkpoint({}, state, Progress(EarlyStopping(1))).encoded()

    def all_scores(self, method: Method) -> torch.Tensor:
        """Scores of the toy problem's 60 users."""
        return method.score(torch.arange(N_USERS))

    def check_fit(self, problem: Problem) -> EpochReport:
        """The report of the first epoch, which is sound, as the scores after it are."""
        method, report = self.fitted(problem)
        self.check_report(report, problem)
        assert torch.isfinite(self.all_scores(method)).all()
        return report

    def check_report(self, report: EpochReport, problem: Problem) -> None:
        """Finite numbers, known groups."""
        assert np.isfinite(report.loss)
        for values in (report.group_losses, report.group_weights):
            assert set(values) <= set(problem.membership.names)
        for numbers in (report.group_losses, report.group_weights, report.values):
            assert all(np.isfinite(value) for value in numbers.values())
