"""A plug-in's options are validated by its own class, and what is wrong is named by where the user wrote it."""

from typing import Any

import pytest

from harness.base.errors import BadInput
from harness.builtin.groupings.genre import GenreConfig
from harness.plugins import RerankConfig
from harness.plugins.configured import configured


def test_options_are_an_object_of_the_plug_ins_class() -> None:
    found = configured("grouping", "Genre", {"min_items": 4}, "somewhere")
    assert found == GenreConfig(min_items=4)
    assert configured("grouping", "genre", found, "somewhere") is found


def test_an_object_of_another_class_is_no_more_than_its_options() -> None:
    found = configured("reranker", "pmmf", RerankConfig(name="pmmf"), "rerank")
    assert type(found) is not RerankConfig
    with pytest.raises(BadInput, match=r"unknown key 'here\.min_items'"):
        configured("grouping", "gender", GenreConfig(), "here")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("genres", {}, "unknown grouping 'genres': did you mean 'genre'?"),
        ("genre", {"min_item": 1}, "unknown key 'on.a.card.min_item': did you mean 'min_items'?"),
        ("genre", {"min_items": 0}, "on.a.card.min_items: input should be greater than or equal to 1 (given: 0)"),
        ("genre", 3, "on.a.card: a table of options is needed (given: 3)"),
        ("genre", None, "on.a.card: a table of options is needed (given: None)"),
        (
            "intersection",
            {"options": {"genre": {"min_item": 1}}},
            "unknown key 'on.a.card.options.genre.min_item': did you mean 'min_items'?",
        ),
        (
            "intersection",
            {"of": ["intersection", "genre"], "options": {"intersection": {"options": {"genre": {"min_items": 0}}}}},
            "on.a.card.options.intersection.options.genre.min_items: input should be",
        ),
        ("two_sided", {"options": 3}, "on.a.card.options: a table of options by grouping is needed, not 3"),
    ],
)
def test_mistakes_are_named_by_their_place(name: str, options: Any, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        configured("grouping", name, options, "on.a.card")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
