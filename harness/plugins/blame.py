"""Whose fault an exception is: what a plug-in from elsewhere raises is said with its name and place."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb
from types import FrameType

from harness.base.errors import HarnessError, one_line
from harness.plugins.entry_points import entry_points
from harness.plugins.kinds import KINDS
from harness.plugins.protocols.plugin import Plugin
from harness.plugins.source_code import FILE_PREFIX


class PluginFailed(HarnessError):
    """A plug-in from elsewhere has raised what it should not, or has asked the process to end."""


@contextmanager
def blamed() -> Iterator[None]:
    """Inside, an exception out of the code of a plug-in from elsewhere becomes one line about it.

    Raises:
        PluginFailed: with the plug-in, the place in its code and its exception.
    """
    try:
        yield
    except HarnessError:
        raise
    except (Exception, SystemExit) as error:
        who = _at_fault(error)
        if who is None:
            raise
        raise PluginFailed(f"{who}: {one_line(error)}") from error


def _at_fault(error: BaseException) -> str | None:
    """The innermost plug-in from elsewhere that ``error`` has come through, and the line; None where there is none."""
    found = [(frame, line) for frame, line in walk_tb(error.__traceback__) if _is_foreign(frame)]
    if not found:
        return None
    frame, line = found[-1]
    place = f"{Path(frame.f_code.co_filename).name}, line {line}"
    name = next((name for frame, _ in reversed(found) if (name := _plugin_in(frame))), "")
    return f"{name} ({place})" if name else f"plug-in {place}"


def _is_foreign(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__", ""))
    return module.startswith(FILE_PREFIX) or module.partition(".")[0] in _packages()


def _packages() -> set[str]:
    """The packages that offer plug-ins by entry points."""
    points = (point for kind in KINDS.values() for point in entry_points(kind.group))
    return {point.value.partition(":")[0].partition(".")[0] for point in points} - {"harness"}


def _plugin_in(frame: FrameType) -> str:
    """Kind and name of the plug-in whose method a frame runs."""
    here = frame.f_locals.get("self", frame.f_locals.get("cls"))
    plugin = here if isinstance(here, type) else type(here)
    if not issubclass(plugin, Plugin):
        return ""
    kinds = [kind.name for kind in KINDS.values() if kind.is_code and issubclass(plugin, kind.base_class())]
    return f"{kinds[0]} '{plugin.name}'" if kinds else ""
