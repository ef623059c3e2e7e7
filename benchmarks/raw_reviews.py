"""A raw file of reviews, filtered and 5-cored: peak memory and time against the file's size.

Files are generated in the format of Amazon Reviews 2023, read and prepared in a process of its own, and removed. They
have that release's proportions (Beauty and Personal Care: 461 bytes and 0.47 users per review), the ids' lengths and a
long tail of items; a third of the reviews are by users with 40 each, so that a core remains. The slope between two
sizes says what a larger file would need.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.table import Table

REVIEWS = (500_000, 2_000_000, 11_000_000)
"""The last file is larger than the 4 GiB that preparing it may take."""
BEAUTY_2023 = (11.02e9, 23_900_000)
"""Bytes and reviews of the release's file of Beauty and Personal Care, unpacked."""
TEXT = "It does what it says, more or less; the colour is not quite the one shown. " * 3
BLOCK = 100_000

MEASURED = """
import json, resource, sys, time
from pathlib import Path
from harness.data.build_corpus import build_corpus
from harness.spec.run_spec import DataOptions, dataset_of
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
dataset, start = dataset_of("amazon-2023", {"category": "All_Beauty"}), time.perf_counter()
before = peak()
tables = dataset.read(Path(sys.argv[1]))
read, reading = time.perf_counter() - start, peak()
corpus = build_corpus(tables, DataOptions())
print(json.dumps([len(corpus), before, reading, peak(), read, time.perf_counter() - start]))
"""


@dataclass(frozen=True)
class Measured:
    """One file: its size, and what preparing it took (bytes, seconds)."""

    size: int
    kept: int
    imports: float
    reading: float
    peak: float
    read_seconds: float
    seconds: float


def tables() -> Iterator[Table]:
    """Peak resident memory and seconds by size, and what the largest category of cosmetics would need."""
    found = {n: measure(n) for n in REVIEWS}
    rows = [
        [
            f"{n:,}",
            f"{m.size / 1e6:,.0f}",
            f"{m.kept:,}",
            f"{m.imports / 2**20:.0f}",
            f"{m.reading / 2**20:.0f}",
            f"{m.peak / 2**20:.0f}",
            f"{m.read_seconds:.1f}",
            f"{m.seconds:.1f}",
        ]
        for n, m in found.items()
    ]
    small, large = REVIEWS[0], REVIEWS[-1]
    slope = (found[large].peak - found[small].peak) / (large - small)
    expected = found[large].peak + slope * (BEAUTY_2023[1] - large)
    columns = ["reviews", "file, MB", "kept", "imports, MiB", "reading, MiB", "peak, MiB", "reading, s", "all, s"]
    notes = [
        f"{slope:.0f} bytes of peak memory for each further review: {BEAUTY_2023[0] / 1e9:.1f} GB of "
        f"{BEAUTY_2023[1]:,} reviews would need about {expected / 2**30:.1f} GiB."
    ]
    yield Table("From the raw file to the 5-core", columns, rows, notes)


def measure(n: int) -> Measured:
    """Generate ``n`` reviews and prepare them in another process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "All_Beauty.jsonl"
        write_reviews(path, n)
        item = {"parent_asin": "B000000000", "title": "Comb", "store": "Combs & Co", "categories": []}
        (Path(folder) / "meta_All_Beauty.jsonl").write_text(json.dumps(item) + "\n", encoding="utf-8")
        command = [sys.executable, "-c", MEASURED, folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        kept, *figures = json.loads(done.stdout)
        return Measured(path.stat().st_size, kept, *figures)


def write_reviews(path: Path, n: int) -> None:
    """Write ``n`` reviews, block by block."""
    rng = np.random.default_rng(n)
    active = n // 120
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, n, BLOCK):
            rows = min(BLOCK, n - start)
            users = np.where(rng.random(rows) < 1 / 3, rng.integers(active, size=rows), rng.integers(n // 2, size=rows))
            items = (n / 24 * rng.random(rows) ** 4).astype(np.int64)
            ratings, times = rng.integers(1, 6, rows), 1_500_000_000_000 + rng.integers(10**11, size=rows)
            file.writelines(
                f'{{"rating": {rating}.0, "title": "Good", "text": "{TEXT}", "images": [], "asin": "B{item:09d}", '
                f'"parent_asin": "B{item:09d}", "user_id": "AG{user:026d}", "timestamp": {when}, "helpful_vote": 0, '
                '"verified_purchase": true}\n'
                for user, item, rating, when in zip(users, items, ratings, times, strict=True)
            )
