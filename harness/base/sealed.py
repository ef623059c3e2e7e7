"""Files written whole or not at all, and sealed ones, as in the cache, that tell whether they are what was written."""

import hashlib
import tempfile
from pathlib import Path

from harness.base.messages import Say

SEAL_BYTES = 32


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, then rename it there: two writers cannot mix, a killed one leaves nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.stem}-", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.close()
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def write_sealed(path: Path, content: bytes) -> None:
    """Write a file whole, with a checksum after its content."""
    write_whole(path, content + _seal(content))


def read_sealed(path: Path) -> bytes | None:
    """The content of a sealed file; None where the file is not what was written."""
    sealed = path.read_bytes()
    content, seal = sealed[:-SEAL_BYTES], sealed[-SEAL_BYTES:]
    return content if seal == _seal(content) else None


def read_cached(path: Path, say: Say) -> bytes | None:
    """The content of a sealed file in the cache; None where it is not there, or is damaged, which is said."""
    if not path.is_file():
        return None
    content = read_sealed(path)
    if content is None:
        say(f"{path} is damaged: it is computed again")
    return content


def write_cached(path: Path, content: bytes, say: Say, what: str) -> None:
    """Seal a file in the cache; where that cannot be done, it is said that ``what`` is not cached."""
    try:
        write_sealed(path, content)
    except OSError as error:
        say(f"{what} are not cached: {error}")


def _seal(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=SEAL_BYTES).digest()
