"""The entry point: every failure that a user can act on is one line and an exit code.

1: failed. 2: bad input. 3: done, and not yet recorded where it is to be. Tracebacks are shown where ``--debug`` is
given, before or after the command, or ``HARNESS_DEBUG=1`` is set; else what nobody foresaw is one line as well.
"""

import errno
import os
import shlex
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.main import get_command

from harness.base import interrupts
from harness.base.errors import SHORT, HarnessError, one_line
from harness.base.full_disk import disk_full
from harness.base.garbage import leave_at_once, seldom_collected
from harness.base.printable import printable
from harness.base.version import __version__
from harness.cli import cluster_command as cluster
from harness.cli import compare_command as compare
from harness.cli import data_command as data
from harness.cli import doctor_command as doctor
from harness.cli import evaluate_command as evaluate
from harness.cli import list_command as listing
from harness.cli import plugin_command as plugin
from harness.cli import recommend_command as recommending
from harness.cli import report_command as report
from harness.cli import results_command as results
from harness.cli import run_command as run
from harness.cli import sync_command as sync
from harness.cli import ui_command as ui
from harness.cli.arguments import check_arguments, check_working_directory
from harness.cli.help_page import HelpPage
from harness.cli.typer_private import UsageError

leave_at_once()
INTERRUPTED = 130
DEBUG, DEBUG_VARIABLE = "--debug", "HARNESS_DEBUG"

app = typer.Typer(
    help="A benchmark harness for fairness in LLM-enhanced recommender systems.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command(cls=HelpPage, name="run")(run.run)
app.command(cls=HelpPage, name="evaluate")(evaluate.evaluate)
app.command(cls=HelpPage, name="compare")(compare.compare)
app.command(cls=HelpPage, name="recommend")(recommending.recommend)
app.command(cls=HelpPage, name="export-vectors")(recommending.export_vectors)
app.command(cls=HelpPage, name="report")(report.report)
app.command(cls=HelpPage, name="export")(report.export)
app.add_typer(results.app, name="results")
app.command(cls=HelpPage, name="list")(listing.list_)
app.add_typer(data.app, name="data")
app.add_typer(plugin.app, name="plugin")
app.add_typer(cluster.app, name="cluster")
app.command(cls=HelpPage, name="sync")(sync.sync)
app.command(cls=HelpPage, name="ui")(ui.ui)
app.command(cls=HelpPage, name="doctor")(doctor.doctor)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
    debug: Annotated[  # of every command, so taken out of the arguments before they are read
        bool,
        typer.Option(DEBUG, help=f"Show where an error comes from; also after the command, or {DEBUG_VARIABLE}=1."),
    ] = False,
) -> None:
    if version:
        typer.echo(f"bifair-harness {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without "·" gets "?" instead of a traceback
    interrupts.install()
    given = sys.argv[1:] if arguments is None else list(arguments)
    asked = [argument for argument in given if argument != DEBUG]
    try:
        with seldom_collected():
            outcome = _outcome(asked)
    except KeyboardInterrupt:
        outcome = INTERRUPTED
    except BrokenPipeError:  # whoever reads our output has seen enough; nothing more can be written, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except Exception as error:  # noqa: BLE001 - the last place before a traceback, which is for those who ask for it
        if asked != given or os.environ.get(DEBUG_VARIABLE) == "1":
            traceback.print_exc()
        return _reported(error)
    return _interrupted(given) if outcome == INTERRUPTED else outcome


def _outcome(arguments: Sequence[str]) -> int:
    """Carry the command out; its exit code."""
    from harness.plugins.blame import blamed

    check_working_directory()
    check_arguments(arguments)
    with blamed():
        outcome = get_command(app).main(args=arguments, prog_name="harness", standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


def _reported(error: Exception) -> int:
    """Say in one line what ended the command; the exit code."""
    error = disk_full(error) or error
    if isinstance(error, HarnessError):
        return _fail(str(error), error.exit_code)
    if isinstance(error, UsageError):
        return _fail(f"{error.format_message()}  (see --help)", 2)  # type: ignore[attr-defined]
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:  # which only names that were given can be
        return _fail(f"{str(error.filename)[:SHORT]}…: {error.strerror}", 2)
    if isinstance(error, MemoryError):
        return _fail(f"memory does not suffice: {one_line(error)}", 1)
    return _fail(f"unexpected {one_line(error)}: this is a fault of the harness; {DEBUG} shows where", 1)


def _fail(message: str, code: int) -> int:
    print(printable(f"error: {' '.join(message.split())}"), file=sys.stderr)
    return code


def _interrupted(arguments: Sequence[str]) -> int:
    """What is said at the end that was asked for: training goes on by the same command, except by one that forces."""
    code = _fail("interrupted", interrupts.exit_code())
    if list(arguments)[:1] == ["run"]:
        again = [argument for argument in arguments if argument != "--force"]
        print(printable(f"go on with: harness {shlex.join(again)}"), file=sys.stderr)
    return code
