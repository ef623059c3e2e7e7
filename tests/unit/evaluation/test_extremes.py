"""What is shown of definitions with thousands of groups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.domain.metric_key import MetricKey, as_stored
from harness.evaluation.extremes import (
    AT_EACH_END,
    MANY_GROUPS,
    by_group,
    extreme_tags,
    extremes,
    listed,
    ranked,
    sizes_in_short,
)
from harness.evaluation.group_row import GroupRow

tables = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.integers(1, 9)), min_size=1, max_size=4 * MANY_GROUPS
).map(lambda pairs: [GroupRow("g", f"{n}", 20, value, count, 1) for n, (value, count) in enumerate(pairs)])


@given(tables)
def test_nothing_is_lost_nothing_shown_twice_and_nobody_between_is_more_extreme(rows: list[GroupRow]) -> None:
    best, between, worst = extremes(rows)
    shown = [*best, *worst]
    assert len(set(shown)) == len(shown)
    assert len(shown) + between == len(rows)
    hidden = [row.utility for row in rows if row not in shown]
    if between:
        assert len(best) == len(worst) == AT_EACH_END
        assert max(row.utility for row in worst) <= min(hidden) <= max(hidden) <= min(row.utility for row in best)
    else:
        assert shown == ranked(rows)


def test_the_limit_is_exact() -> None:
    rows = [GroupRow("g", f"{n}", 20, n / 100, 1, 1) for n in range(MANY_GROUPS + 1)]
    assert extremes(rows[:-1]).between == 0
    assert extremes(rows).between == MANY_GROUPS + 1 - 2 * AT_EACH_END


def test_among_equals_those_with_more_test_interactions_are_the_extremes() -> None:
    found = [GroupRow("g", f"found {n}", 20, 1.0, n, 1) for n in range(1, 21)]
    missed = [GroupRow("g", f"missed {n}", 20, 0.0, n, 1) for n in range(1, 101)]
    best, _, worst = extremes(found + missed)
    assert [row.interactions for row in best] == list(range(20, 12, -1))
    assert [row.interactions for row in worst] == list(range(93, 101))


def test_tags_name_the_extremes_outermost_first() -> None:
    rows = [GroupRow("item_individual", f"film {n}", 20, n / 128, 1, 1) for n in range(128)]
    tags = extreme_tags(rows, "item_individual")
    assert set(tags) == {"groups.item_individual.best", "groups.item_individual.worst"}
    assert tags["groups.item_individual.best"].startswith("film 127 0.9922, film 126 0.9844, ")
    assert tags["groups.item_individual.worst"].startswith("film 0 0.0000, film 1 0.0078, ")
    assert all(text.count(",") == AT_EACH_END - 1 for text in tags.values())


@pytest.mark.parametrize("n", [1, MANY_GROUPS, MANY_GROUPS + 1, 1000])
def test_groups_have_curves_of_their_own_as_long_as_they_can_be_looked_through(n: int) -> None:
    losses = {f"group {k}": float(k) for k in range(n)}
    found = by_group(MetricKey("group_loss", split="train"), losses, {name: name.replace(" ", "_") for name in losses})
    if n <= MANY_GROUPS:
        assert as_stored(found) == {f"train/group_loss/group_{k}": float(k) for k in range(n)}
    else:
        assert as_stored(found) == {"train/group_loss_min": 0.0, "train/group_loss_max": n - 1}


def test_whether_there_are_many_does_not_depend_on_how_many_have_a_value() -> None:
    keys = {f"{k}": f"{k}" for k in range(MANY_GROUPS + 1)}
    assert as_stored(by_group(MetricKey("loss"), {"3": 0.5}, keys)) == {"loss_min": 0.5, "loss_max": 0.5}
    assert by_group(MetricKey("loss"), {}, keys) == {}


def test_sizes_and_names_in_short() -> None:
    few, many = {"a": 2, "b": 1}, {f"{k}": k for k in range(1, 101)}
    assert sizes_in_short(few) == few
    assert sizes_in_short(many) == {"groups": 100, "smallest": 1, "largest": 100}
    names = [f"n{k}" for k in range(20)]
    assert listed(names, of=20) == ", ".join(names)
    assert listed(names, of=1000) == ", ".join(names[:8]) + " and 12 more"
    assert listed(names[:3], of=1000) == "n0, n1, n2"
