"""Discovery: names without imports, one owner per name, broken plug-ins that break nobody else."""

import importlib.metadata
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.base.errors import BadInput
from harness.builtin.groupings.genre import Genre
from harness.plugins import Grouping
from harness.plugins.registry import KINDS, Registry
from tests.offered_points import OfferedPoints

GROUPING = """
from harness.domain.membership import Membership
from harness.plugins import Grouping

class Everything(Grouping):
    name = "{name}"
    summary = "all items"

    def assign(self, source):
        return Membership.from_labels(self.name, "item", [["all"]] * source.training.n_items)
"""

HALF = """
from harness.plugins import Grouping

class Half(Grouping):
    name = "half"
"""


@pytest.fixture
def registry() -> Registry:
    """A fresh one: what is added here stays here."""
    return Registry()


def plugin(folder: Path, stem: str = "everything", name: str = "everything") -> Path:
    file = folder / f"{stem}.py"
    file.write_text(GROUPING.format(name=name))
    return file


class Point:
    """An entry point of somebody's package."""

    def __init__(self, name: str, result: Any) -> None:
        self.name, self.value, self.result = name, f"theirs:{name}", result

    def load(self) -> Any:
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Point]]:
    found = OfferedPoints()
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda: found)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_built_in_plug_in_is_found_under_its_own_name(kind: str, registry: Registry) -> None:
    assert registry.names(kind)
    for entry in registry.entries(kind):
        found = registry.get(kind, entry.name)
        assert found.summary
        if KINDS[kind].is_code:
            assert issubclass(found, KINDS[kind].base_class())
            assert found.name.casefold() == entry.name.casefold()


def test_names_are_found_without_importing(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "harness.methods.bifair", raising=False)
    assert "bifair" in registry.names("method")
    assert "harness.methods.bifair" not in sys.modules


def test_case_hyphen_and_underscore_do_not_matter(registry: Registry) -> None:
    assert registry.get("method", "Most-Popular") is registry.get("method", "most_popular")
    assert registry.get("dataset", "movielens_100K").name == "movielens-100k"


def test_an_unknown_name_gets_the_nearest(registry: Registry) -> None:
    with pytest.raises(BadInput, match=r"unknown method 'bifare': did you mean 'bifair'\?"):
        registry.get("method", "bifare")
    with pytest.raises(BadInput, match=r"unknown kind of plug-in 'metod': did you mean 'method'\?"):
        registry.names("metod")


def test_a_file_adds_its_plug_ins_once(registry: Registry, tmp_path: Path) -> None:
    file = plugin(tmp_path)
    assert registry.add_file(file) == ["grouping everything"]
    assert registry.add_file(file) == ["grouping everything"]
    assert "everything" in registry.names("grouping")
    assert issubclass(registry.get("grouping", "everything"), Grouping)


