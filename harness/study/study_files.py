"""What a study is called."""

from pathlib import Path

from harness.base.paths import CARD_ENDING as ENDING
from harness.plugins.registry import registry

__all__ = ["ENDING", "study_name"]


def study_name(name: str) -> str:
    """A study's name as its owner spells it, also where it is given as the path of its file."""
    if name.endswith(ENDING):
        return Path(name).stem
    return registry.check("study", name) if registry.knows("study", name) else name
