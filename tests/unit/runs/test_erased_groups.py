"""Erasing groups from the vectors: what the run reads, what it is known by, what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.base.errors import BadInput
from harness.plugins.registry import Registry
from harness.runs.context import Context
from harness.runs.experiment import Experiment, prepare
from harness.runs.plugin_code import plugin_digest
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.spec.options import EncoderOptions
from harness.spec.run_spec import RunSpec
from harness.testing.scaffold import write_plugin
from harness.track import open_tracker


def spec_of(**encoder: Any) -> RunSpec:
    return build_spec(
        {
            "method": "alpharec",
            "dataset": "long-tail",
            "dataset_options": {"n_users": 200, "n_items": 100, "n_groups": 5},
            "data": {"core": 1},
            "encoder": {"name": "tfidf-svd", **encoder},
            "training": {"max_epochs": 1},
            "groups": ["genre"],
        }
    )


def prepared(monkeypatch: pytest.MonkeyPatch, home: Path, **encoder: Any) -> Experiment:
    monkeypatch.setenv("HARNESS_HOME", str(home))
    return prepare(spec_of(**encoder), Context(offline=True))


def linear_trace(vectors: np.ndarray, groups: np.ndarray) -> float:
    """The largest covariance between a coordinate and a group, in units of the largest deviation."""
    centred = vectors - vectors.mean(axis=0, dtype=np.float64)
    return float(np.abs(centred.T @ (groups - groups.mean(axis=0))).max() / len(vectors) / centred.std(axis=0).max())


def test_nothing_linear_is_left_of_the_groups_and_what_was_there_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = prepared(monkeypatch, tmp_path)
    changed = prepared(monkeypatch, tmp_path, erase="genre")
    assert plain.unerased is None
    assert plain.embeddings is not None
    assert changed.embeddings is not None
    assert changed.unerased is not None
    np.testing.assert_array_equal(changed.unerased, plain.embeddings)
    groups = changed.trained.membership.shares.toarray()
    assert linear_trace(plain.embeddings, groups) > 0.02
    assert linear_trace(changed.embeddings, groups) < 1e-5
    assert changed.digests["embedding"] != plain.digests["embedding"]


def test_whitening_by_groups_is_the_other_way_to_erase_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    erased, whitened = (prepared(monkeypatch, tmp_path, erase="genre", erase_by=how) for how in ("leace", "whitening"))
    assert erased.embeddings is not None
    assert whitened.embeddings is not None
    groups = whitened.trained.membership.shares.toarray()
    assert linear_trace(whitened.embeddings, groups) < 1e-5
    assert whitened.digests["embedding"] != erased.digests["embedding"]
    np.testing.assert_array_equal(whitened.unerased, erased.unerased)


def test_it_comes_after_all_other_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whitened = prepared(monkeypatch, tmp_path, erase="genre", whiten=True, normalise=True)
    assert whitened.embeddings is not None
    assert linear_trace(whitened.embeddings, whitened.trained.membership.shares.toarray()) < 1e-5


def test_groups_need_not_be_those_that_are_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    popularity, genre = (prepared(monkeypatch, tmp_path, erase=name) for name in ("popularity", "genre"))
    assert [one.membership.grouping for one in popularity.definitions] == ["genre"]
    assert popularity.digests["embedding"] != genre.digests["embedding"]


def test_a_run_says_the_prior_unfairness_before_and_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path))
    context = Context(open_tracker("none"))
    ways = ({}, {"erase": "genre"}, {"erase": "genre", "erase_by": "whitening"})
    plain, *changed = (run(spec_of(**encoder), context).metrics for encoder in ways)
    for metrics in changed:
        assert metrics["unfairness/prior_before_erasure"] == plain["unfairness/prior"]
        assert metrics["unfairness/prior"] != plain["unfairness/prior"]
    assert "unfairness/prior_before_erasure" not in plain


def test_a_spec_that_erases_nothing_is_hashed_and_written_as_before() -> None:
    spec = spec_of()
    assert "erase" not in spec.model_dump(mode="json")["encoder"]
    assert spec_of(erase="").digest == spec.digest != spec_of(erase="genre").digest
    assert spec_of(erase="GENRE").digest == spec_of(erase="genre").digest
    assert "erase_by" not in spec_of(erase="genre", erase_by="leace").model_dump(mode="json")["encoder"]
    assert spec_of(erase="genre").digest != spec_of(erase="genre", erase_by="whitening").digest


def test_the_grouping_trained_on_can_be_meant_whichever_it_is() -> None:
    assert spec_of(erase="{group}").digest == spec_of(erase="genre").digest
    tree = spec_of(erase="{group}").model_dump(mode="json")
    popular = build_spec({**tree, "group": "popularity", "encoder": EncoderOptions(name="tfidf-svd", erase="{group}")})
    assert popular.encoder.erase == "popularity"


def test_a_grouping_from_elsewhere_counts_among_the_runs_code(fresh_registry: Registry, tmp_path: Path) -> None:
    fresh_registry.add_file(write_plugin("grouping", "by_length", tmp_path).file)
    assert plugin_digest(spec_of()) is None
    assert plugin_digest(spec_of(erase="by_length"))


@pytest.mark.parametrize(
    ("name", "complaint"),
    [("genr", "did you mean 'genre'"), ("activity", "groups users; choose a grouping of items")],
)
def test_what_groups_no_items_is_refused(name: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        spec_of(erase=name)


@pytest.mark.parametrize(
    ("encoder", "complaint"),
    [
        ({"erase_by": "whitening"}, "encoder.*needs groups to erase: encoder.erase, such as genre"),
        ({"erase": "genre", "erase_by": "leash"}, "encoder.erase_by.*leace"),
    ],
)
def test_how_needs_something_to_erase_and_a_way_that_there_is(encoder: dict[str, str], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint) as found:
        spec_of(**encoder)
    assert "\n" not in str(found.value)
