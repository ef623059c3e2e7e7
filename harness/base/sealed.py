"""Files written whole or not at all, and sealed ones, as in the cache, that tell whether they are what was written."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from harness.base.full_disk import disk_full
from harness.base.messages import Say
from harness.base.sharing import make_file, make_folder

SEAL_BYTES = 32
PROBE_BYTES = 2**16


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new file beside ``path``, to be written; in the end it takes its place, and where that fails nothing is left.

    Two writers cannot mix, and who reads meanwhile reads what was there before. Who may read the file is what the umask
    and a shared folder say, not what a temporary file's owner alone may.

    Raises:
        OSError: where it cannot be written; it names ``path``, or the folder that cannot be made.
    """
    temporary = path.parent / f".{path.name}-{secrets.token_hex(8)}"
    try:
        make_folder(path.parent)
        make_file(temporary)
        try:
            with _told_by_the_system(temporary):
                yield temporary
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        if error.filename in (None, str(temporary)):  # a write names none
            error.filename, error.filename2 = str(path), None
        raise


@contextmanager
def _told_by_the_system(file: Path) -> Iterator[None]:
    """Libraries do not always say why a file could not be written ("transport error"); then the system is asked.

    Raises:
        OSError: the system's own, where the file cannot be written any further.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, OSError) or error.errno is None:
            with file.open("ab") as stream:
                stream.write(bytes(PROBE_BYTES))
        raise


@contextmanager
def together() -> Iterator[Callable[[Path], Path]]:
    """Several files, each by :func:`replacing`: they take their places when all have been written, or none does."""
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(replacing(path))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file by :func:`replacing` it.

    Raises:
        OSError: where that cannot be done; it names ``path``.
    """
    with replacing(path) as file:
        file.write_bytes(content)


def write_sealed(path: Path, content: bytes) -> None:
    """Write a file whole, with a checksum after its content."""
    write_whole(path, content + _seal(content))


def read_sealed(path: Path) -> bytes | None:
    """The content of a sealed file; None where the file is not what was written."""
    sealed = path.read_bytes()
    content, seal = sealed[:-SEAL_BYTES], sealed[-SEAL_BYTES:]
    return content if seal == _seal(content) else None


def read_cached(path: Path, say: Say) -> bytes | None:
    """The content of a sealed file in the cache; None where it is not there, or cannot be used, which is said."""
    try:
        content = read_sealed(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:  # another account's, say
        say(f"{path} cannot be read ({error.strerror or error}): it is computed again")
        return None
    if content is None:
        say(f"{path} is damaged: it is computed again")
    return content


def write_cached(path: Path, content: bytes, say: Say, what: str) -> None:
    """Seal a file in the cache; where that cannot be done, it is said that ``what`` is not cached."""
    try:
        write_sealed(path, content)
    except OSError as error:
        say(f"{what} are not cached: {disk_full(error) or error}")


def _seal(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=SEAL_BYTES).digest()
