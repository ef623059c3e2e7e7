"""A data set's own options: validated by its own class, part of the run's identity, never sharing a cache."""

from pathlib import Path

import pytest

from harness.base import paths
from harness.base.errors import BadInput
from harness.data.sources.fetch import locate
from harness.plugins.registry import Registry
from harness.runs.context import Context
from harness.runs.experiment import coverage
from harness.spec.build import build_spec
from harness.spec.run_spec import dataset_of

PLUGIN = """
from pathlib import Path
import polars as pl
from harness.domain.card import Card
from harness.domain.tables import Tables
from harness.plugins import Dataset, Frozen


class ShelfOptions(Frozen):
    shelf: str = "top"
    copies: int = 1


class Shelf(Dataset):
    name = "shelf"
    summary = "books on a shelf"
    Config = ShelfOptions
    card = Card(title="Shelf", homepage="", licence="", citation="", sources=(), groupings=("popularity",),
                default_group="popularity")

    def recognises(self, folder: Path) -> bool:
        return (folder / "books").is_file()

    def read(self, folder: Path) -> Tables:
        return Tables(pl.DataFrame(), pl.DataFrame(), pl.DataFrame())
"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_registry: Registry) -> Registry:
    """The registry with a data set that has options, and a home folder of the test's own."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    (tmp_path / "shelf.py").write_text(PLUGIN)
    fresh_registry.add_file(tmp_path / "shelf.py")
    return fresh_registry


def spec(**options: object) -> object:
    return build_spec({"method": "most_popular", "dataset": "shelf", "dataset_options": options})


def test_options_reach_the_data_set(shelf: Registry) -> None:
    assert dataset_of("shelf", {"shelf": "low"}).config.shelf == "low"  # type: ignore[attr-defined]
    assert dataset_of("shelf", {}).config.copies == 1  # type: ignore[attr-defined]
    assert shelf.get("dataset", "shelf")().config.shelf == "top"


def test_a_spec_survives_a_round_trip(shelf: Registry) -> None:
    first = build_spec({"dataset": "shelf", "dataset_options": {"copies": 3}})
    again = build_spec(first.model_dump(mode="json"))
    assert again == first
    assert again.digest == first.digest
    assert first.flat()["dataset_options.copies"] == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"shelff": "low"}, r"unknown key 'dataset_options\.shelff': did you mean 'shelf'\?"),
        ({"copies": "many"}, r"dataset_options\.copies: .*integer.*many"),
    ],
)
def test_a_bad_option_is_named_where_it_was_written(shelf: Registry, given: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        spec(**given)


def test_a_data_set_without_options_accepts_none(shelf: Registry) -> None:
    with pytest.raises(BadInput, match=r"dataset_options\.shelf"):
        build_spec({"dataset": "movielens-100k", "dataset_options": {"shelf": "low"}})


def test_options_are_part_of_the_run_and_of_its_experiment(shelf: Registry) -> None:
    one, other = (build_spec({"dataset": "shelf", "dataset_options": {"shelf": place}}) for place in ("top", "low"))
    assert one.digest != other.digest
    assert coverage(one, Context()) != coverage(other, Context())
    assert one.digest == build_spec({"dataset": "shelf"}).digest, "a default said aloud is the default"


def test_options_never_share_a_cache(shelf: Registry) -> None:
    plain, low = dataset_of("shelf", {}), dataset_of("shelf", {"shelf": "low"})
    assert plain.key == "shelf"
    assert len({plain.key, low.key, dataset_of("shelf", {"shelf": "middle"}).key}) == 3
    for data_set in (plain, low):
        folder = paths.data_folder() / data_set.key
        folder.mkdir(parents=True)
        (folder / "books").touch()
    assert locate(plain, offline=True) != locate(low, offline=True)
