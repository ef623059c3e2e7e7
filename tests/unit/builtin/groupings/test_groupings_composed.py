"""Definitions made of others: intersections and two sides, down to the shares that training sees."""

import dataclasses
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.base.errors import BadInput
from harness.data.group_assignment import groups
from harness.domain.interactions import Test, Training
from harness.domain.membership import Membership
from harness.domain.ranking import rank
from harness.domain.top_k import Judged
from harness.evaluation.group_utilities import group_utilities
from harness.models.batches import Batch
from harness.models.group_losses import group_losses
from harness.models.recommender import BatchGroups
from harness.plugins import GroupingInput
from harness.plugins.registry import registry
from harness.spec.build import build_spec
from harness.testing import SMALL as SMALL_METHOD
from harness.testing import toy_problem

N = 12
IDS = np.arange(N)
ITEMS = pl.DataFrame(
    {"item": [f"i{k}" for k in IDS], "genres": [["a"], ["a", "b"], ["b"]] * 4, "year": [1990] * 6 + [2000] * 6}
)
USERS = pl.DataFrame({"user": [f"u{k}" for k in IDS], "gender": ["F", "M"] * 6, "age": [20] * 4 + [30] * 8})
SOURCE = GroupingInput(Training(IDS, IDS, N, N), ITEMS, USERS)
SMALL = {
    "genre": {"min_items": 1},
    "release_period": {"min_items": 1},
    "gender": {"min_users": 1},
    "age": {"min_users": 1},
}


def composed(name: str, **options: Any) -> Membership:
    kind = registry.get("grouping", name)
    return groups(kind(kind.Config.model_validate(options)), SOURCE)


def crossed(*of: str, least: int = 1) -> Membership:
    return composed("intersection", of=of, options={name: SMALL[name] for name in of}, min_members=least)


def two_sided() -> Membership:
    chosen = {name: SMALL[name] for name in ("genre", "gender")}
    return composed("two_sided", items="genre", users="gender", options=chosen)


class TestIntersection:
    def test_is_the_row_wise_product(self) -> None:
        """M = face-splitting product of the parts' matrices, empty columns left out."""
        genre, period = (composed(name, **SMALL[name]) for name in ("genre", "release_period"))
        product = np.einsum("ia,ib->iab", genre.matrix.toarray(), period.matrix.toarray()).reshape(N, -1)
        found = crossed("genre", "release_period")
        np.testing.assert_array_equal(found.matrix.toarray(), product)
        assert found.names == ("a × 1990s", "a × 2000s", "b × 1990s", "b × 2000s")

    def test_shares_are_the_products_of_shares(self) -> None:
        genre, period = (composed(name, **SMALL[name]).shares.toarray() for name in ("genre", "release_period"))
        product = np.einsum("ia,ib->iab", genre, period).reshape(N, -1)
        np.testing.assert_allclose(crossed("genre", "release_period").shares.toarray(), product)

    def test_of_users(self) -> None:
        found = crossed("gender", "age")
        assert found.side == "user"
        assert found.sizes == {"F × 18-24": 2, "F × 25-34": 4, "M × 18-24": 2, "M × 25-34": 4}

    def test_small_cells_are_merged_and_counted(self) -> None:
        found = crossed("gender", "age", least=3)
        assert found.sizes == {"F × 25-34": 4, "M × 25-34": 4, "other": 4}
        assert found.notes == ("intersection: 2 groups of fewer than 3 users merged into 'other'",)

    def test_empty_cells_are_counted(self) -> None:
        apart = USERS.with_columns(age=pl.when(pl.col("gender") == "F").then(20).otherwise(30))
        kind = registry.get("grouping", "intersection")
        options = {name: SMALL[name] for name in ("gender", "age")}
        config = kind.Config(of=("gender", "age"), options=options, min_members=1)
        found = groups(kind(config), GroupingInput(SOURCE.training, ITEMS, apart))
        assert found.sizes == {"F × 18-24": 6, "M × 25-34": 6}
        assert found.notes == ("intersection: 2 of 4 cells are empty",)

    def test_both_sides_cannot_meet(self) -> None:
        with pytest.raises(
            BadInput, match=r"all must be of items, or all of users, not genre \(item\), gender \(user\)"
        ):
            composed("intersection", of=("genre", "gender"))

    def test_columns_of_the_parts_are_required(self) -> None:
        kind = registry.get("grouping", "intersection")
        bare = GroupingInput(SOURCE.training, ITEMS.drop("genres"), USERS)
        with pytest.raises(BadInput, match="grouping 'genre' reads the column 'genres'"):
            groups(kind(kind.Config()), bare)


