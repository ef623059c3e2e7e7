"""Encoders that sentence-transformers can load from a local folder: safetensors only, no code from the model."""

import contextlib
import hashlib
import json
import logging
import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from harness.base.errors import Unavailable, hint
from harness.base.hashes import sha256
from harness.plugins import Encoder
from harness.plugins.registry import registry
from harness.vectors import hub as _hub

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

CHUNK = 8
"""Batches between two reports of progress."""


class SentenceTransformerEncoder(Encoder):
    """A sentence-transformers model in a local folder, wherever that comes from."""

    pinned: ClassVar[Mapping[str, str]] = {}
    """SHA-256 by file, for files that must be exactly these."""

    @abstractmethod
    def locate(self) -> Path:
        """The model's folder.

        Raises:
            Unavailable: where the model is neither here nor reachable.
        """

    @cached_property
    def folder(self) -> Path:
        """The located folder, checked: it has weights, and the pinned files are what they should be."""
        folder = self.locate()
        if not any(folder.glob("*.safetensors")):
            raise Unavailable(f"encoder '{self.name}': {folder} holds no .safetensors weights; others are not loaded")
        self._check_pinned(folder)
        return folder

    def check(self) -> None:
        """Make sure that the pinned files are what they should be, byte by byte."""
        self._check_pinned(self.folder, again=True)

    def _check_pinned(self, folder: Path, *, again: bool = False) -> None:
        for name, expected in self.pinned.items():
            actual = sha256(folder / name, again=again)
            if actual != expected:
                raise Unavailable(
                    f"encoder '{self.name}': {folder / name} has SHA-256 {actual}, but {expected} is expected: "
                    "it is damaged or another version; remove it and install or download it again"
                )

    @cached_property
    def _fingerprint(self) -> str:
        files = {path.relative_to(self.folder).as_posix(): sha256(path) for path in _meaningful(self.folder)}
        settings = json.dumps({"files": files, "batch_size": self.batch_size}, sort_keys=True)
        return hashlib.blake2b(settings.encode(), digest_size=16).hexdigest()

    def fingerprint(self) -> str:
        """A hash of weights, tokeniser and settings, whatever folder they are in, and of the batch size.

        (What shares a batch with a text changes the last bits of its vector; the number of threads does not.)
        """
        return self._fingerprint

    def encode(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        """One vector per text, shape (n, d_lm), float32."""
        with _quiet():
            model = self._load()
            order = sorted(
                range(len(texts)), key=lambda i: -len(texts[i])
            )  # similar lengths share a batch: less padding
            size = self.batch_size * CHUNK
            parts = []
            for start in range(0, len(order), size):
                chunk = [texts[i] for i in order[start : start + size]]
                parts.append(model.encode(chunk, batch_size=self.batch_size, show_progress_bar=False))
                if progress is not None:
                    progress(start + len(chunk), len(order))
        encoded = np.concatenate(parts).astype(np.float32)
        vectors = np.empty_like(encoded)
        vectors[order] = encoded
        return vectors

    def _load(self) -> "SentenceTransformer":
        from sentence_transformers import SentenceTransformer

        folder = self.folder
        options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        try:
            return SentenceTransformer(str(folder), model_kwargs={"use_safetensors": True}, **options)
        except Exception as error:  # damaged files raise anything: folder and cause belong to the message
            cause = str(error).strip().partition("\n")[0]
            raise Unavailable(
                f"encoder '{self.name}' cannot be loaded from {folder}: {type(error).__name__}: {cause}"
            ) from error


class FolderEncoder(SentenceTransformerEncoder):
    """A sentence-transformers model in a folder of the user's."""

    name = "folder"
    summary = "a sentence-transformers model in a folder"
    users_own = True

    def __init__(self, folder: Path, batch_size: int = 64) -> None:
        super().__init__(batch_size=batch_size)
        self._given = folder

    def locate(self) -> Path:
        return self._given


class HubEncoder(SentenceTransformerEncoder):
    """Any sentence-transformers model of the Hugging Face hub, by name."""

    name = "hub"
    summary = "a sentence-transformers model of the Hugging Face hub"
    users_own = True  # whoever owns it there may change it, and the copy in the hub's cache is anybody's

    def __init__(self, model: str, batch_size: int = 64) -> None:
        super().__init__(batch_size=batch_size)
        self.model = model

    def locate(self) -> Path:
        repository = self.model if "/" in self.model else f"sentence-transformers/{self.model}"
        local = _hub.cached(repository)
        if local is not None:
            return local
        built_in = registry.names("encoder")
        instead = hint(self.model, built_in, f"connect once, name a folder, or use {', '.join(built_in)}")
        with _quiet():
            return _hub.fetched(repository, instead)


def _meaningful(folder: Path) -> list[Path]:
    """The files that decide vectors. A partial copy without documentation or spare tokeniser files counts as equal."""
    tokeniser = ["tokenizer.json"] if (folder / "tokenizer.json").is_file() else ["vocab.*", "merges.txt", "*.model"]
    settings = ["modules.json", "sentence_*config.json", "config_sentence_transformers.json", "tokenizer_config.json"]
    patterns = [
        "**/*.safetensors",
        "*.safetensors.index.json",
        "config.json",
        "[0-9]*/config.json",
        *settings,
        *tokeniser,
    ]
    return sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the libraries' progress bars, warnings and log lines."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
    from transformers.utils import logging as transformers_logging

    loggers = [
        logging.getLogger(name) for name in ("sentence_transformers", "transformers", "huggingface_hub", "httpx")
    ]
    levels = [logger.level for logger in loggers]
    hub_bars, model_bars = not are_progress_bars_disabled(), transformers_logging.is_progress_bar_enabled()
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    disable_progress_bars()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        if hub_bars:
            enable_progress_bars()
        if model_bars:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
