"""Rules that turn group signals into group weights: one file each."""
