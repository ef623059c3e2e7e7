"""A file system of a few megabytes that a test fills, and command lines that write into it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

MEGABYTES = 32
SETTINGS = {
    "dataset": "long-tail",
    "dataset_options.n_users": 150,
    "dataset_options.n_items": 120,
    "dataset_options.n_groups": 5,
    "encoder.name": "random",
    "evaluation.origins": "false",
    "training.max_epochs": 2,
    "training.selection": "best_ndcg",
    "compute.threads": 1,
}
FULL = re.compile(
    r"^error: (.*: )?no room for (?P<place>.+) on the file system (?P<mount>.+?), where (?P<free>[\d,]+) bytes are "
    r"free: free some.*; the same command goes on$"
)
CODE = "import sys; from harness.cli.app import main; sys.exit(main())"


@dataclass(frozen=True)
class SmallDisk:
    """A file system of its own, mounted on ``folder``."""

    folder: Path

    @property
    def free(self) -> int:
        """Bytes."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def leave(self, left: int) -> None:
        """Fill it so that so many bytes are left, rounded up to whole blocks."""
        block = os.statvfs(self.folder).f_frsize
        with (self.folder / "ballast").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, (self.free - left) // block * block)

    def empty(self) -> None:
        """Make room again."""
        (self.folder / "ballast").unlink(missing_ok=True)

    def files(self) -> dict[str, int]:
        """All files with their sizes, but the ballast and locks, which hold nothing."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return {
            path.relative_to(self.folder).as_posix(): path.stat().st_size
            for path in found
            if path.name != "ballast" and path.suffix != ".lock"
        }


@dataclass(frozen=True)
class Said:
    """What a command ended with."""

    code: int
    out: str
    error: str

    def check_full(self, disk: SmallDisk) -> None:
        """It failed, in one line that names the full file system, and nobody is told of SQL or of a traceback."""
        assert self.code == 1, self.out + self.error
        lines = self.error.splitlines()
        assert len(lines) == 1, self.error
        found = FULL.match(lines[0])
        assert found is not None, lines[0]
        assert found["mount"] == str(disk.folder)
        assert found["place"].startswith(str(disk.folder))
        assert "INSERT" not in self.out + self.error
        assert "Traceback" not in self.out + self.error


@pytest.fixture
def small_disk(tmp_path: Path, missing: Callable[[str], NoReturn]) -> Iterator[SmallDisk]:
    """A small file system in memory; only root may mount one."""
    folder = tmp_path / "small disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "none", str(folder)]
    try:
        refused = subprocess.run(mount, capture_output=True, text=True, check=False).stderr
    except FileNotFoundError:
        refused = "there is no command 'mount'"
    if not folder.is_mount():
        pytest.skip(f"no file system can be mounted here: {refused}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def harness_command() -> Callable[..., Said]:
    """``harness_command(*arguments, **variables)``: a command line in a process of its own."""
    return command


def command(*arguments: str, **variables: str) -> Said:
    kept = {key: value for key, value in os.environ.items() if key not in ("HARNESS_HOME", "MLFLOW_TRACKING_URI")}
    done = subprocess.run(
        [sys.executable, "-P", "-c", CODE, *arguments],
        capture_output=True,
        text=True,
        env={**kept, "OMP_NUM_THREADS": "1", **variables},
        timeout=300,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def small_run() -> Callable[..., list[str]]:
    """``small_run(method, **other)``: the arguments of a run of a second or two."""
    return lambda method, **other: [
        *("run", "--method", method, "--plain", "--offline"),
        *(word for key, value in {**SETTINGS, **other}.items() for word in ("--set", f"{key}={value}")),
    ]
