"""Studies of one's own: by the path of a file, and from installed packages."""

import importlib.metadata
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.base.errors import BadInput
from harness.cli.app import main
from harness.plugins.registry import KINDS, registry
from harness.study.study_files import study_name
from harness.study.study_spec import GridSpec, load_study
from tests.offered_points import OfferedPoints

GROUP = KINDS["study"].group
STUDY = 'summary = "mine"\nmethods = ["most_popular"]\n[budgets.default]\nseeds = [0]\n'


@pytest.fixture(autouse=True)
def _nothing_is_known_yet() -> Iterator[None]:
    with registry.afresh():
        yield


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
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda: OfferedPoints({GROUP: found}))


def test_a_study_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(STUDY)
    loaded = load_study(str(file))
    assert isinstance(loaded, GridSpec)
    assert loaded.methods == ("most_popular",)
    assert study_name(str(file)) == "mine"
    assert study_name("sensitivity") == "sensitivity"


def test_a_path_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        load_study(str(tmp_path / "mine.toml"))


def test_a_study_of_a_package_is_found_and_the_package_is_not_imported(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (package / "theirs.toml").write_text(STUDY)
    offer(monkeypatch, theirs="their_studies")
    assert {"theirs", "sensitivity"} <= set(registry.names("study"))
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
    assert registry.names("study").count("sensitivity") == 1


def test_a_study_is_a_plug_in_like_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert load_study("Low-Rank").summary == load_study("low_rank").summary
    assert study_name("Low-Rank") == "low_rank"
    assert study_name("of_another_machine") == "of_another_machine"
    with pytest.raises(BadInput, match=r"unknown study 'sensitivty': did you mean 'sensitivity'\?"):
        load_study("sensitivty")
    assert registry.broken("study") == {}
    assert registry.origin("study", "main").endswith("main.toml")
    assert main(["list", "study"]) == 2
    assert "did you mean 'studies'?" in capsys.readouterr().err


@pytest.mark.parametrize(("content", "message"), [(b"\xff", "codec can't decode"), (b"a = = 1", "Invalid value")])
def test_a_file_that_is_no_study(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=message) as caught:
        load_study(str(file))
    assert str(caught.value).startswith(f"study {file}: ")
