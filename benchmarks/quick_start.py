"""How long a newcomer waits: the README's first command and the quick start, done to the letter, step by step.

``python -m benchmarks.quick_start`` clones the last commit twice, into new folders with new homes, and types there what
stands in the pages' blocks, one line after the other, into one shell per page. ``RUN`` is the id of the newest run that
the shell has shown, a second ``RUN`` of the one before it. What is measured is written into ``docs/quickstart.md``.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.table import Table, machine

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "quickstart.md"
PLACE = re.compile(r"(?<=<!-- measured -->\n).*?(?=^<!-- until here -->$)", re.MULTILINE | re.DOTALL)
"""Where the page has what was measured."""
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIRST = re.compile(r"(?<=<!-- run-command -->\n)```sh\n.*?^```$", re.MULTILINE | re.DOTALL)
RUN, SHOWN = re.compile(r"\bRUN\b"), re.compile(r"^run +([0-9a-f]{32})$", re.MULTILINE)
ENDLESS = ("harness ui",)
"""Commands that serve until they are stopped: left out."""
OF_THE_CALLER = ("VIRTUAL_ENV", "PYTHONPATH", "HARNESS_", "MLFLOW_")
"""Beginnings of the names of variables that a newcomer does not have."""


class Shell:
    """A shell in a clone of its own, with a home of its own."""

    def __init__(self, folder: Path) -> None:
        clone = folder / "bifair-harness"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        own = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_CALLER)}
        self.folder, self.output = clone, ""
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=clone,
            env={**own, "HARNESS_HOME": str(folder / "home")},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shell.kill()
        self._shell.wait()

    def seconds(self, command: str) -> float:
        """How long one command takes; the program ends where it fails."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        runs = reversed(SHOWN.findall(self.output))
        command = RUN.sub(lambda _: next(runs), command)
        mark = uuid.uuid4().hex
        began = time.perf_counter()
        self._shell.stdin.write(f"{{ {command}\n}} </dev/null\necho {mark} $?\n")
        self._shell.stdin.flush()
        said = ""
        for line in self._shell.stdout:
            if line.startswith(mark):
                break
            said += line
        else:
            sys.exit(f"{command}: the shell has ended\n{said}")
        took = time.perf_counter() - began
        self.output += said
        if line.split()[1] != "0":
            sys.exit(f"{command}\n{said}")
        return took


def steps(text: str, folder: Path) -> Iterator[tuple[str, str]]:
    """What a page tells to do, in its words and as a command; Python is kept as a file and run."""
    for number, (language, block) in enumerate(BLOCK.findall(text)):
        if language == "python":
            (folder / f"page{number}.py").write_text(block, encoding="utf-8")
            yield "the block of Python", f"python page{number}.py"
            continue
        for line in block.replace("\\\n", " ").splitlines():
            if line and line not in ENDLESS:
                yield f"`{line}`", line


def measured(pages: Mapping[str, str]) -> Table:
    """A row for each step of each page."""
    rows, loads = [], []
    for page, text in pages.items():
        with tempfile.TemporaryDirectory() as folder, Shell(Path(folder)) as shell:
            for words, command in steps(text, shell.folder):
                loads.append(os.getloadavg()[0])
                rows.append([page, words, f"{shell.seconds(command):.1f}"])
                print(*rows[-1], flush=True)
    cores = os.cpu_count() or 1
    notes = [
        f"load meanwhile: {min(loads):.0f} to {max(loads):.0f} on {cores} cores; above {cores} others are at work",
        "seconds on the clock, each step once; the installation mostly downloads: how long depends on the network",
        "left out, since they serve until they are stopped: " + ", ".join(f"`{command}`" for command in ENDLESS),
    ]
    return Table("How long it takes", ("page", "step", "seconds"), rows, notes)


def main() -> None:
    """Measure, and write it into the page."""
    readme, page = (path.read_text(encoding="utf-8") for path in (ROOT / "README.md", PAGE))
    (first,) = FIRST.findall(readme)
    table = measured({"README": first, "quick start": page})
    text = f"{table.markdown().rstrip()}\n\n{machine(os.cpu_count() or 1)}\n"
    PAGE.write_text(PLACE.sub(lambda _: text, page), encoding="utf-8")


if __name__ == "__main__":
    main()
