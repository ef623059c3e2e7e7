"""Item texts to Z₀, encoded once: vectors are cached by the encoder's weights and the texts."""

import hashlib
import io
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness import paths
from harness.data.files import read_sealed, write_sealed
from harness.errors import BadInput
from harness.protocols import Encoder
from harness.registry import registry
from harness.spec import EncoderOptions

Vectors = npt.NDArray[np.float32]


def resolve_encoder(options: EncoderOptions) -> Encoder:
    """The encoder called ``options.name``: a registered one, else a folder, else a model of the hub.

    Nothing is loaded or downloaded yet; :meth:`Encoder.fingerprint` finds the weights.

    Raises:
        BadInput: for what looks like a path but is no folder.
    """
    from harness.encoders._sentence_transformer import FolderEncoder, HubEncoder

    name = options.name
    if name.casefold().replace("_", "-") in (known.casefold() for known in registry.names("encoder")):
        encoder: Encoder = registry.get("encoder", name)(options.batch_size)
        return encoder
    folder = Path(name).expanduser()
    if folder.is_dir():
        return FolderEncoder(folder, options.batch_size)
    if name.startswith((".", "~", os.sep)) or "\\" in name:
        raise BadInput(f"encoder '{name}': no such folder")
    return HubEncoder(name, options.batch_size)


def _silent(_: str) -> None:
    pass


def embed(
    texts: Sequence[str],
    encoder: Encoder,
    say: Callable[[str], None] = _silent,
    progress: Callable[[int, int], None] | None = None,
) -> Vectors:
    """Z₀: one vector per text, shape (n, d_lm), float32; from the cache where these texts were encoded before.

    Args:
        say: is told when a cached file is damaged (it is computed again) or cannot be written
        progress: is told (done, total) while texts are encoded

    Raises:
        Unavailable: where the encoder's weights cannot be found.
    """
    key = json.dumps([encoder.fingerprint(), list(texts)], ensure_ascii=False)
    path = paths.cache_folder() / "embeddings" / f"{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}.npy"
    if path.is_file():
        vectors = _read(path, len(texts))
        if vectors is not None:
            return vectors
        say(f"{path} is damaged: the texts are encoded again")
    vectors = encoder.encode(texts, progress)
    if not _is_sound(vectors, len(texts)):
        raise BadInput(
            f"encoder '{encoder.name}' returned {vectors.dtype} of shape {vectors.shape} for {len(texts)} texts: "
            "finite float32 of shape (n, d) is needed"
        )
    try:
        _write(path, vectors)
    except OSError as error:
        say(f"the vectors are not cached: {error}")
    return vectors


def _is_sound(vectors: Vectors, n: int) -> bool:
    return vectors.dtype == np.float32 and vectors.ndim == 2 and len(vectors) == n and bool(np.isfinite(vectors).all())


def _write(path: Path, vectors: Vectors) -> None:
    """Write a sealed ``.npy`` file, all or nothing."""
    buffer = io.BytesIO()
    np.save(buffer, vectors, allow_pickle=False)
    write_sealed(path, buffer.getvalue())


def _read(path: Path, n: int) -> Vectors | None:
    """The vectors in ``path``, or None where the file is not what was written."""
    content = read_sealed(path)
    if content is None:
        return None
    vectors: Vectors = np.load(io.BytesIO(content), allow_pickle=False)
    return vectors if _is_sound(vectors, n) else None
