"""What a run ran on, as tags: versions, code, commit, machine. Imports none of the libraries that it names."""

import hashlib
import os
import platform
import re
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path

from harness.base.layout import CHECKOUT, PACKAGE, PLUGIN_FOLDERS, SOURCE_ENDINGS
from harness.base.version import __version__

DISTRIBUTIONS = ("torch", "mlflow", "optuna", "sentence-transformers", "polars", "numpy")
VERSIONS = ("harness", "python", *DISTRIBUTIONS)
"""What :func:`versions` tells, in its order."""
GENERATION = {"family": "cpu family", "model": "model"}


def environment_tags() -> dict[str, str]:
    """Tags of machine, code and versions."""
    tags = {
        "cores": str(os.cpu_count() or "unknown"),
        "processor": processor(),
        "platform": platform.platform(),
        "code": code_as_loaded(),
    }
    return tags | {f"version.{name}": version for name, version in versions().items()} | commit_as_loaded()


@cache
def processor(listing: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's make and generation, by which libraries choose their kernels: another one rounds differently.

    Args:
        listing: where Linux says it; elsewhere Python's own word is taken
    """
    try:
        first, _, _ = listing.read_text().partition("\n\n")
    except OSError:
        return platform.processor() or platform.machine() or "unknown"
    told = dict(re.split(r"\s*:\s*", line, maxsplit=1) for line in first.splitlines() if ":" in line)
    parts = [told.get("model name", platform.machine())]
    return ", ".join(parts + [f"{key} {told[name]}" for key, name in GENERATION.items() if name in told])


@cache
def versions() -> dict[str, str]:
    """Versions of this project, Python and the libraries that decide a run's numbers, as this process found them."""
    found = {"harness": __version__, "python": platform.python_version()}
    for name in DISTRIBUTIONS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


@cache
def code_as_loaded() -> str:
    """What this process runs, whatever becomes of the files meanwhile."""
    return code_digest()


def code_digest(package: Path = PACKAGE, root: Path | None = CHECKOUT) -> str:
    """A hash of all source files of the engine, methods, data sets and studies; a checkout and its wheel agree.

    Args:
        package: the folder of the engine
        root: of a checkout, where the plug-in folders stand beside the package
    """
    places = {f"harness/{file.relative_to(package).as_posix()}": file for file in package.rglob("*")}
    if root is not None:
        for folder in PLUGIN_FOLDERS:
            for file in (root / folder).rglob("*"):
                places[f"harness/{file.relative_to(root).as_posix()}"] = file
    digest = hashlib.sha256()
    for name, file in sorted(places.items()):
        if file.suffix in SOURCE_ENDINGS and file.is_file():
            digest.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()[:16]


@cache
def commit_as_loaded() -> dict[str, str]:
    """The checkout's commit and whether files differ from it, when first asked for; nothing for an installed wheel."""
    if CHECKOUT is None or not (CHECKOUT / ".git").exists():
        return {}
    try:
        commit = _git(CHECKOUT, "rev-parse", "HEAD")
        dirty = bool(_git(CHECKOUT, "status", "--porcelain"))
    except (OSError, subprocess.SubprocessError):
        return {}
    return {"commit": commit, "dirty": str(dirty).lower(), "mlflow.source.git.commit": commit}


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10, check=True
    )
    return done.stdout.strip()
