"""The face for Python: what ``import harness`` offers, one file per idea. Nothing here computes: the engine does."""
