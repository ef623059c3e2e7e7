"""The house as a picture: ``python docs/_ext/house_picture.py`` writes ``docs/house.svg`` from the contract."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs/house.svg"
WIDTH, HEIGHT, GAP, EDGE = 720, 26, 4, 10
WORDS = {
    "cli": "the command line",
    "api": "import harness",
    "console": "what a run shows",
    "testing": "contracts, templates",
    "publish": "studies to reports",
    "report": "tables and figures",
    "study": "many runs: plans, tuning, records",
    "runs": "one run, whole",
    "training": "epochs, early stopping, selection",
    "evaluation": "full ranking, groups, exposure",
    "builtin": "groupings, metrics, …",
    "vectors": "items' vectors",
    "data": "from files to the split",
    "balance": "gradients to group weights",
    "spec": "what a run means",
    "track": "stores of runs",
    "stats": "tests, intervals",
    "models": "recommenders, losses",
    "plugins": "what a plug-in is",
    "domain": "interactions, groups, lists",
    "base": "errors, paths, streams, hashes",
}
COLOURS = ("#e8f1fa", "#eef6ea", "#fdf3e3", "#f3ecf7")


def picture() -> str:
    """The packages as the contract has them, a floor for each line, those of one line side by side."""
    (contract,) = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    floors = [layer.split(" | ") for layer in contract["layers"]]
    high = EDGE * 2 + len(floors) * (HEIGHT + GAP)
    rooms = [
        _room(name, row, place, len(floor)) for row, floor in enumerate(floors) for place, name in enumerate(floor)
    ]
    arrow = (
        f'<path d="M{WIDTH + 14} {EDGE} V{high - EDGE - 8}" stroke="#555" stroke-width="1.5"/>'
        f'<path d="M{WIDTH + 10} {high - EDGE - 14} l4 8 l4 -8" fill="none" stroke="#555" stroke-width="1.5"/>'
        f'<text transform="translate({WIDTH + 24} {high / 2}) rotate(90)" text-anchor="middle">imports</text>'
    )
    style = 'font-family="sans-serif" font-size="11" fill="#222"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + 40} {high}" {style} role="img">'
    back = f'<title>packages of harness</title><rect width="{WIDTH + 40}" height="{high}" fill="#fff"/>'
    return "\n".join([head, back, *rooms, arrow, "</svg>"]) + "\n"


def _room(name: str, row: int, place: int, of: int) -> str:
    width = (WIDTH - 2 * EDGE - GAP * (of - 1)) / of
    x, y = EDGE + place * (width + GAP), EDGE + row * (HEIGHT + GAP)
    words = f'<tspan font-weight="bold">{name}</tspan>' + (f" · {WORDS[name]}" if name in WORDS else "")
    box = (
        f'<rect x="{x:g}" y="{y}" width="{width:g}" height="{HEIGHT}" rx="3" fill="{COLOURS[row % 4]}" stroke="#999"/>'
    )
    return f'{box}<text x="{x + width / 2:g}" y="{y + 17}" text-anchor="middle">{words}</text>'


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