class TestTwoSided:
    def test_groups_of_both_sides_follow_each_other(self) -> None:
        found = two_sided()
        assert found.names == ("item a", "item b", "user F", "user M")
        assert found.sizes == {"item a": 8, "item b": 8, "user F": 6, "user M": 6}
        assert [part.side for part in found.sides] == ["item", "user"]

    def test_an_interaction_belongs_half_to_either_side(self) -> None:
        C = two_sided().shares_of(np.array([0, 1]), np.array([1, 0])).toarray()
        np.testing.assert_allclose(C, [[0.25, 0.25, 0.5, 0], [0.5, 0, 0, 0.5]])

    def test_the_sides_must_be_right(self) -> None:
        with pytest.raises(BadInput, match=r"two_sided\.items: 'gender' is of users, not of items"):
            composed("two_sided", items="gender")
        with pytest.raises(BadInput, match=r"two_sided\.users: 'genre' is of items, not of users"):
            composed("two_sided", users="genre")

    def test_utilities_are_those_of_the_sides(self) -> None:
        draw = np.random.default_rng(0)
        scores = torch.from_numpy(draw.normal(size=(N, N)))
        users, items = np.nonzero(draw.random((N, N)) < 0.3)
        target = Test(users, items, N, N)
        top = Judged(rank(lambda asked: scores[asked], target, [], 5), target).at(5)
        found = two_sided()
        both = group_utilities(top, found, "ndcg")
        alone = [group_utilities(top, part, "ndcg") for part in found.sides]
        np.testing.assert_array_equal(both.values, np.concatenate([side.values for side in alone]))
        np.testing.assert_array_equal(both.interactions, np.concatenate([side.interactions for side in alone]))


class TestOptions:
    def test_of_parts_are_validated_where_they_are_written(self) -> None:
        with pytest.raises(
            BadInput, match=r"unknown key 'groupings.intersection.options.genre.min_item': did you mean"
        ):
            build_spec({"groupings": {"intersection": {"options": {"genre": {"min_item": 1}}}}})

    def test_of_what_is_no_part(self) -> None:
        with pytest.raises(BadInput, match="'age' is not one of the parts: genre, popularity"):
            build_spec({"groupings": {"intersection": {"options": {"age": {"min_users": 1}}}}})

    def test_unknown_parts(self) -> None:
        with pytest.raises(BadInput, match="unknown grouping 'gendr': did you mean 'gender'"):
            build_spec({"groupings": {"two_sided": {"users": "gendr"}}})

    def test_a_spec_with_them_survives_a_round_trip(self) -> None:
        options = {"items": "genre", "users": "gender", "options": {"genre": {"min_items": 3}}}
        spec = build_spec({"method": "random", "group": "two_sided", "groupings": {"two_sided": options}})
        again = build_spec(spec.model_dump(mode="json"))
        assert again == spec
        assert again.digest == spec.digest
        assert spec.flat()["groupings.two_sided.options.genre.min_items"] == 3

    @pytest.mark.parametrize(
        ("group", "options", "who"),
        [("gender", {}, "users"), ("two_sided", {}, "items and users"), ("column", {"side": "user"}, "users")],
    )
    def test_rerankers_refuse_groups_of_users(self, group: str, options: dict[str, Any], who: str) -> None:
        with pytest.raises(BadInput, match=f"'{group}' groups {who}; choose another --group"):
            build_spec({"method": "random", "group": group, "groupings": {group: options}, "rerank": "cpfair"})


# --- what training sees -----------------------------------------------------------------------------------------------


