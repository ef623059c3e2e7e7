"""The page on which runs are compared by hand: every run's options beside what it reached."""
