"""Variables of the environment, set for a while."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def variables(values: Mapping[str, str]) -> Iterator[None]:
    """Inside, the environment has these values; afterwards it is as it was."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@contextmanager
def left_as_they_are(*beginnings: str) -> Iterator[None]:
    """Afterwards the variables whose names begin so are as they were, whatever a library has set them to."""
    before = {name: value for name, value in os.environ.items() if name.startswith(beginnings)}
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith(beginnings)]:
            del os.environ[name]
        os.environ.update(before)
