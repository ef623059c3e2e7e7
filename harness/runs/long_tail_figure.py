"""The long tail of a data set as a figure."""

from pathlib import Path

import numpy as np

from harness.base.errors import BadInput, unknown
from harness.base.sealed import replacing
from harness.base.writable import require_file, written_into
from harness.data.audit import counts_of
from harness.data.corpus import Corpus
from harness.runs.group_figures import BAR_COLOUR, new_figure
from harness.runs.saved_figure import save_figure
from harness.stats.inequality import gini


def check_figure(file: Path) -> None:
    """Raise BadInput where no figure can be drawn into ``file``: before anything is read."""
    from matplotlib.backend_bases import FigureCanvasBase

    ending, known = file.suffix.removeprefix(".").lower(), FigureCanvasBase.get_supported_filetypes()
    if ending not in known:
        raise BadInput(f"{file}: {unknown('kind of figure', ending, known)}")
    require_file(file)


def draw_long_tail(corpus: Corpus, title: str, file: Path) -> None:
    """Draw how many interactions items have, from the most popular on, both axes logarithmic.

    Args:
        title: the data set
        file: where to write; the ending gives the format
    """
    counts = np.sort(counts_of(corpus.item_indices, corpus.n_items))[::-1]
    figure = new_figure(6.0, 4.0)
    axes = figure.add_subplot()
    axes.loglog(np.arange(1, len(counts) + 1), counts, color=BAR_COLOUR, linewidth=2)
    axes.set_xlabel("items, from the most popular on", fontsize=9)
    axes.set_ylabel("interactions", fontsize=9)
    axes.set_title(f"{title}: Gini of popularity {gini(counts.astype(float)):.3f}", loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    with written_into(file.parent), replacing(file) as new:
        save_figure(figure, new, dpi=150, format=file.suffix[1:] or None)
