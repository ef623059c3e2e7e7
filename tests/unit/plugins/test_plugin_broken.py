"""A broken plug-in breaks only its own use, and ``harness list`` names it with its reason."""

import importlib.metadata
from pathlib import Path
from typing import Any

import pytest

from harness.base.errors import BadInput
from harness.cli.app import main
from harness.plugins.registry import KINDS, Registry
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.track import open_tracker
from tests.offered_points import OfferedPoints

CODE = [kind.name for kind in KINDS.values() if kind.is_code]


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_registry: Registry) -> Registry:
    """The registry, and an installed module that cannot be imported, offered as a plug-in of every kind."""
    (tmp_path / "their_wreck.py").write_text("raise ImportError('no library\\nof this name')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    points: dict[str, list[Any]] = {
        kind.group: [importlib.metadata.EntryPoint("wreck", "their_wreck:Wreck", kind.group)] for kind in KINDS.values()
    }
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda: OfferedPoints(points))
    return fresh_registry


@pytest.mark.parametrize("kind", CODE)
def test_it_is_known_and_named_with_its_reason(kind: str, broken: Registry) -> None:
    assert "wreck" in broken.names(kind)
    assert list(broken.broken(kind)) == ["wreck"]
    assert "no library of this name" in broken.broken(kind)["wreck"]


@pytest.mark.parametrize("kind", [KINDS[name].plural for name in CODE if name not in ("metric", "disparity")])
def test_a_list_names_it_and_goes_on(kind: str, broken: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", kind]) == 0
    listed = " ".join(capsys.readouterr().out.split())
    assert "wreck BROKEN (entry point their_wreck:Wreck): " in listed
    assert "ImportError: no library of this name" in listed


def test_a_list_of_metrics_has_broken_metrics_and_disparities(
    broken: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list", "metrics"]) == 0
    listed = " ".join(capsys.readouterr().out.split())
    assert "wreck_at_K BROKEN" in listed
    assert "GROUPING/wreck_at_K BROKEN" in listed
    assert "recall_at_K share of a user's targets" in listed


def test_a_list_without_a_kind_has_all_kinds(broken: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    headings = [line.removesuffix(":") for line in listed.splitlines() if not line.startswith(" ")]
    assert {*headings} == {kind.plural for kind in KINDS.values()} - {"disparities"}
    assert listed.count("BROKEN") == len(KINDS)


def test_a_list_names_a_broken_file_and_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "wreck.py"
    file.write_text("import a_library_that_nobody_has\n")
    assert main(["list", "methods", "--plugin", str(file)]) == 0
    listed = " ".join(capsys.readouterr().out.split())
    assert f"{file} BROKEN: plug-in file {file}: ModuleNotFoundError" in listed
    assert "bifair" in listed


def test_a_metric_that_nobody_asked_for_is_left_out(broken: Registry) -> None:
    assert "wreck" not in build_spec({}).evaluation.metrics
    assert "recall" in build_spec({}).evaluation.metrics
    with pytest.raises(BadInput, match=r"metric 'wreck'.*cannot be loaded"):
        build_spec({"evaluation": {"metrics": ["recall", "wreck"]}})


def test_a_run_says_which_metric_it_leaves_out(broken: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    watcher = Observer()
    monkeypatch.setattr(watcher, "say", said.append)
    options = {"n_users": 40, "n_items": 30, "interactions_per_user": 12, "n_groups": 3, "dim": 4}
    spec = build_spec(
        {
            "method": "most_popular",
            "dataset": "long-tail",
            "dataset_options": options,
            "evaluation": {"origins": False},
        }
    )
    found = run(spec, Context(tracker=open_tracker("none", None), observer=watcher)).metrics
    assert "test/recall_at_20" in found
    assert not [key for key in found if "wreck" in key]
    assert [line for line in said if line.startswith("warning: metric 'wreck' is left out: ")]
