"""What the columns of a leaderboard are, said on every page of a board."""

from harness.report.writers.html import text_html

ITEMS = (
    "Values are means over seeds on test data ± half of the 95 % t-interval. A seed is a split of its own unless the "
    "study says otherwise, the same for all variants. Runs of which no epoch met the rule do not count.",
    "Bold: significantly better than the baseline, by paired t-tests over shared seeds, Holm-corrected over all "
    "variants × three metrics of the table; nothing else is bold.",
    "Changes are those of the means over shared seeds, in % of the baseline's mean, with Fieller's 95 % interval "
    "below, which is not corrected for the number of variants.",
    "Rank by CV: the ranks that cannot be excluded, from 1 + the number of variants that are significantly better to "
    "the number of those that are not significantly worse, itself among them. All pairs of variants in the table are "
    "compared by two-sided paired t-tests over shared seeds, Holm-corrected as one family (p ≤ 0.05): so the "
    "probability that any true rank lies outside of its range is about 5 % at most. A pair without two shared seeds "
    "counts in the family and excludes nothing.",
    "Cost: seconds of training by the clock, on a machine that may have done other things as well, and as a multiple "
    "of the baseline's over shared seeds. Tuning, validation and test are not counted.",
    "Family: whether a variant intervenes before (pre), in or after (post) training; none: a recommender that does "
    "nothing for fairness.",
    "The slider goes by the mean change of NDCG, not by its interval: a variant that stays may lose more.",
)


def how_to_read() -> str:
    """The section."""
    items = "\n".join(f"<li>{text_html(item)}</li>" for item in ITEMS)
    return f'<section id="how">\n<h2>How to read this</h2>\n<ul>\n{items}\n</ul></section>'
