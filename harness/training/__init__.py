"""The epoch loop, and what selects an epoch."""
