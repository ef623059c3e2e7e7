"""``harness list``: what there is, by name."""

from typing import Annotated, Any

import typer

from harness.cli.options import Home, Plugins

KINDS = {
    "methods": "method",
    "datasets": "dataset",
    "groupings": "grouping",
    "encoders": "encoder",
    "rerankers": "reranker",
    "balancers": "balancer",
}


def list_(
    kind: Annotated[
        str, typer.Argument(help="methods, balancers, rerankers, datasets, groupings, encoders, metrics or studies")
    ],
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
        rows = _studies()
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
            rows.append((str(plugin.name), str(plugin.summary)))
        except Exception as error:  # noqa: BLE001 - a plug-in's file may raise anything, and the others still count
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            rows.append((entry.name, f"BROKEN ({entry.origin}): {reason}"))
    return rows


def _metrics() -> list[tuple[str, str]]:
    """Metrics of lists, then of groups: disparities of their utilities and of what is shown of them."""
    from harness.metrics.group_exposure import EXPOSURE_DISPARITIES

    rows = [(f"{name}_at_K", summary) for name, summary in _plugins("metric")]
    rows += [(f"GROUPING/{name}_at_K", summary) for name, summary in _plugins("disparity")]
    return rows + [(f"GROUPING/{name}_at_K", found.summary) for name, found in EXPOSURE_DISPARITIES.items()]


def _studies() -> list[tuple[str, str]]:
    """Name and summary of each study; one that cannot be read keeps its place, with the reason."""
    from harness.errors import HarnessError
    from harness.study_spec import load_study, study_names

    rows = []
    for name in study_names():
        try:
            rows.append((name, load_study(name).summary))
        except HarnessError as error:
            rows.append((name, f"BROKEN: {error}"))
    return rows
