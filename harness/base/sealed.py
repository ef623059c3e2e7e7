"""Files written whole or not at all, and sealed ones that tell whether they are still what was written."""

import hashlib
import tempfile
from pathlib import Path

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


def _seal(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=SEAL_BYTES).digest()
