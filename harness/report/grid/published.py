"""Published values beside measured ones, and in words what differs between the two."""

from collections.abc import Sequence
from math import nan
from typing import Any

from harness.base.errors import folded
from harness.report.document import Section, Table, Text
from harness.report.grid.arms import MeasuredArm
from harness.report.grid.columns import Column
from harness.report.grid.metric_tables import INTERVAL
from harness.report.grid.point_arms import PointArms, point_arms
from harness.report.numbers import ABSENT, number, with_half
from harness.study.records import Records
from harness.study.study_spec import GridSpec, Published

Pair = tuple[Published, PointArms | None, MeasuredArm | None]


def published_section(study: GridSpec, records: Records) -> Section | None:
    """A line per published value and point that it can be held against; None where the study declares none."""
    if not study.published:
        return None
    found = point_arms(study, records)
    pairs = [pair for value in study.published for pair in _pairs(value, found)]
    table = Table(
        "published",
        "Published values beside measured ones.",
        ("source", "variant", "metric", "published", "measured", "n", "what differs"),
        tuple(_line(*pair) for pair in pairs),
        data=[_plain(*pair) for pair in pairs],
        note=f"Measured: {INTERVAL}, test data. Published values are as their source prints them, without intervals.",
    )
    text = "Published and measured values answer the same question only where nothing differs that matters."
    return Section("Beside published values", (Text(text), table))


def _pairs(value: Published, found: Sequence[PointArms]) -> list[Pair]:
    """The measurements of its variant on its data set, else on whatever data sets it was measured on."""
    rows = [(here, arm) for here in found if (arm := here.arm(value.variant)) is not None and arm.runs]
    same = [(here, arm) for here, arm in rows if _same(value.dataset, arm.first.view.dataset)]
    return [(value, here, arm) for here, arm in same or rows] or [(value, None, None)]


def _line(value: Published, here: PointArms | None, arm: MeasuredArm | None) -> tuple[str, ...]:
    found = None if arm is None else arm.mean(_column(value, arm).key)
    return (
        value.source,
        value.variant + (f" ({here.point.name})" if here is not None and here.point.name else ""),
        value.metric if arm is None else _column(value, arm).heading,
        number(value.value),
        ABSENT if found is None else with_half(found),
        "0" if found is None else str(found.n),
        "; ".join(_differences(value, arm)),
    )


def _plain(value: Published, here: PointArms | None, arm: MeasuredArm | None) -> dict[str, Any]:
    found = None if arm is None else arm.mean(_column(value, arm).key)
    return {
        **({key: str(part) for key, part in here.point.values.items()} if here else {}),
        **value.model_dump(include={"source", "dataset", "encoder", "variant", "metric"}),
        "published": value.value,
        "measured": found.mean if found else nan,
        "low": found.low if found else nan,
        "high": found.high if found else nan,
        "n": found.n if found else 0,
        "differs": "; ".join(_differences(value, arm)),
    }


def _differences(value: Published, arm: MeasuredArm | None) -> list[str]:
    """Data set, encoder, and what the study's author noted of the protocol."""
    note = [value.note] if value.note else []
    if arm is None:
        return ["not measured here", *note]
    found = []
    if not _same(value.dataset, own := arm.first.view.dataset):
        found.append(f"data: published on {value.dataset}, measured on {own}")
    encoder = arm.first.view.encoder
    if value.encoder and not _same(value.encoder, encoder):
        found.append(f"encoder: published with {value.encoder}, measured with {encoder}")
    if arm.mean(_column(value, arm).key) is None:
        found.append(f"{_column(value, arm).key} was not measured")
    return [*found, *note] or ["nothing declared"]


def _column(value: Published, arm: MeasuredArm) -> Column:
    key = arm.first.view.metric(value.metric)
    return Column(key, key.label)


def _same(one: str, other: str) -> bool:
    """Names are the same whatever their case and dashes; an encoder's may be a path that ends in it."""
    return folded(one.rpartition("/")[2]) == folded(other.rpartition("/")[2])
