"""What ``docs/reliability.md`` names as shown by tests is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = sorted(set(re.findall(r"`(tests/[\w./]+)`", (ROOT / "docs/reliability.md").read_text(encoding="utf-8"))))


def test_every_section_names_some() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize("place", NAMED)
def test_it_is_there(place: str) -> None:
    assert (ROOT / place).exists()
