"""Each item on its own."""

from harness.builtin.groupings._individual import Individual


class ItemIndividual(Individual):
    """Individual fairness: every item is its own group."""

    name = "item_individual"
    summary = "each item on its own: Gini, entropy, Atkinson over single items"
    side = "item"
    requires = ("item",)
