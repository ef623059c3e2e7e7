"""Statistics that hold: intervals over seeds and users, tests with effect sizes, families of comparisons, fronts."""
