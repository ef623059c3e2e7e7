"""What a study shows on a real terminal of 60 columns: a bar of its own, what is under way, what each time means."""

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

pty = pytest.importorskip("pty")
COLUMNS = 60
STEERING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ASKED = ["run", "--study", "methods", "--method", "random", "--budget", "smoke", "--seeds", "3"]
ASKED += ["--dataset", "long-tail", "--set", "dataset_options.n_users=60", "--set", "dataset_options.n_items=60"]


def on_a_terminal(arguments: list[str], home: Path) -> list[str]:
    """Everything that was ever written, line by line, as letters."""
    import fcntl
    import termios

    main, own = pty.openpty()
    fcntl.ioctl(own, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    program = "import sys; from harness.cli.app import main; sys.exit(main())"
    variables = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "MLFLOW_TRACKING_URI")}
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=own,
        stdout=own,
        stderr=own,
        env={**variables, "TERM": "xterm-256color", "HARNESS_HOME": str(home)},
    )
    os.close(own)
    written = b""
    while chunk := _read(main):
        written += chunk
    os.close(main)
    assert process.wait(timeout=60) == 0
    return STEERING.sub("", written.decode()).replace("\r", "\n").splitlines()


def _read(terminal: int) -> bytes:
    """What comes next; nothing once nobody writes any more."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize(
    "jobs", [pytest.param([], id="one"), pytest.param(["--jobs", "2"], id="two", marks=pytest.mark.slow)]
)
def test_a_study(jobs: list[str], tmp_path: Path) -> None:
    lines = on_a_terminal([*ASKED, *jobs], tmp_path)
    bars = [line for line in lines if line.startswith("study ")]
    assert re.match(r"study ━+ +0/3 runs · elapsed 0:00:0\d", bars[0])
    assert any(re.search(r" [12]/3 runs · elapsed 0:\d\d:\d\d · about \d+ s left", line) for line in bars)
    assert re.match(r"study ━+ +3/3 runs · elapsed 0:\d\d:\d\d +$", bars[-1]), "nothing is left"
    assert any(re.match(r" random, seed \d \(\d+ s elapsed\)", line) for line in lines)
    assert max(len(line) for line in bars) <= COLUMNS
    for line in lines:
        for time in re.finditer(r"\d:\d\d:\d\d", line):
            assert line[: time.start()].endswith(("elapsed ", "left ", "left, at most ")), line
