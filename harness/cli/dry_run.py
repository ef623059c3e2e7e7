"""``harness run … --dry-run``: what a run or a study would do."""

from typing import TYPE_CHECKING

from harness.console.echo import echo

if TYPE_CHECKING:
    from harness.runs.context import Context
    from harness.spec.run_spec import RunSpec


def show_run(spec: "RunSpec", context: "Context", *, force: bool, quiet: bool, as_json: bool) -> None:
    """Tell of one run: as lines, as the shortest of them, or as JSON."""
    from harness.base.process import seconds_since_start
    from harness.console.dry_run_lines import dry_run_lines, in_short
    from harness.console.quiet import print_json
    from harness.runs.estimate.dry_run import dry_run

    found = dry_run(spec, context, force=force, start=seconds_since_start())
    context.observer.close()
    if as_json:
        print_json(found.tree)
    elif quiet:
        echo(in_short(found))
    else:
        for line in dry_run_lines(found):
            echo(line)
