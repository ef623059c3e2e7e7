"""Studies of one's own: by the path of a file, and from installed packages."""

import importlib.metadata
from pathlib import Path

import pytest

from harness.base.errors import BadInput
from harness.cli.app import main
from harness.study.study_files import GROUP, study_file, study_name, study_names
from harness.study.study_spec import GridSpec, load_study

STUDY = 'summary = "mine"\nmethods = ["most_popular"]\n[budgets.default]\nseeds = [0]\n'


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an importable package."""
    folder = tmp_path / "site" / "their_studies"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('it need not be imported')")
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder


def offer(monkeypatch: pytest.MonkeyPatch, **points: str) -> None:
    """Let installed packages have these entry points of studies."""
    found = [importlib.metadata.EntryPoint(name, value, GROUP) for name, value in points.items()]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: found if group == GROUP else [])


def test_a_study_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(STUDY)
    loaded = load_study(str(file))
    assert isinstance(loaded, GridSpec)
    assert loaded.methods == ("most_popular",)
    assert study_name(str(file)) == "mine"
    assert study_name("sensitivity") == "sensitivity"


def test_a_path_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        load_study(str(tmp_path / "mine.toml"))


def test_a_study_of_a_package_is_found_and_the_package_is_not_imported(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (package / "theirs.toml").write_text(STUDY)
    offer(monkeypatch, theirs="their_studies")
    assert {"theirs", "sensitivity"} <= set(study_names())
    assert study_file("theirs") == package / "theirs.toml"
    assert load_study("theirs").summary == "mine"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("their_studies", r"study 'theirs' \(entry point their_studies\): the package has no file theirs\.toml"),
        ("no_such_package", r"study 'theirs' \(entry point no_such_package\): there is no package no_such_package"),
        ("their_studies.inner", r"study 'theirs' .* cannot be found: RuntimeError: it need not be imported"),
    ],
)
def test_a_broken_entry_point_breaks_its_own_study_alone(
    value: str, message: str, package: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    offer(monkeypatch, theirs=value)
    with pytest.raises(BadInput, match=message):
        load_study("theirs")
    assert load_study("sensitivity").summary
    assert main(["list", "studies"]) == 0
    listed = " ".join(capsys.readouterr().out.split())
    assert "theirs BROKEN: study 'theirs' (entry point" in listed
    assert "sensitivity" in listed


def test_two_studies_with_one_name(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (package / "sensitivity.toml").write_text(STUDY)
    offer(monkeypatch, sensitivity="their_studies")
    with pytest.raises(BadInput, match=r"two studies are called 'sensitivity': .* and entry point their_studies"):
        load_study("sensitivity")
    assert load_study("methods").summary
    assert study_names().count("sensitivity") == 1
