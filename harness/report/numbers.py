"""Numbers as reports write them for people; what is undefined is a dash."""

from math import isinf, isnan

from harness.stats.interval import MeanInterval

ABSENT = "–"
SMALLEST_P = 0.001


def number(value: float, like: float | None = None) -> str:
    """Three decimals; one of large numbers and five of small ones, judged by ``like`` where it is given."""
    if isnan(value):
        return ABSENT
    if isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value if like is None else like)
    digits = 1 if size >= 10 else 3 if size >= 0.01 or size == 0 else 5
    return _minus(f"{value:.{digits}f}")


def signed(value: float) -> str:
    """The same with its sign, as differences have one."""
    text = number(value)
    return text if text[0] in f"−{ABSENT}" or not value else f"+{text}"


def with_half(found: MeanInterval, difference: bool = False) -> str:
    """``0.279 ± 0.010``: the mean and half of its interval, as precise as the mean; one value has no interval."""
    mean = signed(found.mean) if difference else number(found.mean)
    return mean if isnan(found.low) else f"{mean} ± {number(found.high - found.mean, like=found.mean)}"


def percent(value: float) -> str:
    """A relative change in %: ``−8.9 %``."""
    text = signed(value) if isnan(value) or isinf(value) else _minus(f"{value:+.1f}")
    return text if text == ABSENT else f"{text} %"


def probability(p: float) -> str:
    """``0.012``, ``< 0.001``."""
    if isnan(p):
        return ABSENT
    return f"< {SMALLEST_P}" if p < SMALLEST_P else f"{p:.3f}"


def counted(n: int, one: str) -> str:
    """``1 run``, ``2 runs``, ``no run``."""
    return f"no {one}" if n == 0 else f"{n:,} {one if n == 1 else one + 's'}"


def _minus(text: str) -> str:
    return text.replace("-", "−")
