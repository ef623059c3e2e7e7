"""Each user on its own."""

from harness.builtin.groupings._individual import Individual


class UserIndividual(Individual):
    """Individual fairness: every user is its own group."""

    name = "user_individual"
    summary = "each user on its own: Gini, entropy, Atkinson over single users"
    side = "user"
    requires = ("user",)
