"""Figures as bytes that depend on what is drawn alone."""

import io
from typing import TYPE_CHECKING

from harness.runs.saved_figure import save_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 200
_SALT = "bifair-harness"


def png(figure: "Figure") -> bytes:
    """The figure as pixels, without a note of what wrote it."""
    buffer = io.BytesIO()
    save_figure(figure, buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def svg(figure: "Figure") -> str:
    """The figure as SVG, letters as paths so that it looks the same without its fonts.

    Unless told otherwise, Matplotlib names clip paths and markers by a hash with a random salt, and writes a date.
    """
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": _SALT, "svg.fonttype": "path"}):
        save_figure(figure, buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
