"""What a finished run's metrics hash to: by a tag written at its end it shows whether a store has what it was told.

Databases do not notice a bit that has changed in one of their cells. Runs of earlier versions, and those that were gone
on with after their end, carry no such tags and are taken as they are.
"""

import hashlib
from collections.abc import Iterable, Mapping

METRICS_TAG, CURVES_TAG = "digest.metrics", "digest.curves"
UNKNOWN = {METRICS_TAG: "", CURVES_TAG: ""}
"""Of a run that is gone on with after its end: whoever goes on does not know all of its values."""
_RING = 2**64


class Digests:
    """Of the values that one run has written.

    Args:
        whole: whether it sees all of the run's values, from its beginning on
    """

    def __init__(self, whole: bool = True) -> None:
        self._known = whole
        self._steps: dict[str, int] = {}
        self._last: dict[str, float] = {}
        self._curves = 0

    def add(self, name: str, value: float, step: int) -> None:
        """A value has been written. A store may order those of one step otherwise, and then nothing is promised."""
        self._known = self._known and step > self._steps.get(name, step - 1)
        self._steps[name], self._last[name] = step, value
        self._curves = (self._curves + _of_point(name, step, value)) % _RING

    def tags(self) -> dict[str, str]:
        """For the run's end; none where nothing can be promised."""
        if not self._known or not self._last:
            return {}
        parts = sorted({_part(name) for name in self._last})
        return {METRICS_TAG: " ".join([_of_metrics(self._last, parts), *parts]), CURVES_TAG: f"{self._curves:016x}"}


def metrics_are_intact(metrics: Mapping[str, float], tags: Mapping[str, str]) -> bool:
    """Whether the last values of a finished run are those that it has written, as far as its tags tell.

    What somebody has added under another name ("my/score") does not matter.
    """
    digest, *parts = tags.get(METRICS_TAG, "").split(" ")
    return not digest or digest == _of_metrics(metrics, parts)


def curves_are_intact(points: Iterable[tuple[str, int, float]], tags: Mapping[str, str]) -> bool:
    """The same of all values of the run: name, step, value."""
    parts = set(tags.get(METRICS_TAG, "").split(" ")[1:])
    total = sum(_of_point(name, step, value) for name, step, value in points if _part(name) in parts) % _RING
    return not tags.get(CURVES_TAG) or tags[CURVES_TAG] == f"{total:016x}"


def _part(name: str) -> str:
    """The first part of a name, with no blank in it."""
    return name.partition("/")[0].replace(" ", "_")


def _of_metrics(metrics: Mapping[str, float], parts: Iterable[str]) -> str:
    own = set(parts)
    lines = sorted(f"{name} {value + 0.0!r}\n" for name, value in metrics.items() if _part(name) in own)
    return hashlib.blake2b("".join(lines).encode(), digest_size=8).hexdigest()


def _of_point(name: str, step: int, value: float) -> int:
    text = f"{name} {step} {value + 0.0!r}"  # -0.0 is 0.0 to some databases
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
