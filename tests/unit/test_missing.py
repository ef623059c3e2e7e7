"""What a test needs and cannot be had: skipped on anybody's machine, a failure where nothing may be missing."""

from collections.abc import Callable
from typing import NoReturn

import pytest


@pytest.mark.parametrize(
    ("required", "outcome"), [("1", pytest.fail.Exception), ("0", pytest.skip.Exception), (None, pytest.skip.Exception)]
)
def test_the_variable_decides(
    required: str | None,
    outcome: type[BaseException],
    missing: Callable[[str], NoReturn],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("HARNESS_REQUIRE_DATA", raising=False)
    if required is not None:
        monkeypatch.setenv("HARNESS_REQUIRE_DATA", required)
    with pytest.raises(outcome, match="no films"):
        missing("no films")
