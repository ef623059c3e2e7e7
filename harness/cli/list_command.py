"""``harness list``: what there is, by name."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.cli.completion import listed
from harness.cli.parameters import Home
from harness.console.echo import echo

Rows = list[tuple[str, str]]
CHECKPOINTS = "checkpoints"
DETAILED = {"methods": "method", "rerankers": "reranker"}
"""Of these a list of their own says where they come in, whom they are fair to and who proposed them."""


def list_(
    kind: Annotated[
        str | None,
        typer.Argument(
            help="methods, balancers, rerankers, datasets, groupings, encoders, metrics or studies; without it, all of "
            "these; or checkpoints, of trainings that were interrupted.",
            autocompletion=listed,
        ),
    ] = None,
    home: Home = None,
    plugin: Annotated[
        list[Path] | None,
        typer.Option("--plugin", metavar="FILE", help="A Python file with plug-ins of your own; repeatable."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Remove the checkpoints that are listed.")] = False,
) -> None:
    """List methods, datasets, groupings, encoders, metrics, …"""
    from harness.base.aligned_text import columns
    from harness.base.errors import BadInput, unknown

    if kind is not None and kind.casefold() == CHECKPOINTS:
        echo(_checkpoints(clear))
        return
    if clear:
        raise BadInput(f"--clear removes checkpoints: 'harness list {CHECKPOINTS} --clear'")
    shown = sections()
    if kind is not None and kind.casefold() not in shown:
        raise unknown("kind of thing to list", kind, [*shown, CHECKPOINTS])
    unusable = _add(plugin or [])
    for name in shown if kind is None else [kind.casefold()]:
        rows = _plugins(DETAILED[name], detailed=True) if kind and name in DETAILED else shown[name]()
        if kind is None:
            echo(f"{name}:")
            rows = [(f"  {row}", text) for row, text in rows]
        echo(columns(rows) if rows else f"no {name}")
    if unusable:
        echo(columns(unusable))


def sections() -> dict[str, Callable[[], Rows]]:
    """What can be listed, and how its rows are found. Disparities are listed among metrics."""
    from harness.plugins.kinds import KINDS

    shown = {kind.plural: partial(_plugins, kind.name) for kind in KINDS.values() if kind.name != "disparity"}
    return shown | {"metrics": _metrics}


def _checkpoints(clear: bool) -> str:
    """What is kept of trainings that were interrupted, oldest first."""
    from harness.base.aligned_text import columns
    from harness.runs.kept_trainings import kept_trainings, remove

    found = kept_trainings()
    if not found:
        return f"no {CHECKPOINTS}"
    if clear:
        size = remove(found)
        return f"{CHECKPOINTS} removed: {len(found)}, {size / 1e6:,.1f} MB"
    return columns([(one.title, one.described) for one in found])


def _add(files: list[Path]) -> Rows:
    """Register what files define; those that cannot be used, with the reason."""
    from harness.base.errors import BadInput, one_line
    from harness.plugins.registry import registry

    unusable = []
    for file in files:
        try:
            registry.add_file(file)
        except BadInput as error:
            unusable.append((str(file), f"BROKEN: {one_line(error)}"))
    return unusable


def _plugins(kind: str, detailed: bool = False) -> Rows:
    """Name and summary of each plug-in; one that cannot be used keeps its place, with the reason."""
    from harness.base.errors import one_line
    from harness.plugins.registry import registry

    rows = []
    for entry in registry.entries(kind):
        try:
            plugin = entry.load()
            rows.append((str(getattr(plugin, "name", entry.name)), _summary(plugin)))
            if detailed:
                rows.append(("", plugin.described()))
        except Exception as error:  # noqa: BLE001 - a plug-in's file may raise anything, and the others still count
            why = one_line(error)
            rows.append((entry.name, f"BROKEN{'' if entry.origin in why else f' ({entry.origin})'}: {why}"))
    return rows


def _metrics() -> Rows:
    """Metrics of lists, then of groups: disparities of their utilities and of what is shown of them."""
    from harness.domain.exposure_names import EXPOSURE_DISPARITIES

    rows = [(f"{name}_at_K", summary) for name, summary in _plugins("metric")]
    rows += [(f"GROUPING/{name}_at_K", summary) for name, summary in _plugins("disparity")]
    return rows + [(f"GROUPING/{name}_at_K", _summary(found)) for name, found in EXPOSURE_DISPARITIES.items()]


def _summary(listed: Any) -> str:
    """One line, which ends in whether a run has to be asked for it."""
    return f"{listed.summary}; on request" if getattr(listed, "on_request", False) else str(listed.summary)
