"""The page as one HTML file that needs nothing else: its policy lets it load nothing, so no request leaves it."""

import json
from html import escape
from importlib.resources import files
from math import nan
from typing import Any

from harness.base.printable import printable
from harness.report.explorer.explored_runs import Explored, ExploredRun
from harness.report.numbers import ABSENT, number
from harness.report.page_policy import policy
from harness.report.style import SHAPES, marks

EXPLORER_FILE = "runs.html"
"""What studies call the page among their reports."""
SPLITS = {"test": "test data", "validation": "validation data"}
_DARK = {"#000000": "#E8E8E8", "#0072B2": "#8B9CFF"}
"""What takes the place of colours that do not show on a dark page."""


def explorer_html(explored: Explored) -> str:
    """The page: parallel coordinates, a scatter plot, utilities of groups, and a table that needs no script."""
    parts = files("harness.report.explorer")
    style, script = (parts.joinpath(name).read_text(encoding="utf-8") for name in ("explorer.css", "explorer.js"))
    library = parts.joinpath("vendored").joinpath("echarts.js").read_text(encoding="utf-8")
    data = json.dumps(_data(explored), ensure_ascii=True).replace("<", "\\u003c")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"{policy(library, script)}\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(explored.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{_text(explored.title)}</h1>\n<p>{_text(explored.lead)}</p>\n{_controls(explored)}\n"
        '<section class="charts"><h2>Options and results</h2>\n'
        "<p>Drag along an axis to keep a range of it; click into the axis to let it go. Point at a run to see it.</p>\n"
        '<div id="parallel" role="img" aria-label="Parallel coordinates: every run across its options and results; the '
        'table below has the same values"></div></section>\n'
        '<section class="charts"><h2>Accuracy against fairness</h2>\n'
        '<p class="choosing">Click marks to choose runs for the groups.</p>\n'
        '<div id="scatter" role="img" aria-label="Scatter plot of the same runs; the table below has the values"></div>'
        '</section>\n<section class="charts" id="of-groups"><h2>Groups side by side</h2>\n<p id="chosen"></p>\n'
        '<div id="groups" role="img" aria-label="Utility of each group under the chosen runs"></div></section>\n'
        f"<section><h2>All runs</h2>\n{_table(explored)}</section>\n</main>\n"
        f'<script type="application/json" id="data">{data}</script>\n'
        "<!-- Apache ECharts, Apache License 2.0, with zrender, BSD 3-Clause, and tslib, 0BSD -->\n"
        f"<script>{library}</script>\n<script>{script}</script>\n</body>\n</html>\n"
    )


def _data(explored: Explored) -> dict[str, Any]:
    """What the script draws."""
    methods = []
    for name in explored.methods:
        style = marks(explored.numbers[name])
        colour = style["color"]
        shape = SHAPES[style["marker"]]
        methods.append({"name": printable(name), "light": colour, "dark": _DARK.get(colour, colour), "shape": shape})
    places = {name: place for place, name in enumerate(explored.methods)}
    axes = [{"label": explored.symbol(key), "log": _is_log(explored, key)} for key in explored.axes]
    return {
        "methods": methods,
        "axes": axes,
        "metrics": explored.labels,
        "runs": [_run(run, places[run.method], explored) for run in explored.runs],
    }


def _run(run: ExploredRun, method: int, explored: Explored) -> dict[str, Any]:
    return {
        "name": printable(run.name),
        "id": printable(run.id),
        "method": method,
        "options": [run.number(key) for key in explored.axes],
        "reached": run.reached,
        "groups": {printable(group): value for group, value in run.groups.items()},
    }


def _splits(explored: Explored) -> list[str]:
    """What the runs were measured on, test data first."""
    return [split for split in SPLITS if any(split in run.reached for run in explored.runs)]


def _is_log(explored: Explored, key: str) -> bool:
    """Whether the values span decades."""
    values = explored.values(key)
    return min(values) > 0 and max(values) / min(values) >= 20


def _controls(explored: Explored) -> str:
    """Which data, which disparity, and a button per method that hides its runs."""
    shown = [f'<option value="{split}">{SPLITS[split]}</option>' for split in _splits(explored)]
    against = "".join(f'<option value="{place}">{_text(label)}</option>'
                      for place, label in enumerate(explored.labels) if place)  # fmt: skip
    shapes = {name: SHAPES[marks(explored.numbers[name])["marker"]] for name in explored.methods}
    buttons = "".join(
        f'<button type="button" aria-pressed="true" data-method="{place}">'
        f'<svg viewBox="-1 -1 12 12" aria-hidden="true"><path d="{shapes[name]}"/></svg>'
        f"{_text(name)}</button>"
        for place, name in enumerate(explored.methods)
    )
    return (
        f'<div class="controls"><label>Measured on <select id="split">{"".join(shown)}</select></label>\n'
        f'<label>NDCG against <select id="against">{against}</select></label></div>\n'
        f'<div class="controls" id="methods" role="group" aria-label="Methods">{buttons}</div>'
    )


def _table(explored: Explored) -> str:
    splits = _splits(explored)
    heads = [explored.symbol(key) for key in explored.axes]
    heads += [f"{label}, {split}" for split in splits for label in explored.labels]
    rows = "\n".join(_row(run, explored, splits) for run in explored.runs)
    head = '<th scope="col">run</th><th scope="col">id</th>'
    head += "".join(f'<th scope="col" class="n">{_text(heading)}</th>' for heading in heads)
    return f'<div class="table"><table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>'


def _row(run: ExploredRun, explored: Explored, splits: list[str]) -> str:
    options = [ABSENT if (value := run.number(key)) is None else f"{value:g}" for key in explored.axes]
    nothing = (nan,) * len(explored.labels)
    reached = [number(value) for split in splits for value in run.reached.get(split, nothing)]
    cells = "".join(f'<td class="n">{_text(text)}</td>' for text in (*options, *reached))
    return f'<tr><th scope="row">{_text(run.name)}</th><td><code>{_text(run.id[:8])}</code></td>{cells}</tr>'


def _text(text: str) -> str:
    return escape(printable(text), quote=True)
