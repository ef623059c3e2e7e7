"""How figures of studies look: readable in print, in grey and with every kind of colour vision."""

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours without the yellow, which vanishes on white paper. Seven colours and eight markers: 56 pairs
# before one comes again, so that lines are told apart without colour too.
COLOURS = ("#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7")
TEXT_COLOURS = ("#000000", "#8A5E00", "#1F6FA0", "#00755A", "#0072B2", "#B34F00", "#A14E7C")
"""The same, dark enough to be read on white (contrast of 4.5 or more)."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
DASHES = ("-", "--", "-.", ":")
SHAPES = {
    "o": "M5 0A5 5 0 1 1 5 10A5 5 0 1 1 5 0Z",
    "s": "M.5 .5H9.5V9.5H.5Z",
    "^": "M5 0L10 9.5H0Z",
    "D": "M5 0L10 5L5 10L0 5Z",
    "v": "M0 .5H10L5 10Z",
    "P": "M3.2 0H6.8V3.2H10V6.8H6.8V10H3.2V6.8H0V3.2H3.2Z",
    "X": "M2 0L5 3L8 0L10 2L7 5L10 8L8 10L5 7L2 10L0 8L3 5L0 2Z",
    "<": "M9.5 0V10L0 5Z",
}
"""The markers as paths of SVG in a square of 10, for pages that draw with something else than Matplotlib."""
BLUE, VERMILION, GREY, PALE = "#0072B2", "#D55E00", "#8A8A8A", "#DDDDDD"
SMALL, NORMAL = 8, 9
"""Points of tick labels and of everything else."""


def tidy(axes: "Axes", grid: Literal["both", "x", "y", "none"] = "both") -> None:
    """No box, small ticks, and a pale grid along ``grid`` behind the data."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=SMALL)
    axes.set_axisbelow(True)
    if grid != "none":
        axes.grid(visible=True, axis=grid, color=PALE, linewidth=0.6)


def marks(number: int) -> dict[str, Any]:
    """Colour and marker of the ``number``-th line: 56 pairs before one comes again."""
    return {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}


def text_colour(number: int) -> str:
    """The colour of words about the ``number``-th line."""
    return TEXT_COLOURS[number % len(TEXT_COLOURS)]


def dashes(number: int) -> str:
    """A line style to go with :func:`marks`."""
    return DASHES[number % len(DASHES)]
