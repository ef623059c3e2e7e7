"""The long tail of a data set as a figure."""

from pathlib import Path

import numpy as np

from harness.data.audit import counts_of
from harness.data.corpus import Corpus
from harness.runs.group_figures import BAR_COLOUR, new_figure
from harness.runs.saved_figure import save_figure
from harness.stats.inequality import gini


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
    file.parent.mkdir(parents=True, exist_ok=True)
    save_figure(figure, file, dpi=150)
