"""What shells offer for the values of options: what can be chosen, found without importing what it names.

A shell asks while somebody types: where nothing can be found, nothing is offered and nothing is said.
"""

import shlex
from collections.abc import Callable, Iterable

import typer

CHOSEN = ("method", "dataset", "group")
"""Options that decide which keys a spec has."""


def names_of(kind: str) -> Callable[[str], Iterable[str]]:
    """Offers the names of a kind of plug-in, those of files that were given before among them."""

    def offered(incomplete: str) -> Iterable[str]:
        from harness.base.errors import HarnessError
        from harness.plugins.registry import registry

        try:
            return registry.names(kind)
        except HarnessError:  # a home folder that cannot be, say, of which the command itself will tell
            return ()

    return offered


def kinds(incomplete: str) -> Iterable[str]:
    """Offers the kinds of plug-ins."""
    from harness.plugins.kinds import KINDS

    return KINDS


def listed(incomplete: str) -> Iterable[str]:
    """Offers what ``harness list`` takes."""
    from harness.cli.list_command import CHECKPOINTS, sections

    return [*sections(), CHECKPOINTS]


def runs(context: typer.Context, incomplete: str) -> Iterable[tuple[str, str]]:
    """Offers ids of runs that have been measured, with their names; the newest first."""
    from harness.base.errors import HarnessError
    from harness.track.recent_runs import recent_runs
    from harness.track.run_names import LAST

    try:
        found = recent_runs(context.params.get("tracking_uri"), incomplete)
    except HarnessError:
        return ()
    return [(LAST, "the newest"), *found]


def assignments(context: typer.Context, incomplete: str) -> Iterable[str]:
    """Offers the keys of a run's spec with the values that they have."""
    from harness.base.errors import HarnessError
    from harness.spec.build import build_spec
    from harness.spec.command_line import assigned

    chosen = {name: value for name in CHOSEN if (value := context.params.get(name))}
    try:
        texts = {key: assigned(key, value) for key, value in build_spec(chosen).options().items()}
    except HarnessError:
        return ()
    return [text if shlex.quote(text) == text else f"{key}=" for key, text in texts.items()]
