"""The code that counts is the code that ran: a file that changes under a process, or that another one hides."""

import os
from pathlib import Path

import pytest

import harness as h

from .conftest import House

GROUPING = """
from harness.plugins import Grouping, Membership


class Turns(Grouping):
    name = "NAME"
    summary = "items in turn"

    def assign(self, source):
        return Membership.from_labels(self.name, self.side, [[f"turn {i % 3}"] for i in range(source.items.height)])
"""
ENCODER = """
import numpy as np

from harness.plugins import Encoder


class Lengths(Encoder):
    name = "lengths"
    summary = "how long a text is"

    def fingerprint(self):
        return "lengths 1"

    def encode(self, texts, progress=None):
        return np.asarray([[1.0 * len(text), len(text) % 5] for text in texts], dtype=np.float32)
"""
DATASET = """
import polars as pl

from harness.plugins import Card, Dataset, Tables
from shelves.loans import STEP


class Shelves(Dataset):
    name = "shelves"
    summary = "loans"
    generated = True
    card = Card(
        title="Shelves", homepage="", licence="none", citation="none", groupings=("popularity",), sources=(),
        default_group="popularity",
    )

    def files(self, folder):
        return []

    def recognises(self, folder):
        return True

    def read(self, folder):
        pairs = [(str(user), str((user * STEP + k * k) % 30)) for user in range(40) for k in range(12)]
        loans = pl.DataFrame(sorted(set(pairs)), schema=["user", "item"], orient="row")
        items = pl.DataFrame({"item": [str(item) for item in range(30)]})
        return Tables(loans, items, pl.DataFrame({"user": [str(user) for user in range(40)]}))
"""


def turns(file: Path, name: str, number: int = 3) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(GROUPING.replace("NAME", name).replace("% 3", f"% {number}"))
    return file


def grouped(house: House, name: str, *more: object) -> list[object]:
    return [*house.quick(group=name, groups=f'["{name}"]'), "--method", "most_popular", *more]


@pytest.mark.usefixtures("fresh_registry")
def test_a_file_changed_after_it_was_loaded_does_not_pass_for_what_ran(house: House) -> None:
    """Another process, which runs the new code, makes a run of its own; this one finds its old run, and says why."""
    file = turns(house.folder / "changing.py", "changing")
    command = grouped(house, "changing", "--plugin", file)
    assert house.harness(*command).code == 0
    first = house.last(group="changing")
    turns(file, "changing", 4)
    said = house.harness(*grouped(house, "changing"))
    assert first.id in said.out
    assert f"{file} has changed since it was loaded" in " ".join(said.out.split())
    assert house.apart(*command).code == 0
    other = house.last(group="changing")
    assert other.id != first.id
    assert other.tags["hash.groups.changing"] != first.tags["hash.groups.changing"]


@pytest.mark.usefixtures("fresh_registry")
def test_a_changed_file_is_loaded_again_where_it_is_added_again(house: House) -> None:
    file = turns(house.folder / "again.py", "again")
    command = grouped(house, "again", "--plugin", file)
    assert house.harness(*command).code == 0
    first = house.last(group="again")
    before = file.stat()
    turns(file, "again", 4)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # of the same size and time: nobody may go by these
    assert h.add_plugin(file) == ["grouping again"]
    assert house.harness(*command).code == 0
    assert house.last(group="again").tags["hash.groups.again"] != first.tags["hash.groups.again"]
    assert house.harness(*command).code == 0


@pytest.mark.parametrize("changed", ["left", "right"])
def test_two_files_of_one_name_are_both_known(changed: str, house: House) -> None:
    files = {name: turns(house.folder / name / "turns.py", name) for name in ("left", "right")}
    plugins = [part for file in files.values() for part in ("--plugin", file)]
    for name in files:
        assert house.apart(*grouped(house, name, *plugins)).code == 0
    before = {name: house.last(group=name).id for name in files}
    turns(files[changed], changed, 4)
    for name in files:
        assert house.apart(*grouped(house, name, *plugins)).code == 0
    assert [name for name in files if house.last(group=name).id != before[name]] == [changed]


def test_vectors_of_an_encoder_that_has_changed_are_computed_again(house: House) -> None:
    file = house.folder / "lengths.py"
    command = [*house.quick(encoder__name="lengths"), "--method", "alpharec", "--plugin", file]
    vectors = []
    for content in (ENCODER, ENCODER.replace("% 5", "% 7")):
        file.write_text(content)
        assert house.apart(*command).code == 0
        vectors.append(house.last(method="alpharec").tags["hash.embedding"])
    assert vectors[0] != vectors[1]


def test_data_of_a_package_are_prepared_again_once_a_helper_of_it_has_changed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = house.folder / "site"
    (site / "shelves").mkdir(parents=True)
    (site / "shelves-1.dist-info").mkdir()
    (site / "shelves-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: shelves\nVersion: 1\n")
    points = "[harness.datasets]\nshelves = shelves.data:Shelves\n"
    (site / "shelves-1.dist-info" / "entry_points.txt").write_text(points)
    (site / "shelves" / "__init__.py").write_text("")
    (site / "shelves" / "data.py").write_text(DATASET)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]))
    flags = house.quick()
    flags[flags.index("--dataset") + 1] = "shelves"
    data = []
    for step in (7, 11):
        (site / "shelves" / "loans.py").write_text(f"STEP = {step}\n")
        said = house.apart(*flags, "--method", "most_popular")
        assert said.code == 0, said.err
        data.append(house.last(dataset="shelves").tags["hash.data"])
    assert data[0] != data[1]
