"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.completion import runs


def _choose_home(folder: Path | None) -> Path | None:
    from harness.base import paths

    paths.choose_home(folder)
    return folder


def _load_plugins(files: list[Path] | None) -> list[Path] | None:
    from harness.plugins.registry import registry

    for file in files or []:
        registry.add_file(file)
    return files


Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="FOLDER",
        help="Folder for data, caches and stores (else $HARNESS_HOME, else the platform's data folder).",
        callback=_choose_home,
        is_eager=True,
    ),
]
Plugins = Annotated[
    list[Path] | None,
    typer.Option(
        "--plugin", metavar="FILE", help="A Python file with plug-ins of your own; repeatable.", callback=_load_plugins
    ),
]
TrackingUri = Annotated[
    str | None,
    typer.Option(
        "--tracking-uri",
        metavar="URI",
        help="MLflow store: sqlite:////FILE, http://HOST:PORT, postgresql+psycopg://… or 'none' "
        "(else $MLFLOW_TRACKING_URI, else a database in the home folder).",
    ),
]
Offline = Annotated[bool, typer.Option("--offline", help="Use no network: only what is in the cache or installed.")]
DataFolder = Annotated[
    Path | None,
    typer.Option("--data", metavar="FOLDER", help="A folder that holds the data set's files already."),
]
Experiment = Annotated[str | None, typer.Option(help="MLflow experiment  [default: bifair-harness].")]
Threads = Annotated[int | None, typer.Option(help="Threads for tensors  [default: all cores].")]
CheckpointEvery = Annotated[
    float | None,
    typer.Option(
        min=0,
        metavar="SECONDS",
        help="Training between two checkpoints, at least; fewer where they are slow; 0: none, nor used  [default: 5].",
    ),
]
Plain = Annotated[bool, typer.Option("--plain", help="Plain lines instead of a live display.")]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS|FILE",
        help="Let Dask's workers carry out a study's runs: a scheduler's address, or a .toml file of jobs.",
    ),
]
KeepModel = Annotated[
    bool, typer.Option("--model/--no-model", help="Keep the fitted model of each run: see 'harness recommend'.")
]
RUN_NAMES = "A run: its id, the beginning of it, its name, or 'last'."
RunName = Annotated[str, typer.Argument(metavar="RUN", help=f"A finished one. {RUN_NAMES}", autocompletion=runs)]
Quiet = Annotated[bool, typer.Option("--quiet", help="Nothing but warnings, on standard error, and what was found.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="What was found as JSON on standard output; warnings on standard error.")
]
