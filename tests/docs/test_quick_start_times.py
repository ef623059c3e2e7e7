"""The seconds in the quick start are those of the steps that the pages have now."""

import re
from pathlib import Path

from benchmarks.quick_start import FIRST, PAGE, ROOT, steps


def test_every_step_has_been_measured(tmp_path: Path) -> None:
    readme, page = ((ROOT / "README.md").read_text(encoding="utf-8"), PAGE.read_text(encoding="utf-8"))
    (first,) = FIRST.findall(readme)
    told = [words for text in (first, page) for words, _ in steps(text, tmp_path)]
    measured = re.findall(r"^\| (?:README|quick start) \| (.*) \| ([\d.]+) \|$", page, re.MULTILINE)
    assert [words for words, _ in measured] == told
    assert len(told) > 10
    assert sum(float(seconds) for _, seconds in measured) > 60
