"""``harness list``: what there is, by name."""

import importlib
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.cli.options import Home, Plugins

KINDS = {"methods": "method", "datasets": "dataset", "groupings": "grouping", "encoders": "encoder"}


def list_(
    kind: Annotated[str, typer.Argument(help="methods, datasets, groupings, encoders, metrics or studies")],
    home: Home = None,
    plugin: Plugins = None,
) -> None:
    """List methods, datasets, groupings, encoders, metrics, …"""
    from harness.cli.text import columns
    from harness.errors import unknown

    kind = kind.casefold()
    if kind in KINDS:
        rows = _plugins(KINDS[kind])
    elif kind == "metrics":
        rows = _metrics()
    elif kind == "studies":
        rows = studies()
    else:
        raise unknown("kind of thing to list", kind, [*KINDS, "metrics", "studies"])
    typer.echo(columns(rows) if rows else f"no {kind}")


def _plugins(kind: str) -> list[tuple[str, str]]:
    """Name and summary of each plug-in; one that cannot be imported keeps its place, with the reason."""
    from harness.registry import registry

    rows = []
    for entry in registry.entries(kind):
        try:
            plugin: Any = entry.load()
            rows.append((entry.name, str(plugin.summary)))
        except Exception as error:  # noqa: BLE001 - a plug-in's file may raise anything, and the others still count
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            rows.append((entry.name, f"BROKEN ({entry.origin}): {reason}"))
    return rows


def _metrics() -> list[tuple[str, str]]:
    """Accuracy and exposure metrics, then disparities between groups."""
    from harness.metrics.accuracy import ACCURACY
    from harness.metrics.exposure import EXPOSURE_EQUATIONS

    rows = [(f"{name}_at_K", f"{metric.direction} is better: {metric.equation}") for name, metric in ACCURACY.items()]
    rows += [(f"{name}_at_K", equation) for name, equation in EXPOSURE_EQUATIONS.items()]
    return rows + [(f"GROUPING/{name}_at_K", summary) for name, summary in _plugins("disparity")]


def studies() -> list[tuple[str, str]]:
    """Name and summary of each study: one TOML file each, beside the methods."""
    import tomllib

    rows = []
    for folder in importlib.import_module("harness.studies").__path__:
        for file in sorted(Path(folder).glob("*.toml")):
            try:
                rows.append((file.stem, str(tomllib.loads(file.read_text(encoding="utf-8")).get("summary", ""))))
            except ValueError as error:
                rows.append((file.stem, f"BROKEN ({file}): {error}"))
    return sorted(rows)
