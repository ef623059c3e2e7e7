"""How much can be asked of a study; whoever asks for more has mistyped."""

MOST_SEEDS = 10_000
MOST_TRIALS = 100_000
MOST_JOBS = 1_000
