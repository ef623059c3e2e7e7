"""Where the project's own code lies: in a checkout in two places, in a wheel in one."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
"""The folder of the package ``harness``."""

PLUGIN_FOLDERS = ("methods", "datasets", "studies")
"""What stands beside the package in a checkout and inside it in a wheel."""

SOURCE_ENDINGS = {".py", ".toml", ".json", ".yaml"}
"""Of the files that count as code."""


def _checkout() -> Path | None:
    parent = PACKAGE.parent
    return parent if (parent / "pyproject.toml").is_file() and (parent / "methods").is_dir() else None


CHECKOUT = _checkout()
"""The folder of the checkout; None where the package comes from a wheel."""


def beside(folder: str) -> list[str]:
    """Where else modules of ``harness.FOLDER`` are: in a checkout the folder beside the package, in a wheel nowhere."""
    return [] if CHECKOUT is None else [str(CHECKOUT / folder)]
