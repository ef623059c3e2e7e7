"""``harness run … --dry-run``: what a run or a study would do."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from harness.console.echo import echo

if TYPE_CHECKING:
    from harness.runs.context import Context
    from harness.spec.run_spec import RunSpec
    from harness.study.study_spec import GridSpec, SearchSpec


def show_run(spec: "RunSpec", context: "Context", *, force: bool, quiet: bool, as_json: bool) -> None:
    """Tell of one run: as lines, as the shortest of them, or as JSON."""
    from harness.console.dry_run_lines import dry_run_lines, in_short
    from harness.runs.estimate.dry_run import dry_run

    found = dry_run(spec, context, force=force, whole_process=True)
    context.observer.close()
    _tell(found.tree, as_json, [in_short(found)] if quiet else dry_run_lines(found))


def show_study(
    name: str,
    study: "GridSpec | SearchSpec",
    tree: Mapping[str, Any],
    context: "Context",
    how_much: Mapping[str, Any],
    *,
    cluster: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Tell of a study, in the same ways; ``how_much`` of it, as :func:`dry_study` takes it."""
    from harness.base.errors import BadInput
    from harness.console.dry_run_lines import dry_study_lines, study_in_short
    from harness.study.estimate.dry_study import dry_study

    if cluster is not None:
        raise BadInput("--dry-run reckons with --jobs: how many workers a cluster has is not known before")
    found = dry_study(name, study, tree, context, **how_much, whole_process=True)
    context.observer.close()
    _tell(found.tree, as_json, [study_in_short(found)] if quiet else dry_study_lines(found))


def _tell(tree: Mapping[str, Any], as_json: bool, lines: Iterable[str]) -> None:
    if as_json:
        from harness.console.quiet import print_json

        print_json(tree)
        return
    for line in lines:
        echo(line)
