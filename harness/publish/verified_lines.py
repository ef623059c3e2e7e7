"""What is said of runs that were trained again."""

from collections.abc import Iterator, Sequence

from harness.domain.metric_key import MetricKey
from harness.publish.verify_results import Verified
from harness.report.numbers import ABSENT, counted, number


def lines_of(verified: Verified) -> Iterator[str]:
    """The run and whether it came out, then what differs of its headline metrics, or more than it may."""
    record = verified.record
    name = ", ".join((record.variant, record.rule, record.view.dataset, record.view.group, f"seed {record.seed}"))
    word = "ok" if verified.holds else "NOT OK" if verified.made else "not made"
    yield f"{word}  {name}: {_said(verified)}"
    for key in dict.fromkeys((*(key for key in verified.different if key in verified.noise), *verified.beyond)):
        published, again = verified.different[key]
        noise = verified.noise.get(key)
        allowed = (
            "equal to the bit is asked" if verified.exact else f"noise {ABSENT if noise is None else number(noise)}"
        )
        yield f"      {MetricKey.parse(key).label}: {again:.6f}, published {published:.6f} ({allowed})"


def _said(verified: Verified) -> str:
    if verified.refused or verified.unavailable:
        return verified.refused or verified.unavailable
    if not verified.compared:
        return "no metric to compare"
    here = "code, machine and libraries agree" if verified.exact else "on other code or another machine"
    if not verified.vectors:
        here += "; the texts' vectors differ"
    if not verified.different:
        return f"{counted(verified.compared, 'metric')} equal to the bit ({here})"
    return f"{len(verified.different)} of {counted(verified.compared, 'metric')} differ ({here})"


def summary(found: Sequence[Verified]) -> str:
    """How many came out, and by which measure."""
    held = sum(verified.holds for verified in found)
    exact = sum(verified.holds and not verified.different for verified in found)
    lacking = sum(not verified.made for verified in found)
    left = f", {lacking} could not be made here" if lacking else ""
    return (
        f"{held} of {counted(len(found), 'run')} came out as published, {exact} of them to the bit{left}. Where code, "
        "machine and libraries agree every bit is to; elsewhere headline metrics are to differ by no more than two "
        "seeds of the run's arm do in 19 of 20 cases."
    )
