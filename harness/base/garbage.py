"""How often Python looks for garbage in cycles: seldom while modules are imported, which make objects by the million.

They leave hardly any garbage, and each look goes through all that there is: a third of the time until a run trains.
"""

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (100_000, 50, 100)
"""For :func:`gc.set_threshold`: so many objects more than there were, and so many looks of each younger kind."""


class _Usual:
    """What holds otherwise, while it does not."""

    thresholds: tuple[int, int, int] | None = None


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Until the end, or until :func:`collect_as_usual`: what trains makes garbage that holds tensors."""
    _Usual.thresholds = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        if _Usual.thresholds is not None:
            gc.set_threshold(*_Usual.thresholds)
            _Usual.thresholds = None


def collect_as_usual() -> None:
    """End :func:`seldom_collected`, where it holds; what there is by then, modules above all, is looked at no more."""
    if _Usual.thresholds is not None:
        if not gc.get_freeze_count():
            gc.freeze()
        gc.set_threshold(*_Usual.thresholds)
        _Usual.thresholds = None


def leave_at_once() -> None:
    """Have the interpreter look for garbage once in the end, which closes files it holds, and not several times."""
    atexit.register(gc.freeze)
    atexit.register(gc.collect)  # what was registered last is called first
