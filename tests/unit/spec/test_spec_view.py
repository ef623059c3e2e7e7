"""What a stored spec says is what the run's own spec said."""

import pytest

from harness.spec.build import build_spec
from harness.spec.spec_view import SpecView


def test_a_stored_spec_reads_like_the_run_itself() -> None:
    spec = build_spec({"method": "ease", "rerank": "cpfair", "seed": 3, "evaluation": {"ks": [5, 10], "headline_k": 5}})
    view = SpecView(spec.model_dump(mode="json"))
    assert view == spec.view
    assert view.label == spec.label == "ease + cpfair"
    assert view.title == "ease + cpfair on movielens-100k, trained on genre groups, seed 3"
    assert (view.dataset, view.group, view.k, view.longest) == ("movielens-100k", "genre", 5, 10)
    assert view.encoder == spec.encoder.name
    assert str(view.metric("{group}/cv", "validation")) == "validation/genre/cv_at_5"


def test_plug_ins_that_are_gone_are_still_named() -> None:
    tree = {"method": "gone", "rerank": {"name": "also_gone"}, "dataset": "folder/mine.toml", "group": "own"}
    view = SpecView(tree | {"seed": 1, "evaluation": {"headline_k": 20}})
    assert view.title == "gone + also_gone on mine, trained on own groups, seed 1"


@pytest.mark.parametrize("tree", [{}, {"encoder": None}])
def test_what_an_old_spec_lacks_is_empty(tree: dict[str, object]) -> None:
    assert (SpecView(tree).dataset, SpecView(tree).encoder) == ("", "")
