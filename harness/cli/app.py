"""The entry point: every failure that a user can act on is one line and an exit code.

1: failed. 2: bad input. 3: done, and not yet recorded where it is to be.
"""

import shlex
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.main import get_command

from harness.base import interrupts
from harness.base.errors import HarnessError
from harness.base.printable import printable
from harness.base.version import __version__
from harness.cli import compare_command as compare
from harness.cli import data_command as data
from harness.cli import doctor_command as doctor
from harness.cli import evaluate_command as evaluate
from harness.cli import list_command as listing
from harness.cli import plugin_command as plugin
from harness.cli import report_command as report
from harness.cli import results_command as results
from harness.cli import run_command as run
from harness.cli import sync_command as sync
from harness.cli import ui_command as ui
from harness.cli.typer_private import UsageError

INTERRUPTED = 130

app = typer.Typer(
    help="A benchmark harness for fairness in LLM-enhanced recommender systems.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command(name="run")(run.run)
app.command(name="evaluate")(evaluate.evaluate)
app.command(name="compare")(compare.compare)
app.command(name="report")(report.report)
app.command(name="export")(report.export)
app.command(name="results")(results.results)
app.command(name="list")(listing.list_)
app.add_typer(data.app, name="data")
app.add_typer(plugin.app, name="plugin")
app.command(name="sync")(sync.sync)
app.command(name="ui")(ui.ui)
app.command(name="doctor")(doctor.doctor)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
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
    try:
        outcome = get_command(app).main(args=arguments, prog_name="harness", standalone_mode=False)
    except HarnessError as error:
        return _fail(str(error), error.exit_code)
    except UsageError as error:
        return _fail(f"{error.format_message()}  (see --help)", 2)  # type: ignore[attr-defined]
    except KeyboardInterrupt:
        outcome = INTERRUPTED
    if outcome == INTERRUPTED:
        return _interrupted(sys.argv[1:] if arguments is None else arguments)
    return outcome if isinstance(outcome, int) else 0


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
