"""Options are what they are written as: ``true`` and ``"5"`` are no numbers, 2.0 is no count, 1e300 is no rate.

Pydantic would make numbers of all of these; whoever writes ``patience = true`` has meant something else.
"""

from typing import Any, cast

from pydantic_core import CoreSchema, core_schema

LARGEST_COUNT = 2**63 - 1
LARGEST, SMALLEST = 3.4e38, 1.2e-38
"""Of single precision, which models are trained in."""


def exact(schema: CoreSchema) -> CoreSchema:
    """``schema`` with every number and text in it taken as it is; in place, and a second time nothing more."""
    return cast("CoreSchema", _exact(schema))


def _exact(node: Any) -> Any:
    if isinstance(node, list):
        return [_exact(part) for part in node]
    if not isinstance(node, dict) or _is_ours(node):
        return node
    for key in node.keys() & {"schema", "fields", "items_schema", "values_schema", "keys_schema", "choices"}:
        node[key] = _exact(node[key])
    kind = node.get("type")
    if kind is None or not isinstance(kind, str):  # the fields of a model, by name
        return {name: _exact(field) for name, field in node.items()}
    if kind == "int":
        node.setdefault("strict", True)
        if not node.keys() & {"le", "lt"}:
            node["le"] = LARGEST_COUNT
        if not node.keys() & {"ge", "gt"}:
            node["ge"] = -LARGEST_COUNT
    if kind == "float":
        node.setdefault("strict", True)
        return core_schema.no_info_after_validator_function(_in_single_precision, cast("CoreSchema", node))
    if kind == "str":
        return core_schema.no_info_after_validator_function(_text, cast("CoreSchema", node))
    return node


def _is_ours(node: dict[str, Any]) -> bool:
    function = node.get("function")
    return isinstance(function, dict) and function.get("function") in (_in_single_precision, _text)


def _in_single_precision(value: float) -> float:
    """The value; 0 where it is -0, which would be another run."""
    if abs(value) > LARGEST:
        raise ValueError(f"too large a number: at most {LARGEST:g} can be reckoned with in single precision")
    if 0 < abs(value) < SMALLEST:
        raise ValueError(f"too small a number: below {SMALLEST:g} there is only 0 in single precision")
    return value + 0.0


def _text(text: str) -> str:
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("there is a NUL or half a character in it")
    return text
