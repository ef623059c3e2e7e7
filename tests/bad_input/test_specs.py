"""Every key of every table of options, of the project and of its plug-ins, with every value that is none for it."""

import json
import math
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import pytest

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.base.trees import merged, nested
from harness.plugins.registry import KINDS, registry
from harness.spec.build import build_spec
from harness.spec.run_spec import RunSpec

from .conftest import BAD_VALUES

NO_INTEGERS: list[Any] = [True, "5", 2.0, 2.5, 1e23, 2**63, -(2**63), math.nan, math.inf, [1], {"a": 1}]
NO_NUMBERS: list[Any] = [True, "5", 1e300, -1e300, 1e-300, 5e-324, math.nan, math.inf, -math.inf, 10**400, [1], {}]


def options_of(kind: str, name: str) -> type[Frozen]:
    config: type[Frozen] = registry.get(kind, name).Config
    return config


def places() -> Iterator[tuple[str, dict[str, Any], type[Frozen]]]:
    """Where options are written, what else makes them mean something, and their class."""
    for part, field in RunSpec.model_fields.items():
        for kind in leaves(field.annotation):
            if isinstance(kind, type) and issubclass(kind, Frozen) and part in ("data", "training", "compute"):
                yield f"{part}.", {}, kind
    yield "", {}, RunSpec
    spec = build_spec({})
    yield "evaluation.", {}, type(spec.evaluation)
    yield "encoder.", {}, type(spec.encoder)
    for name in registry.names("method"):
        yield "config.", {"method": name}, options_of("method", name)
    for name in registry.names("dataset"):
        yield "dataset_options.", {"dataset": name}, options_of("dataset", name)
    for name in registry.names("grouping"):
        yield f"groupings.{name}.", {}, options_of("grouping", name)
    for name in registry.names("encoder"):
        yield "encoder.options.", {"encoder": {"name": name}}, options_of("encoder", name)
    for name in registry.names("reranker"):
        yield "rerank.", {"rerank": {"name": name}}, options_of("reranker", name)


def leaves(annotation: Any) -> Iterator[Any]:
    """The types in an annotation such as ``int | None`` or ``tuple[float, ...]``."""
    if get_origin(annotation) is Literal or not get_args(annotation):
        yield annotation
        return
    for part in get_args(annotation):
        yield from leaves(part)


def cases() -> list[tuple[str, dict[str, Any], Any]]:
    """Key, what goes with it, and the annotation of its field."""
    return [
        (f"{prefix}{key}", along, field.annotation)
        for prefix, along, config in places()
        for key, field in config.model_fields.items()
    ]


def built(key: str, along: dict[str, Any], value: Any) -> RunSpec | str:
    """The spec, or the line that says what is wrong with it."""
    try:
        return build_spec(merged(along, nested({key: value})))
    except BadInput as error:
        return str(error)


def test_every_kind_of_options_is_among_the_cases() -> None:
    keys = [key for key, _, _ in cases()]
    assert len(keys) > 200
    for kind in KINDS.values():
        if kind.is_code and kind.name not in ("metric", "disparity", "balancer"):
            assert registry.names(kind.name)
    assert {"config.lam", "groupings.popularity.bins", "rerank.lam", "encoder.options.dimensions"} <= {*keys}


def test_every_value_makes_a_spec_or_one_line() -> None:
    """Whatever is no BadInput fails the test by being raised."""
    tried = 0
    for key, along, _ in cases():
        for value in BAD_VALUES:
            found, tried = built(key, along, value), tried + 1
            if isinstance(found, str):
                assert len(found.splitlines()) == 1, (key, value, found)
                assert len(found) < 2000, (key, value, found)
            else:
                again = build_spec(json.loads(json.dumps(found.model_dump(mode="json"), allow_nan=False)))
                assert again.digest == found.digest, f"{key}={value!r} is not the same run when it is read again"
    assert tried > 5000


@pytest.mark.parametrize(("number", "others"), [(int, NO_INTEGERS), (float, NO_NUMBERS)], ids=["integers", "numbers"])
def test_what_is_no_number_is_refused(number: type, others: list[Any]) -> None:
    tried = 0
    for key, along, annotation in cases():
        kinds = [*leaves(annotation)]
        if number not in kinds or Any in kinds or str in kinds or get_origin(annotation) is tuple:
            continue
        for value in others:
            found, tried = built(key, along, value), tried + 1
            assert isinstance(found, str), f"{key}={value!r} is accepted"
            assert found.startswith((key, f"unknown key '{key}")), (key, value, found)
    assert tried > 200


def test_minus_zero_is_zero() -> None:
    minus, zero = (build_spec({"config": {"eta": value}}) for value in (-0.0, 0.0))
    assert isinstance(minus, RunSpec)
    assert isinstance(zero, RunSpec)
    assert minus.digest == zero.digest
