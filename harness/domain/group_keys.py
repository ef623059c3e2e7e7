"""Names of groups as parts of metrics' keys; tracking stores accept letters, digits and ``_ - . space : /``."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

MAX_LENGTH = 100
_REFUSED = re.compile(r"[^\w.\-]+", re.ASCII)
_HASHED = re.compile(r"-[0-9a-f]{8}$")


def group_keys(names: Iterable[str]) -> dict[str, str]:
    """Each group's name as a part of a metric's key; no two groups share one, not even up to case.

    What stores refuse becomes ``_`` ("Children's" → ``Children_s``). A name that would collide, that leaves nothing or
    that is too long carries a hash of the original, whatever the order of ``names``.
    """
    names = list(names)
    plain = {name: _REFUSED.sub("_", name) for name in names}
    taken = Counter(key.casefold() for key in plain.values())
    return {name: key if _fine(key, taken) else _hashed(key, name) for name, key in plain.items()}


def _fine(key: str, taken: Counter[str]) -> bool:
    """Whether a key can stand as it is. Those that look hashed cannot: they might equal a hashed one."""
    unique, telling = taken[key.casefold()] == 1, bool(key.strip("._"))
    return unique and telling and len(key) <= MAX_LENGTH and not _HASHED.search(key.lower())


def _hashed(key: str, name: str) -> str:
    digest = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
    return f"{key[: MAX_LENGTH - 9]}-{digest}"
