"""A benchmark harness for fairness in LLM-enhanced recommender systems."""

from pathlib import Path

__version__ = "0.1.0"

# In a checkout the folders methods/, datasets/ and studies/ stand beside this package; a wheel holds them inside it.
_checkout = Path(__file__).resolve().parent.parent
if (_checkout / "pyproject.toml").is_file() and (_checkout / "methods").is_dir():
    __path__.append(str(_checkout))
