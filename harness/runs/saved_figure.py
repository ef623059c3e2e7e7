"""Figures as files, in silence."""

import warnings
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure


def save_figure(figure: "Figure", target: "Path | IO[Any]", **options: Any) -> None:
    """Draw ``figure`` into a file; options are those of ``Figure.savefig``.

    A sign that Matplotlib's fonts lack (of Chinese, an emoji) is drawn as a box. That is all there is to say about it:
    the tables have the label, and Matplotlib's own warning is a line of its source for each sign and each figure.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from", UserWarning)
        warnings.filterwarnings("ignore", r"Matplotlib currently does not support \w+ natively", UserWarning)
        figure.savefig(target, **options)
