"""Item texts to Z₀, encoded once: vectors are cached by the encoder's weights and options and the texts."""

import hashlib
import io
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from harness.base import paths
from harness.base.blas import blas_threads
from harness.base.errors import BadInput
from harness.base.messages import Say, silent
from harness.base.sealed import read_cached, write_cached
from harness.plugins import Encoder
from harness.plugins.source_code import foreign_sources
from harness.spec.encoder_kind import kind_of
from harness.spec.options import EncoderOptions, VectorOptions
from harness.vectors.adjust import Vectors, adjust


def resolve_encoder(options: EncoderOptions, say: Say = silent) -> Encoder:
    """The encoder called ``options.name``: a registered one, else a folder, else a model of the hub.

    Nothing is loaded or downloaded yet; :meth:`Encoder.fingerprint` finds the weights.

    Args:
        say: is told by the encoder what takes long, such as a download

    Raises:
        BadInput: for what looks like a path but is no folder.
    """
    from harness.vectors.sentence_transformer import FolderEncoder, HubEncoder

    name = options.name
    kind = kind_of(name)
    if kind is not None:
        return kind(options.options, options.batch_size, say)
    folder = paths.expanded(Path(name), "encoder")
    if folder.is_dir():
        return FolderEncoder(folder, options.batch_size)
    if name.startswith((".", "~", os.sep)) or "\\" in name:
        raise BadInput(f"encoder '{name}': no such folder")
    return HubEncoder(name, options.batch_size)


def embed(
    texts: Sequence[str],
    encoder: Encoder,
    say: Say = silent,
    progress: Callable[[int, int], None] | None = None,
    options: VectorOptions | None = None,
) -> Vectors:
    """Z₀: one vector per text, shape (n, d_lm), float32; from the cache where these texts were encoded before.

    Vectors are cached as encoded and, under a key of their own, as adjusted: another adjustment asks no encoder. Those
    of an encoder from elsewhere are computed again once its code has changed, whatever its fingerprint says.

    Args:
        texts: items' texts; for an encoder that finds vectors by id, the items' raw ids
        say: is told when a cached file is damaged (it is computed again) or cannot be written
        progress: is told (done, total) while texts are encoded
        options: what is done to the vectors afterwards

    Raises:
        Unavailable: where the encoder's weights cannot be found.
        BadInput: where the encoder returns anything but finite float32, or ``options`` do not fit the vectors.
    """
    key, adjustment = _key(texts, encoder, options)
    if options is None or not adjustment:
        return _cached(key, len(texts), say, lambda: _encoded(texts, encoder, progress))

    def adjusted() -> Vectors:
        return adjust(embed(texts, encoder, say, progress), options)

    return _cached(key, len(texts), say, adjusted)


def are_cached(texts: Sequence[str], encoder: Encoder, options: VectorOptions | None = None) -> bool:
    """Whether :func:`embed` would ask no encoder: there is a file of these vectors, adjusted or as encoded.

    Raises:
        Unavailable: where the encoder's weights cannot be found.
    """
    return any(_file(_key(texts, encoder, one)[0]).is_file() for one in (options, None))


def _key(texts: Sequence[str], encoder: Encoder, options: VectorOptions | None) -> tuple[list[object], bool]:
    """What vectors are cached under, and whether they are adjusted."""
    code = sorted(foreign_sources(type(encoder)).values())
    key: list[object] = [encoder.fingerprint(), *([code] if code else []), list(texts)]
    adjustment = {} if options is None else options.model_dump(include=set(VectorOptions.model_fields))
    return ([adjustment, *key], True) if any(adjustment.values()) else (key, False)


def _encoded(texts: Sequence[str], encoder: Encoder, progress: Callable[[int, int], None] | None) -> Vectors:
    vectors = encoder.encode(texts, progress)
    if not _is_sound(vectors, len(texts)):
        raise BadInput(
            f"encoder '{encoder.name}' returned {vectors.dtype} of shape {vectors.shape} for {len(texts)} texts: "
            "finite float32 of shape (n, d) is needed"
        )
    return vectors


def _cached(key: list[object], n: int, say: Say, compute: Callable[[], Vectors]) -> Vectors:
    """The n vectors that are cached under ``key``, or computed and cached."""
    path = _file(key)
    content = read_cached(path, say)
    if content is not None:
        vectors: Vectors = np.load(io.BytesIO(content), allow_pickle=False)
        if _is_sound(vectors, n):
            return vectors
    with blas_threads(1):  # the same on every machine and for whoever asks first
        vectors = compute()
    buffer = io.BytesIO()
    np.save(buffer, vectors, allow_pickle=False)
    write_cached(path, buffer.getvalue(), say, "the vectors")
    return vectors


def _file(key: list[object]) -> Path:
    name = hashlib.blake2b(json.dumps(key, ensure_ascii=False).encode(), digest_size=16).hexdigest()
    return paths.cache_folder() / "embeddings" / f"{name}.npy"


def _is_sound(vectors: Vectors, n: int) -> bool:
    return vectors.dtype == np.float32 and vectors.ndim == 2 and len(vectors) == n and bool(np.isfinite(vectors).all())
