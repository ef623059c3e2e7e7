"""Models of the Hugging Face hub as local folders: the local cache first, which needs no network."""

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.base.environment_variables import variables
from harness.base.errors import BadInput, Unavailable

PATTERNS = ["*.safetensors", "*.json", "*.txt", "*.model"]
IGNORED = ["onnx/*", "openvino/*"]
_NAME = re.compile(r"[\w.-]+/[\w.-]+")

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
"""The variables by which the hub's client and the libraries above it are told."""


def is_offline() -> bool:
    """Whether the network must not be asked: an offline context, or the hub's own variable."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


@contextmanager
def network(allowed: bool) -> Iterator[None]:
    """Unless it is ``allowed``, nobody asks the hub inside: no encoder of this project, and none of anybody's own."""
    if allowed or is_offline():
        yield
        return
    with variables(OFFLINE):
        _tell_the_client(True)
        try:
            yield
        finally:
            _tell_the_client(False)


def _tell_the_client(offline: bool) -> None:
    """The hub's client reads its variable once, when it is imported."""
    if client := sys.modules.get("huggingface_hub.constants"):
        client.HF_HUB_OFFLINE = offline  # type: ignore[attr-defined]


def cached(repository: str) -> Path | None:
    """The complete local copy of ``repository``, or None; the network is not asked."""
    from huggingface_hub.constants import HF_HUB_CACHE

    if _NAME.fullmatch(repository) and not (Path(HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}").is_dir():
        return None  # the client, which takes a while to import, would say the same
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(repository, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    except HFValidationError:
        raise BadInput(f"encoder '{repository}': neither a folder nor a name that the hub could know") from None
    return folder if is_complete(folder) else None


def fetched(repository: str, instead: str) -> Path:
    """The local copy of ``repository``, downloaded where need be; safetensors, tokeniser and settings only.

    Args:
        instead: what the user can do where the hub does not answer; ends the error's line

    Raises:
        Unavailable: where the hub cannot be reached or does not have it.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import RepositoryNotFoundError

    if is_offline():
        raise Unavailable(f"encoder '{repository}' is not on this machine and this run is offline: {instead}")
    try:
        return Path(snapshot_download(repository, allow_patterns=PATTERNS, ignore_patterns=IGNORED))
    except RepositoryNotFoundError:
        raise Unavailable(
            f"encoder '{repository}': the Hugging Face hub has no (public) model of this name: {instead}"
        ) from None
    except Exception as error:  # the hub's client raises its own, its HTTP library's and the system's errors
        raise Unavailable(
            f"encoder '{repository}' is not on this machine and the Hugging Face hub cannot be reached: {instead}"
        ) from error


def _shards(index: Path) -> set[str]:
    """The files that weights are divided into; a damaged list names a file that is not there."""
    try:
        return set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {"weights that a damaged list names"}


def is_complete(folder: Path) -> bool:
    """Whether settings, tokeniser and all weights are there: an interrupted download leaves a part of them."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        has_weights = all((folder / shard).is_file() for shard in _shards(index))
    else:
        has_weights = (folder / "model.safetensors").is_file()
    tokenisers = ("tokenizer.json", "vocab.txt", "*.model")
    return (folder / "config.json").is_file() and has_weights and any(any(folder.glob(name)) for name in tokenisers)