def two_sided_problem(**options: Any) -> Any:
    """The toy problem under groups of items and of users at once, both overlapping."""
    problem = toy_problem(**options)
    users = toy_problem(side="user", data_seed=1).membership
    return dataclasses.replace(problem, membership=Membership.two_sided("both", problem.membership, users))


def everything(problem: Any) -> Batch:
    users, items = (torch.as_tensor(part) for part in (problem.training.users, problem.training.items))
    return Batch(users, items, torch.zeros(len(users), 0, dtype=torch.int64))


@pytest.mark.parametrize(
    "problem", [toy_problem(), toy_problem(side="user"), two_sided_problem(), toy_problem(empty_groups=("nobody",))]
)
class TestBatchGroups:
    def test_shares_are_those_of_the_membership(self, problem: Any) -> None:
        training = problem.training
        C = BatchGroups(problem, torch.float64).of(everything(problem))
        expected = problem.membership.shares_of(training.users, training.items)
        np.testing.assert_allclose(C.numpy(), expected.toarray(), atol=1e-12)

    def test_data_shares_are_their_mean(self, problem: Any) -> None:
        batch_groups = BatchGroups(problem, torch.float64)
        torch.testing.assert_close(batch_groups.data_shares, batch_groups.of(everything(problem)).mean(dim=0))
        assert batch_groups.data_shares.sum() == pytest.approx(1)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_loss_of_a_user_group_is_the_mean_over_its_users_interactions(seed: int) -> None:
    problem = toy_problem()
    labels = [["x" if user % 3 else "y"] for user in range(problem.training.n_users)]
    one_each = Membership.from_labels("side", "user", labels)
    losses = torch.from_numpy(np.random.default_rng(seed).exponential(size=len(problem.training)))
    batch = everything(problem)
    own = BatchGroups(dataclasses.replace(problem, membership=one_each), torch.float64)
    L = group_losses(losses, own.of(batch)).losses
    x = problem.training.users % 3 > 0
    np.testing.assert_allclose(L, [losses.numpy()[x].mean(), losses.numpy()[~x].mean()])

    both = Membership.two_sided("both", problem.membership, one_each)
    two = BatchGroups(dataclasses.replace(problem, membership=both), torch.float64)
    alone = BatchGroups(problem, torch.float64)
    expected = torch.cat([group_losses(losses, alone.of(batch)).losses, L])
    torch.testing.assert_close(group_losses(losses, two.of(batch)).losses, expected)


@pytest.mark.parametrize("method", ["bifair", "group_dro", "joint", "reweight", "mgda"])
def test_methods_train_on_both_sides(train: Any, method: str) -> None:
    problem = two_sided_problem()
    fitted, report = train(method, problem, epochs=2)
    assert set(report.group_losses) == set(problem.membership.names)
    assert sum(report.group_weights.values()) == pytest.approx(1)
    assert all(np.isfinite(loss) for loss in report.group_losses.values())
    assert torch.isfinite(fitted.score(torch.arange(60))).all()


@pytest.mark.parametrize("name", registry.names("method"))
def test_every_method_works_on_both_sides_or_says_why_not(name: str) -> None:
    kind = registry.get("method", name)
    problem = two_sided_problem(text=kind.needs_text)
    small = {key: value for key, value in SMALL_METHOD.items() if key in kind.Config.model_fields}
    method = kind(kind.Config(**small))
    if name in ("fairdual", "fairneg"):  # exposure is what groups of items get, and negatives are items
        with pytest.raises(BadInput, match="groups of items, and 'both' groups items and users; choose another"):
            method.prepare(problem)
        return
    method.prepare(problem)
    report = method.train_epoch()
    assert set(report.group_losses) <= set(problem.membership.names)
    assert torch.isfinite(method.score(torch.arange(60))).all()


def test_proportional_weights_make_erm_on_both_sides(train: Any) -> None:
    """Σ_k w_k L_k with w the batch shares is the plain mean, whatever the groups: joint = joint with ERM."""
    problem = two_sided_problem()
    plain, _ = train("joint", problem, epochs=2, loss="erm")
    balanced, _ = train("joint", problem, epochs=2, loss="balanced", balancer="proportional")
    torch.testing.assert_close(balanced.theta, plain.theta, rtol=0, atol=1e-9)
