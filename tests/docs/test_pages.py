"""Every block of commands and of Python on the pages runs as it stands; those that cannot say so, and are counted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NOT_RUN = {
    "CONTRIBUTING.md": 1,
    "README.md": 2,
    "docs/clusters.md": 1,
    "docs/howto/large.md": 1,
    "docs/howto/paper-table.md": 1,
    "docs/howto/published-data.md": 3,
    "docs/howto/runs.md": 2,
    "docs/howto/studies.md": 1,
    "docs/models.md": 1,
    "docs/quickstart.md": 2,
}
"""How many blocks of a page need a server, a cluster, the network or hours; whoever adds one counts it here."""


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_shows_can_be_done(page: str, reader: Any, blocks: Callable[[Path], list[Any]]) -> None:
    shown = [block for block in blocks(ROOT / page) if block.language in ("sh", "python", "toml")]
    for block in shown:
        if block.run:
            reader.do(block)
    assert sum(not block.run for block in shown) == NOT_RUN.get(page, 0)


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.name)
def test_a_notebook_runs_and_is_kept_without_its_outputs(
    notebook: Path, reader: Any, blocks: Callable[[Path], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    for cell in blocks(notebook):
        reader.do(cell)
    kept = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert not [cell for cell in kept if cell.get("outputs") or cell.get("execution_count")]
