"""``harness plugin new``: what it writes is called as asked, and it never writes over anything."""

from pathlib import Path

import pytest

from harness.base.errors import BadInput
from harness.cli.app import main
from harness.plugins.registry import KINDS, Registry
from harness.testing.scaffold import USES, write_plugin


def ask(*arguments: str) -> int:
    return main(["plugin", "new", *arguments])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a plug-in of every kind."""
    folder = tmp_path_factory.mktemp("written")
    for kind in KINDS:
        write_plugin(kind, f"my_{kind}", folder)
    return folder


def test_every_kind_has_a_template_and_a_use() -> None:
    assert set(KINDS) == set(USES)


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values() if kind.is_code])
def test_it_is_registered_under_its_name(kind: str, written: Path) -> None:
    registry = Registry()
    name = KINDS[kind].spelt(f"my_{kind}")
    assert registry.add_file(written / f"my_{kind}.py") == [f"{kind} {name}"]
    plugin = registry.get(kind, name)
    assert plugin.__name__ == f"My{kind.capitalize()}"
    assert "example" not in (written / f"my_{kind}.py").read_text(), "nothing is left of the template's own name"


def test_the_command_says_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("groupings", "by-shelf", "--folder", str(tmp_path / "new")) == 0
    said = capsys.readouterr().out
    file = tmp_path / "new" / "by_shelf.py"
    assert f"harness run --plugin {file} --group by_shelf" in said
    assert f"python -m pytest {file.with_name('test_by_shelf.py')}" in said
    assert '[project.entry-points."harness.groupings"] by_shelf = "PACKAGE.by_shelf:ByShelf"' in said
    assert sorted(path.name for path in file.parent.iterdir()) == ["by_shelf.py", "test_by_shelf.py"]


@pytest.mark.parametrize("existing", ["mine.py", "test_mine.py"])
def test_nothing_is_written_over(existing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / existing).write_text("precious")
    assert ask("method", "mine", "--folder", str(tmp_path)) == 2
    assert f"{tmp_path / existing} exists already: nothing was written" in capsys.readouterr().err
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(existing, "precious")]


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("metod", "mine", "unknown kind of plug-in 'metod': did you mean 'method'?"),
        ("method", "2fast", "cannot be a plug-in's name"),
        ("method", "../mine", "cannot be a plug-in's name"),
        ("method", "Mine", "cannot be a plug-in's name"),
        ("method", "class", "cannot be a plug-in's name"),
        ("method", "bifair", "there is a method called 'bifair' already"),
        ("dataset", "movielens_100k", "there is a dataset called 'movielens-100k' already"),
        ("study", "sensitivity", "there is a study called 'sensitivity' already"),
        ("metric", "numpy", "would hide"),
        ("metric", "json", "would hide"),
    ],
)
def test_a_name_that_cannot_be_used(kind: str, name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        write_plugin(kind, name, tmp_path)
    assert message in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        write_plugin("method", "mine", tmp_path / "file")
