"""Errors as interface: one line that says what is wrong, where, and what to do instead."""

import difflib
from collections.abc import Iterable

from harness.base.printable import printable

SHORT = 60
"""Characters of a value that a message repeats."""
LONG = 200
"""Characters of a name; no longer one can be meant."""


class HarnessError(Exception):
    """A failure the user can act on; the command line prints its one line and exits with ``exit_code``.

    >>> import harness as h
    >>> issubclass(h.BadInput, h.HarnessError)
    True
    """

    exit_code = 1

    def __str__(self) -> str:
        """One line, also where what is wrong is quoted and has several; names and values in it steer no terminal."""
        return printable(" ".join(super().__str__().split()))


class BadInput(HarnessError):
    """The request itself is wrong: nothing has been started, nothing is half-written.

    >>> import harness as h
    >>> try:
    ...     h.build_spec({"method": "bifare"})
    ... except h.BadInput as error:
    ...     print(error)
    unknown method 'bifare': did you mean 'bifair'?
    """

    exit_code = 2


class Unavailable(HarnessError):
    """Something the run needs (a file, a model, a server) cannot be reached or is damaged."""

    exit_code = 2


def one_line(error: BaseException) -> str:
    """An error as one line, named by its type unless it was written for users."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    text = " ".join(str(error).split())
    return text if isinstance(error, HarnessError) and text else f"{type(error).__name__}: {text}".removesuffix(": ")


def as_given(value: object) -> str:
    """A value that is not what was asked for, for a message: itself where it is short, else its kind."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    text = repr(value)
    return text if len(text) <= SHORT and "\n" not in text else f"a value of type {type(value).__name__}"


def folded(name: str) -> str:
    """What two spellings of one name have in common: case, - and _ do not matter."""
    return name.casefold().replace("_", "-")


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The choice closest to ``name``, or None where none is similar."""
    spelt = {folded(candidate): candidate for candidate in choices}
    found = difflib.get_close_matches(folded(name), spelt, n=1, cutoff=0.5)
    return spelt[found[0]] if found else None


def hint(name: str, choices: Iterable[str], otherwise: str) -> str:
    """What may have been meant by ``name``: the nearest of the choices, or else ``otherwise``."""
    near = nearest(name, choices)
    return f"did you mean '{near}'?" if near else otherwise


def unknown(what: str, name: str, choices: Iterable[str]) -> BadInput:
    """An error for a name that is not among ``choices``, with the nearest one or the whole choice."""
    choices = sorted(choices)
    otherwise = f"choose from: {', '.join(choices) or '(none)'}"
    shown = name if len(name) <= LONG else f"{name[:SHORT]}…"
    return BadInput(f"unknown {what} '{shown}': {hint(name[:LONG], choices, otherwise)}")
