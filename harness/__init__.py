"""A benchmark harness for fairness in LLM-enhanced recommender systems."""

from harness.base.version import __version__

__all__ = ["__version__"]
