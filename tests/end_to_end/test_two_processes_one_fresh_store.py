"""Two processes that start at once on a fresh home both record their runs."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

PROGRAM = """
import sys
from harness.track import open_tracker
tracker = open_tracker()
with tracker.start(f"process {sys.argv[1]}", {"n": sys.argv[1]}, {"spec": sys.argv[1]}) as run:
    for step in range(20):
        run.log_metrics({"loss": 1.0}, step)
        run.flush()
"""


def test_two_processes_create_one_store(tmp_path: Path) -> None:
    environment = os.environ | {"HARNESS_HOME": str(tmp_path / "fresh home")}
    environment.pop("MLFLOW_TRACKING_URI", None)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(n)],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for n in range(2)
    ]
    outputs = [process.communicate(timeout=180)[0] for process in started]
    assert outputs == ["", ""]
    assert [process.returncode for process in started] == [0, 0]
    with closing(sqlite3.connect(tmp_path / "fresh home" / "mlflow" / "mlflow.db")) as database:
        assert database.execute("SELECT count(*) FROM runs WHERE status = 'FINISHED'").fetchone() == (2,)
        assert database.execute("SELECT count(*) FROM metrics").fetchone() == (40,)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fresh home"]
