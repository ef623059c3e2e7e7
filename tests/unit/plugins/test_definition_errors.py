"""Whatever is wrong with a fairness definition is one line that names it, the mistake and the way to mend it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.data.group_assignment import groups
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingInput
from harness.plugins.registry import Registry
from harness.spec.build import build_spec
from harness.testing.world import toy_world

FILE = """
from harness.domain.membership import Membership
from harness.plugins import Disparity, Grouping, GroupingInput


class Halves(Grouping):
    name = "halves"
    summary = "everybody on one side"
    {declared}

    def assign(self, source: GroupingInput) -> Membership:
        return Membership.from_labels(self.name, "item", [["all"]] * source.items.height)
"""


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ('utility = "precision"', r"utility: input should be 'recall' or 'ndcg' \(given: 'precision'\)"),
        ('disparities = "cv"', r"disparities: a list is needed \(given: 'cv'\)"),
        ("disparities = (1,)", r"disparities\.0: .*string \(given: 1\)"),
        ('requires = "year"', r"requires: a list is needed \(given: 'year'\)"),
        ("summary = 3", r"summary: .*string \(given: 3\)"),
        ("Config = dict", r"Config: .*subclass of Frozen"),
    ],
)
def test_a_declaration_of_the_wrong_type_is_refused_when_it_is_loaded(
    fresh_registry: Registry, tmp_path: Path, declared: str, message: str
) -> None:
    file = tmp_path / "halves.py"
    file.write_text(FILE.format(declared=declared))
    with pytest.raises(BadInput, match=message) as caught:
        fresh_registry.add_file(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "halves" not in fresh_registry.names("grouping")


@pytest.mark.parametrize(
    ("disparities", "message"),
    [
        (("cv", "minn25"), r"grouping 'halves': disparities: unknown disparity 'minn25': did you mean 'min25'\?"),
        (("cv", "rsp"), r"grouping 'halves': disparities: 'rsp' is reported of all groups of items anyway: leave it"),
        (("min0",), r"grouping 'halves': disparities: unknown disparity 'min0'"),
    ],
)
def test_unknown_disparities_are_refused_with_the_spec(
    fresh_registry: Registry, tmp_path: Path, disparities: tuple[str, ...], message: str
) -> None:
    file = tmp_path / "halves.py"
    file.write_text(FILE.format(declared=f"disparities = {disparities!r}"))
    fresh_registry.add_file(file)
    for spec in ({"group": "halves"}, {"groups": ["popularity", "halves"]}):
        with pytest.raises(BadInput, match=message):
            build_spec({"method": "most_popular", **spec})


@pytest.mark.parametrize("given", [5, "popularity", ["popularity"], None])
def test_options_that_are_no_table(given: Any) -> None:
    with pytest.raises(BadInput, match=r"groupings: options are written groupings\.NAME\.KEY=VALUE, not"):
        build_spec({"groupings": given})


@pytest.mark.parametrize(
    "spec", [{"groups": 5}, {"groups": [5]}, {"group": 5}, {"group": ["genre"]}, {"groups": {"a": 1}}]
)
def test_groupings_are_named_by_text(spec: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"groups: a list of groupings is needed|a grouping is named by text"):
        build_spec(spec)


class Own(Grouping):
    """Answers what it is told to."""

    name = "own"
    summary = "as it is told"
    answer: Any = None

    def assign(self, source: GroupingInput) -> Membership:
        answer: Membership = self.answer
        return answer


def test_an_answer_that_is_no_membership() -> None:
    with pytest.raises(BadInput, match=r"grouping 'own': assign gives NoneType, not a Membership"):
        groups(Own(Frozen()), toy_world())


def test_a_side_that_there_is_not() -> None:
    definition = Own(Frozen())
    definition.side = "items"  # type: ignore[assignment]
    with pytest.raises(BadInput, match=r"grouping 'own': side is one of item, user, both, not 'items'"):
        groups(definition, toy_world())


@pytest.mark.parametrize("row", ["1995", [1995], [None], ["a", 3]])
def test_labels_are_lists_of_texts(row: Any) -> None:
    """The letters of a text would be groups otherwise."""
    with pytest.raises(BadInput, match=r"grouping 'g': the labels of user 1 are .*: a list of texts is needed"):
        Membership.from_labels("g", "user", [["a"], row])


def test_a_label_that_the_order_lacks() -> None:
    with pytest.raises(BadInput, match=r"grouping 'g': the label 'c' is not in the order \['b', 'a'\]"):
        Membership.from_labels("g", "item", [["a"], ["c"]], order=["b", "a"])


def test_a_pair_that_is_there_twice() -> None:
    twice = np.array([0, 0, 1])
    with pytest.raises(ValueError, match="is a pair there twice"):
        Membership.from_pairs("g", "item", ["a"], twice, np.zeros(3, dtype=np.int64), 2)
