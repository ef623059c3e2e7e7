"""What holds for every fairness definition."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import polars as pl

from harness.data.group_assignment import groups
from harness.domain.interactions import Indices, Training
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingInput
from harness.plugins.registry import registry
from harness.testing.contract import Contract
from harness.testing.world import toy_world

SEEDS = range(5)


class GroupingContract(Contract[Grouping]):
    """Nobody is left out, and names and order of the data do not matter.

    Attributes:
        grouping: its registered name
        config: its options here
        named_after_members: whether groups are called by raw ids, so that other ids are other names in another order
    """

    kind: ClassVar[str] = "grouping"
    grouping: str
    named_after_members: bool = False

    def source(self) -> GroupingInput:
        """The data that are grouped; override it for a definition that reads columns of your own."""
        return toy_world()

    # --- tests -------------------------------------------------------------------------------------------------------

    def test_everyone_is_in_a_group_and_no_group_is_empty(self) -> None:
        source, found = self.source(), self.groups()
        assert found.side == self.definition().side
        for part in found.sides:
            everyone = source.items.height if part.side == "item" else source.users.height
            assert part.matrix.shape == (everyone, len(part.names))
            assert set(np.unique(part.matrix.data)) == {1.0}
            np.testing.assert_allclose(part.shares.sum(axis=1), 1)
        assert min(found.sizes.values()) > 0
        assert all(isinstance(name, str) and name for name in found.names)

    def test_interactions_have_shares_that_sum_to_one(self) -> None:
        training, found = self.source().training, self.groups()
        C = found.shares_of(training.users, training.items)
        assert C.shape == (len(training), len(found.names))
        np.testing.assert_allclose(C.sum(axis=1), 1)

    def test_permuting_users_and_items_permutes_members(self) -> None:
        source, before = self.source(), self.groups()
        for seed in SEEDS:
            draw = np.random.default_rng(seed)
            users, items = draw.permutation(source.users.height), draw.permutation(source.items.height)
            after = self.groups(permuted(source, users, items))
            place = {"item": items, "user": users}
            moved = {(side, name): {int(place[side][k]) for k in who} for (side, name), who in members(before).items()}
            assert members(after) == moved
            assert self.named_after_members or after.names == before.names

    def test_raw_ids_do_not_matter(self) -> None:
        source, before = self.source(), self.groups()
        items = source.items.with_columns(item=pl.format("renamed {}", "item"))
        users = source.users.with_columns(user=pl.format("renamed {}", "user"))
        after = self.groups(replace(source, items=items, users=users))
        assert sorted(map(sorted, members(after).values())) == sorted(map(sorted, members(before).values()))
        assert self.named_after_members or after.names == before.names

    def test_one_definition_groups_one_world_the_same_way_whatever_it_saw_before(self) -> None:
        source, definition = self.source(), self.definition()
        first = groups(definition, source)
        users, items = np.arange(source.users.height)[::-1], np.arange(source.items.height)[::-1]
        groups(definition, permuted(source, users, items))
        again = groups(definition, source)
        assert again.names == first.names
        assert members(again) == members(first)

    def test_leaves_the_data_alone(self) -> None:
        source, untouched = self.source(), self.source()
        groups(self.definition(), source)
        assert source.items.equals(untouched.items)
        assert source.users.equals(untouched.users)
        np.testing.assert_array_equal(source.training.items, untouched.training.items)
        np.testing.assert_array_equal(source.training.users, untouched.training.users)

    def test_disparities_and_utility_are_known(self) -> None:
        assert self.plugin.utility in ("recall", "ndcg")
        assert self.plugin.disparities, "something summarises the groups"
        for name in self.plugin.disparities:
            registry.check("disparity", name)

    # --- what the tests are made of ----------------------------------------------------------------------------------

    def definition(self) -> Grouping:
        """The grouping with its options."""
        return self.plugin(self.options())

    def groups(self, source: GroupingInput | None = None) -> Membership:
        """Who belongs where, by a definition that has seen nothing else."""
        return groups(self.definition(), source or self.source())


def permuted(source: GroupingInput, users: Indices, items: Indices) -> GroupingInput:
    """The same world in which user u has the index ``users[u]`` and item i the index ``items[i]``."""
    old = source.training
    moved_users, moved_items = users[old.users], items[old.items]
    order = np.lexsort((moved_items, moved_users))
    training = Training(moved_users[order], moved_items[order], old.n_users, old.n_items)
    return GroupingInput(training, source.items[np.argsort(items)], source.users[np.argsort(users)])


def members(membership: Membership) -> dict[tuple[str, str], set[int]]:
    """The members of each group, by side and name."""
    return {
        (part.side, name): set(part.matrix[:, [k]].nonzero()[0].tolist())
        for part in membership.sides
        for k, name in enumerate(part.names)
    }
