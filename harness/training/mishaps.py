"""What can befall the arithmetic of a training, as one line that names the options to look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from harness.base.errors import HarnessError, as_given, one_line
from harness.base.sizes import size_options
from harness.domain.ranking import NotFinite

_TOO_LARGE = (
    "allocate memory",
    "out of memory",
    "array is too big",
    "Unable to allocate",
    "Storage size calculation overflowed",
    "multiplication overflow",
)
"""What libraries say, under whichever type, where memory does not suffice."""
_NO_NUMBER = (
    "overflow",
    "singular",
    "infs or NaNs",
    "inf, nan",
    "NaN",
    "ill-conditioned",
    "diagonal element",
    "converge",
)
"""What they say where numbers leave their range, or a system of equations has no solution."""


class Ended(HarnessError):
    """The training has come to an end that is not a result: there is nothing to go on with."""


class Diverged(Ended):
    """Its numbers have left what can be reckoned with."""


class TooLarge(Ended):
    """It needs more memory than there is."""


@contextmanager
def mishaps(name: str, options: BaseModel) -> Iterator[None]:
    """Inside, the method called ``name`` is prepared, trained and asked for scores.

    Args:
        options: its own

    Raises:
        TooLarge: where memory does not suffice, with the options that decide on it.
        Diverged: where a number leaves the range of its type or a system of equations cannot be solved, with the
            options that are not at their defaults.
    """
    try:
        yield
    except NotFinite as error:
        raise Diverged(f"{name} diverged: {error}{look_at(options)}") from error
    except (MemoryError, ArithmeticError, RuntimeError, ValueError) as error:
        said = one_line(error)[:200]
        if isinstance(error, MemoryError) or any(words in said for words in _TOO_LARGE):
            decisive = [f"config.{key}={value}" for key, value in size_options(options).items()]
            advice = f"what decides on it: {', '.join(decisive)}" if decisive else "a smaller data set may do"
            raise TooLarge(f"{name} needs more memory than there is: {advice} ({said})") from error
        if isinstance(error, ArithmeticError) or any(words in said for words in _NO_NUMBER):
            raise Diverged(f"{name} diverged: {said}{look_at(options)}") from error
        raise


def look_at(options: BaseModel) -> str:
    """The options that are not at their defaults, for a message; what usually helps where there are none."""
    fields = type(options).model_fields
    changed = {key: getattr(options, key) for key in fields}
    unusual = [
        f"config.{key}={as_given(value)} (usually {as_given(fields[key].get_default(call_default_factory=True))})"
        for key, value in changed.items()
        if _is_number(value) and value != fields[key].get_default(call_default_factory=True)
    ]
    return f"; look at {', '.join(unusual)}" if unusual else "; lower its rates"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
