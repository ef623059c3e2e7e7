"""What a study is called."""

from pathlib import Path

from harness.base.paths import CARD_ENDING
from harness.plugins.registry import registry


def study_name(name: str) -> str:
    """A study's name as its owner spells it, also where it is given as the path of its file."""
    if name.endswith(CARD_ENDING):
        return Path(name).stem
    return registry.check("study", name) if registry.knows("study", name) else name