def test_imported_classes_are_not_the_files_own(registry: Registry, tmp_path: Path) -> None:
    file = plugin(tmp_path)
    file.write_text("from harness.builtin.groupings.genre import Genre\n" + file.read_text())
    assert registry.add_file(file) == ["grouping everything"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (", "SyntaxError"),
        ("raise RuntimeError('no')", "RuntimeError: no"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("import nothing_like_this", "ModuleNotFoundError"),
        ("x = 1", "defines no subclass of Method, "),
        (HALF, "grouping 'Half' .* is unfinished, it lacks: assign, summary"),
    ],
)
def test_a_file_that_cannot_be_used(text: str, message: str, registry: Registry, tmp_path: Path) -> None:
    file = tmp_path / "broken.py"
    file.write_text(text)
    with pytest.raises(BadInput, match=message):
        registry.add_file(file)
    assert registry.get("grouping", "genre").name == "genre"


def test_a_file_that_is_not_there(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        registry.add_file(tmp_path / "none.py")


@pytest.mark.parametrize("name", ["genre", "Genre"])
def test_two_with_one_name_are_an_error(name: str, registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=f"two groupings are called '{name}'.*rename one"):
        registry.add_file(plugin(tmp_path, name=name))
    assert registry.get("grouping", "genre").__module__ == "harness.builtin.groupings.genre"


def test_two_files_with_one_name_are_an_error(registry: Registry, tmp_path: Path) -> None:
    registry.add_file(plugin(tmp_path, "first"))
    with pytest.raises(BadInput, match=r"first\.py and .*second\.py"):
        registry.add_file(plugin(tmp_path, "second"))


def test_entry_points_of_other_packages(registry: Registry, points: dict[str, list[Point]]) -> None:
    theirs = type("Theirs", (registry.get("grouping", "genre"),), {"name": "theirs"})
    fresh = Registry()
    points["harness.groupings"] = [Point("theirs", theirs)]
    assert "theirs" in fresh.names("grouping")
    assert fresh.get("grouping", "theirs") is theirs


def test_a_broken_entry_point_breaks_only_its_own_use(registry: Registry, points: dict[str, list[Point]]) -> None:
    points["harness.methods"] = [Point("theirs", ImportError("no module named theirs"))]
    assert {"theirs", "bifair"} <= set(registry.names("method"))
    assert registry.get("method", "bifair").name == "bifair"
    with pytest.raises(BadInput, match=r"method 'theirs' \(theirs:theirs\) cannot be loaded: .*no module named theirs"):
        registry.get("method", "theirs")


def test_two_with_one_name_break_that_name_alone(registry: Registry, points: dict[str, list[Point]]) -> None:
    points["harness.methods"] = [Point("bifair", object)]
    assert registry.names("method").count("bifair") == 1
    assert registry.get("method", "alpharec").name == "alpharec"
    with pytest.raises(BadInput, match=r"two methods are called 'bifair': harness\.methods\.bifair and entry point"):
        registry.get("method", "bifair")
    assert list(registry.broken("method")) == ["bifair"]


@pytest.mark.parametrize(
    ("loaded", "message"),
    [
        (object, r"is no subclass of harness\.plugins\.Grouping"),
        ("genre", r"is no subclass of harness\.plugins\.Grouping"),
        (type("Half", (Grouping,), {"name": "theirs"}), "is unfinished, it lacks: assign, summary"),
        (type("Other", (Genre,), {"name": "other"}), "calls itself 'other': give it one name"),
    ],
)
def test_an_entry_point_that_is_no_plug_in(
    loaded: Any, message: str, registry: Registry, points: dict[str, list[Point]]
) -> None:
    points["harness.groupings"] = [Point("theirs", loaded)]
    with pytest.raises(BadInput, match=rf"grouping 'theirs' \(entry point theirs:theirs\) {message}"):
        registry.get("grouping", "theirs")
    assert list(registry.broken("grouping")) == ["theirs"]


def test_an_entry_point_that_exits(registry: Registry, points: dict[str, list[Point]]) -> None:
    points["harness.metrics"] = [Point("theirs", SystemExit(3))]
    with pytest.raises(BadInput, match="cannot be loaded: SystemExit: 3"):
        registry.get("metric", "theirs")


def test_kinds_have_groups_of_their_own() -> None:
    plurals = [kind.plural for kind in KINDS.values()]
    assert len(set(plurals)) == len(plurals)
    assert KINDS["disparity"].plural == "disparities"


def test_what_is_added_afresh_is_forgotten_and_what_was_there_is_back(registry: Registry, tmp_path: Path) -> None:
    first, second = plugin(tmp_path, "first", "first"), plugin(tmp_path, "second", "second")
    registry.add_file(first)
    with registry.afresh():
        assert registry.files == ()
        assert not registry.knows("grouping", "first")
        registry.add_file(second)
        assert registry.knows("grouping", "second")
    assert registry.files == (first,)
    assert registry.knows("grouping", "first")
    assert not registry.knows("grouping", "second")
