"""Errors as one line, and names as people spell them."""

import pytest

from harness.base.errors import BadInput, folded, nearest, one_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (BadInput("for users:\n  as it is"), "for users: as it is"),
        (BadInput(), "BadInput"),
        (ValueError("for\tprogrammers"), "ValueError: for programmers"),
        (KeyError("k"), "KeyError: 'k'"),
        (OSError(), "OSError"),
        (SystemExit(3), "SystemExit: 3"),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_an_error_is_one_line(error: BaseException, line: str) -> None:
    assert one_line(error) == line


def test_case_and_dashes_do_not_distinguish_names() -> None:
    assert folded("Group_DRO") == folded("group-dro") == "group-dro"
    assert nearest("GROUP-DR", ["group_dro", "bifair"]) == "group_dro"
    assert nearest("zzz", ["group_dro", "bifair"]) is None
