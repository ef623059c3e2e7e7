"""Tables of options, from the classes that hold them; and of what a failed training shows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from harness.plugins import SearchRange
from harness.runs.diagnosis.signatures import SIGNATURES
from harness.spec.run_spec import RunSpec

_LIMITS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "min_length": "length ≥", "max_length": "length ≤"}


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [headings, ["---"] * len(headings), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def code(text: str) -> str:
    """``text`` as it is."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def options(
    config: type[BaseModel],
    prefix: str,
    searched: Mapping[str, SearchRange] | None = None,
    without: tuple[str, ...] = (),
) -> str:
    """A row for each option of ``config``: key, default, meaning; and the range that studies search, where any."""
    found = {name: field for name, field in config.model_fields.items() if name not in without}
    if not found:
        return "No options.\n"
    rows = [
        (code(f"{prefix}{name}"), default(field), _meaning(field, (searched or {}).get(name)))
        for name, field in found.items()
    ]
    return table(("option", "default", "meaning"), rows)


def default(field: FieldInfo) -> str:
    """What holds where nothing is said, as ``--set`` takes it."""
    if field.is_required():
        return "must be said"
    value = field.get_default(call_default_factory=True, validated_data={})
    return code(json.dumps(value, ensure_ascii=False, default=_plain))


def spec_options() -> str:
    """Every key of a run's spec, table by table."""
    own, parts = [], []
    for name, field in RunSpec.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.model_fields and name != "rerank":
            parts.append(f"## `{name}`\n\n{_first(kind.__doc__)}\n\n{options(kind, f'{name}.')}")
        else:
            own.append((code(name), default(field), _meaning(field, None)))
    return "## The run itself\n\n" + table(("option", "default", "meaning"), own) + "\n" + "\n".join(parts)


def signatures() -> str:
    """A question and an answer for each way in which a training fails."""
    return "\n".join(
        f"### A run says `{name}`\n\n{found.meaning[0].upper()}{found.meaning[1:]}. {found.remedy}\n"
        for name, found in SIGNATURES.items()
    )


def _meaning(field: FieldInfo, searched: SearchRange | None) -> str:
    said = [field.description or ""]
    if one_of := choices(field.annotation):
        said.append("one of " + ", ".join(code(str(choice)) for choice in one_of))
    said += [f"{sign} {limit:g}" for name, sign in _LIMITS.items() if (limit := _limit(field, name)) is not None]
    if searched is not None:
        said.append(f"searched: {_range(searched)}")
    return "; ".join(part for part in said if part)


def _limit(field: FieldInfo, name: str) -> Any:
    return next((getattr(rule, name) for rule in field.metadata if getattr(rule, name, None) is not None), None)


def choices(annotation: Any) -> tuple[Any, ...]:
    """The values that a type names, where it names them."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for part in get_args(annotation) if (found := choices(part))), ())


def _range(searched: SearchRange) -> str:
    if searched.choices:
        return ", ".join(code(str(choice)) for choice in searched.choices)
    return f"{searched.low:g} … {searched.high:g}{', logarithmically' * searched.log}"


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)


def _first(text: str | None) -> str:
    return (text or "").strip().split("\n\n")[0]
