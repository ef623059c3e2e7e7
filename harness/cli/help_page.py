"""Help of a command: its options in groups, each readable at 80 columns, and examples that can be pasted."""

from collections.abc import Iterable
from typing import Any

import typer
from typer.core import TyperCommand

from harness.cli.examples import EXAMPLES, OF_A_RUN

ARGUMENTS, OPTIONS = "Arguments", "Options"
RUN = "run"
"""The command that has examples below each heading."""
PANELS = {
    "What": (
        "method",
        "dataset",
        "group",
        "encoder",
        "seed",
        "spec",
        "fairness",
        "assignments",
        "plugin",
        "force",
        "dry_run",
    ),
    "Study": ("study", "budget", "trials", "seeds", "overwrite", "storage", "archive"),
    "Where": ("data", "tracking_uri", "experiment", "home", "keep_model", "register"),
    "Machine": ("device", "threads", "jobs", "cluster", "checkpoint_every", "hours", "offline"),
}
"""Which options stand under which heading; all others are options and nothing more."""
_HEADINGS = {name: heading for heading, names in PANELS.items() for name in names}


class HelpPage(TyperCommand):
    """A command whose help is grouped. Typer's own panels need rich, which takes longer than all else that help does.

    Contexts and formatters are of Typer's own copy of Click, which has no public name.
    """

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, then the groups, then the other options."""
        sections: dict[str, list[tuple[str, str]]] = {heading: [] for heading in (ARGUMENTS, *PANELS, OPTIONS)}
        for parameter in self.get_params(ctx):
            is_option = parameter.param_type_name == "option"
            heading = _HEADINGS.get(parameter.name or "", OPTIONS) if is_option else ARGUMENTS
            if (record := parameter.get_help_record(ctx)) is not None:
                sections[heading].append(record)
        for heading, records in sections.items():
            if records:
                with formatter.section(typer.style(heading, bold=True)):
                    formatter.write_dl(records)
                    if _words(ctx) == RUN and heading in OF_A_RUN:
                        formatter.write_paragraph()
                        _write(formatter, OF_A_RUN[heading])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples, unless they stand below what they are of."""
        if _words(ctx) != RUN and (examples := EXAMPLES.get(_words(ctx))):
            with formatter.section(typer.style("Examples", bold=True)):
                _write(formatter, examples)


def _words(ctx: Any) -> str:
    """Those of the command."""
    return str(ctx.command_path.partition(" ")[2])


def _write(formatter: Any, examples: Iterable[str]) -> None:
    """Each as it is, whatever its length."""
    formatter.write("".join(f"  {line}\n" for line in examples))
