"""Tables of results, with the machine that they were measured on."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("torch", "numpy", "scipy", "polars", "mlflow")


@dataclass(frozen=True)
class Table:
    """A heading, columns, rows of cells as text, and notes below."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = field(default_factory=tuple)

    def markdown(self) -> str:
        """As GitHub shows it."""
        lines = [f"## {self.title}", "", _row(self.columns), _row(["---"] * len(self.columns))]
        lines += [_row(row) for row in self.rows]
        return "\n".join([*lines, "", *(f"- {note}" for note in self.notes)])


def write(folder: Path, name: str, about: str, tables: Iterable[Table], threads: int) -> Path:
    """Write the tables of one benchmark, each as soon as it is measured, to ``folder/name.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.md"
    text = f"# {name}\n\n{about.strip()}\n\n{machine(threads)}\n"
    file.write_text(text, encoding="utf-8")
    for table in tables:
        text += f"\n{table.markdown().rstrip()}\n"
        file.write_text(text, encoding="utf-8")
    return file


def machine(threads: int) -> str:
    """One line: date, processor, threads, versions."""
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    python = f"Python {platform.python_version()}"
    return f"{date.today()}, {_processor()}, {os.cpu_count()} cores, {threads} threads, {python}, {versions}."


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
