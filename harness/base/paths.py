"""Where things are kept: one user folder, one environment variable, one flag (never the working directory)."""

import os
import shlex
from pathlib import Path

from harness.base.errors import BadInput

HOME_VARIABLE = "HARNESS_HOME"
CARD_ENDING = ".toml"
_chosen: Path | None = None


def choose_home(folder: Path | None) -> None:
    """Use ``folder`` (the ``--home`` flag) for this process and its children; None keeps variable or default.

    Raises:
        BadInput: where no folder can be called so.
    """
    global _chosen
    _chosen = None if folder is None else expanded(folder, "--home").resolve()
    if _chosen is not None:
        os.environ[HOME_VARIABLE] = str(_chosen)


def flag() -> str:
    """What a command is to be given so that it uses the home folder that this process was given; or nothing."""
    return "" if _chosen is None else f" --home {shlex.quote(str(_chosen))}"


def home() -> Path:
    """The folder for data, caches and stores: the flag, else ``HARNESS_HOME``, else the platform's data folder.

    An empty variable is one that is not set, as it is for other programs.

    Raises:
        BadInput: where the variable names no folder.
    """
    if _chosen is not None:
        return _chosen
    if variable := os.environ.get(HOME_VARIABLE):
        return expanded(Path(variable), HOME_VARIABLE).resolve()
    from platformdirs import user_data_path

    return user_data_path("bifair-harness", appauthor=False)


def expanded(path: Path, what: str = "") -> Path:
    """A path whose ``~`` is somebody's home folder.

    Args:
        what: it is given by, for messages

    Raises:
        BadInput: where nobody is called so, or nothing can be: it is blank, or has a NUL in it.
    """
    where = f"{what}: " if what else ""
    if not str(path).strip() or "\0" in str(path):
        raise BadInput(f"{where}{str(path)!r} is no name of a file or folder")
    try:
        return path.expanduser()
    except RuntimeError:
        raise BadInput(f"{where}{path}: there is no user called {path.parts[0].removeprefix('~')}") from None


def data_folder() -> Path:
    """Downloaded data sets, one folder each."""
    return home() / "data"


def cards_folder() -> Path:
    """The user's own data sets: one TOML card each."""
    return home() / "cards"


def frames_folder() -> Path:
    """Data sets made of tables in memory, one folder each, named by their content."""
    return home() / "frames"


def cache_folder() -> Path:
    """What can be computed again: embeddings by (model, texts) hash."""
    return home() / "cache"


def models_folder() -> Path:
    """Language models that were fetched from the package index, one folder each."""
    return home() / "models"


def tracking_folder() -> Path:
    """The default MLflow store: an SQLite database and its artifacts."""
    return home() / "mlflow"


def checkpoints_folder() -> Path:
    """Trainings that have not come to their end, one file each."""
    return home() / "checkpoints"


def journals_folder() -> Path:
    """Records of runs that a store over a network does not have yet."""
    return home() / "journals"


def studies_folder() -> Path:
    """Optuna's storage."""
    return home() / "studies"
