"""Values as studies declare them: overrides of a spec, and lists of which nothing is meant twice."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from harness.base.errors import BadInput
from harness.base.trees import nested
from harness.spec.selection import parse


def _one_tree(values: dict[str, Any]) -> dict[str, Any]:
    try:
        nested(values)
    except BadInput as error:
        raise ValueError(str(error)) from None
    return values


def each_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """What is run twice would be counted twice."""
    for number, value in enumerate(values):
        if value in values[:number]:
            raise ValueError(f"{value!r} is given twice")
    return values


def _rule(text: str) -> str:
    return str(parse(text)) if text else ""


Overrides = Annotated[dict[str, Any], AfterValidator(_one_tree)]
"""Values of the run's spec, by dotted key."""
Point = Overrides
Values = Annotated[tuple[Any, ...], Field(min_length=1), AfterValidator(each_once)]
"""What a key takes, one after the other."""
Names = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(each_once)]
Seeds = Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1), AfterValidator(each_once)]
Rule = Annotated[str, AfterValidator(_rule)]
"""A selection rule; empty where none is said."""
Rules = Annotated[tuple[Rule, ...], AfterValidator(each_once)]
