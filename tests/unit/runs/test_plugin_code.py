"""A run of a plug-in from elsewhere is another run once the plug-in has changed."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from harness.plugins.registry import Registry
from harness.runs.context import Context
from harness.runs.plugin_code import plugin_digest
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.testing.scaffold import write_plugin
from harness.track import open_tracker
from tests.offered_points import OfferedPoints


def test_own_plug_ins_are_no_plug_ins_from_elsewhere() -> None:
    assert plugin_digest(build_spec({})) is None


def test_a_file_counts_where_it_is_used(fresh_registry: Registry, tmp_path: Path) -> None:
    used, unused = (write_plugin("grouping", name, tmp_path).file for name in ("by_length", "by_width"))
    fresh_registry.add_file(used)
    fresh_registry.add_file(unused)
    plain, grouped = build_spec({}), build_spec({"group": "by_length"})
    assert plugin_digest(plain) is None
    before = plugin_digest(grouped)
    assert before
    for file in (unused, used):
        file.write_text(file.read_text() + "# changed\n")
    assert plugin_digest(grouped) == before  # of what was loaded
    fresh_registry.add_file(unused)
    assert plugin_digest(grouped) == before
    fresh_registry.add_file(used)
    assert plugin_digest(grouped) not in (None, before)


def test_all_source_files_of_a_package_count(
    fresh_registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "their_package"
    written = write_plugin("metric", "theirs", package)
    (package / "__init__.py").write_text("")
    (package / "helper.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("importlib.metadata.entry_points", lambda: OfferedPoints({"harness.metrics": points}))
    points = [EntryPoint("theirs", f"their_package.theirs:{written.title}", "harness.metrics")]

    def in_a_new_process() -> str | None:
        for name in [name for name in sys.modules if name.startswith("their_package")]:
            monkeypatch.delitem(sys.modules, name)
        with fresh_registry.afresh():
            return plugin_digest(build_spec({}))

    before = in_a_new_process()
    assert before
    (package / "notes.txt").write_text("no source")
    assert in_a_new_process() == before
    (package / "helper.py").write_text("x = 2\n")
    assert in_a_new_process() not in (None, before)
    for name in [name for name in sys.modules if name.startswith("their_package")]:
        monkeypatch.delitem(sys.modules, name)


def test_a_changed_plug_in_is_run_again_and_an_unchanged_one_is_not(fresh_registry: Registry, tmp_path: Path) -> None:
    file = write_plugin("method", "mine", tmp_path).file
    fresh_registry.add_file(file)
    options = {"n_users": 40, "n_items": 30, "interactions_per_user": 12, "n_groups": 3, "dim": 4}
    spec = build_spec(
        {"method": "mine", "dataset": "long-tail", "dataset_options": options, "evaluation": {"origins": False}}
    )
    tracker = open_tracker(f"sqlite:///{tmp_path / 'store.db'}", None)
    assert not run(spec, Context(tracker)).reused
    assert run(spec, Context(tracker)).reused
    file.write_text(file.read_text() + "# changed\n")
    fresh_registry.add_file(file)
    assert not run(spec, Context(tracker)).reused
