"""What is asked of every command line, before anybody knows which command it is."""

import os
from collections.abc import Sequence

from harness.base.errors import BadInput


def check_arguments(arguments: Sequence[str]) -> None:
    """No argument means anything that is blank: ``--home "$UNSET"`` is none for the working directory.

    Raises:
        BadInput: for a blank one, and for one with a character that no name can have.
    """
    for before, argument in zip(["", *arguments], arguments, strict=False):
        option, equals, value = argument.partition("=")
        named = equals and option.startswith("--")
        if not (value if named else argument).strip():
            where = option if named else before if before.startswith("-") else "an argument"
            raise BadInput(f"{where}: a value is needed, not {(value if named else argument)!r}")
        if "\0" in argument:
            raise BadInput(f"{argument!r}: no name has the character NUL in it")


def check_working_directory() -> None:
    """Relative names mean nothing without it, and libraries end the process in ways of their own.

    Raises:
        BadInput: where it has been removed.
    """
    try:
        os.getcwd()
    except OSError as error:
        raise BadInput(f"the working directory is not there any more ({error.strerror}): change into another") from None
