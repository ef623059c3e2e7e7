"""``harness run``: one run, or with ``--study`` many."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from harness.cli import completion
from harness.cli.completion import names_of
from harness.cli.parameters import (
    AsJson,
    CheckpointEvery,
    Cluster,
    DataFolder,
    Experiment,
    Home,
    KeepModel,
    Offline,
    Plain,
    Plugins,
    Quiet,
    Threads,
    TrackingUri,
)
from harness.console.echo import echo, show_at_once
from harness.study.limits import MOST_JOBS, MOST_SEEDS, MOST_TRIALS

if TYPE_CHECKING:
    from harness.publish.study_report import StudyResult
    from harness.study.archive import Archive


def run(
    asked: typer.Context,
    method: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Training method: see 'harness list methods'.", autocompletion=names_of("method")
        ),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Data set: see 'harness list datasets'.", autocompletion=names_of("dataset")),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Grouping to train on: see 'harness list groupings'.",
            autocompletion=names_of("grouping"),
        ),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Text encoder: a registered one, a sentence-transformers name or a folder.",
            autocompletion=names_of("encoder"),
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.")] = None,
    spec: Annotated[
        Path | None, typer.Option("--spec", metavar="FILE", help="Spec in a TOML or JSON file; flags and --set win.")
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Any key of the spec, for example config.eta=0.001; wins; repeatable.",
            autocompletion=completion.assignments,
        ),
    ] = None,
    study: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Run a study: see 'harness list studies', or the path of a .toml file.",
            autocompletion=names_of("study"),
        ),
    ] = None,
    budget: Annotated[
        Literal["smoke", "default", "full"] | None, typer.Option(help="How much of a study to run.")
    ] = None,
    trials: Annotated[
        int | None, typer.Option(min=1, max=MOST_TRIALS, help="Trials of a study, instead of its budget's.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, max=MOST_SEEDS, help="Seeds of a study (0, 1, …), instead of its budget's.")
    ] = None,
    jobs: Annotated[
        int, typer.Option(min=1, max=MOST_JOBS, help="Runs of a study at once, each in a process of its own.")
    ] = 1,
    cluster: Cluster = None,
    overwrite: Annotated[
        Literal["never", "only-missing", "always"],
        typer.Option(
            help="Runs of a study on record: kept whatever code made them, kept where code agrees, made anew."
        ),
    ] = "only-missing",
    storage: Annotated[
        str | None, typer.Option(metavar="URL", help="Optuna's database  [default: SQLite in the home folder].")
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Exported records of a study: runs that are in them are not made again."),
    ] = None,
    data: DataFolder = None,
    tracking_uri: TrackingUri = None,
    experiment: Experiment = None,
    home: Home = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:N or mps  [default: auto].")] = None,
    threads: Threads = None,
    force: Annotated[
        bool, typer.Option("--force", help="Train from the first epoch although such a run is finished or interrupted.")
    ] = False,
    checkpoint_every: CheckpointEvery = None,
    keep_model: KeepModel = True,
    register: Annotated[
        str | None, typer.Option(metavar="NAME", help="Register the run's model in MLflow under this name.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Train nothing: show the spec, what is on record, seconds and memory.")
    ] = False,
    offline: Offline = False,
    plugin: Plugins = None,
    plain: Plain = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Train a method, measure it, record it in MLflow; with --study many, and a report."""
    if not any(_is_given(asked, name) for name in asked.params):
        typer.echo(asked.get_help())
        return
    if not (quiet or as_json):
        show_at_once("starting ...")
    from harness.base.errors import BadInput
    from harness.base.trees import merged, parse_assignments
    from harness.console.open import open_console
    from harness.runs.context import CHECKPOINT_SECONDS, Context
    from harness.spec.build import build_spec, read_spec_file
    from harness.spec.run_spec import RunSpec
    from harness.study.study_files import study_name
    from harness.study.study_spec import load_study
    from harness.track import open_tracker

    of_studies = {"--budget": budget, "--trials": trials, "--seeds": seeds, "--storage": storage, "--archive": archive}
    of_studies |= {
        "--cluster": cluster,
        "--jobs": jobs != 1 or None,
        "--overwrite": overwrite != "only-missing" or None,
    }
    if study is None and (given := [flag for flag, value in of_studies.items() if value is not None]):
        raise BadInput(f"{given[0]} belongs to a study: add --study NAME (see 'harness list studies')")
    flags: dict[str, Any] = {
        "method": method,
        "dataset": dataset,
        "group": group,
        "encoder": _given(name=encoder),
        "seed": seed,
        "compute": _given(device=device, threads=threads),
    }
    tree = merged({} if spec is None else read_spec_file(spec), _given(**flags))
    tree = merged(tree, parse_assignments(assignments or []))
    name = None if study is None else study_name(study)
    plan = build_spec(tree) if study is None else load_study(study)  # what is wrong is found before a store is opened
    kept = None if archive is None else _archive(archive)
    context = Context(
        open_tracker(tracking_uri, experiment),
        data_folder=data,
        offline=offline,
        storage=storage,
        checkpoint_every=CHECKPOINT_SECONDS if checkpoint_every is None else checkpoint_every,
        keep_models=keep_model,
    )
    if register is not None:
        from harness.runs.fitted.registration import check_registration, register_model

        check_registration(register, context.tracker, of_study=study is not None, kept=keep_model)
    with open_console(plain, quiet=quiet, as_json=as_json) as observer, context.tracker:
        if isinstance(plan, RunSpec) and dry_run:
            from harness.cli.show_dry_run import show_run

            show_run(plan, context.watched_by(observer), force=force, quiet=quiet, as_json=as_json)
        elif dry_run and not isinstance(plan, RunSpec):
            from harness.cli.show_dry_run import show_study

            much: dict[str, Any] = {"budget": budget or "default", "seeds": seeds, "trials": trials, "jobs": jobs}
            watched = context.watched_by(observer)
            show_study(str(name), plan, tree, watched, much, cluster=cluster, quiet=quiet, as_json=as_json)
        elif isinstance(plan, RunSpec):
            from harness.runs.run import run as run_once

            done = run_once(plan, context.watched_by(observer), force=force)
        else:
            from harness.publish.run_study import run_study

            made = run_study(
                str(name),
                plan,
                tree,
                context.watched_by(observer),
                budget=budget or "default",
                seeds=seeds,
                trials=trials,
                overwrite="always" if force else overwrite,
                jobs=jobs,
                cluster=cluster,
                archive=kept,
            )
            _tell_of_study(made, quiet, as_json)
    if register is not None and not dry_run:  # the run is where it belongs
        register_model(context.tracker, done.id, register, partial(echo, err=quiet or as_json))


def _tell_of_study(made: "StudyResult", quiet: bool, as_json: bool) -> None:
    """What programs need to go on: lines have said it where they are not left out."""
    runs = [record.finished for record in made.records.runs]
    told = {"run": made.id, "report": str(made.folder / "report.html"), "finished": sum(runs)}
    if as_json:
        from harness.console.quiet import print_json

        print_json({"study": made.records.study, **told, "failed": len(runs) - sum(runs)})
    elif quiet:
        echo(str(told["report"]))


def _is_given(asked: typer.Context, name: str) -> bool:
    """Whether the command line or the environment says it."""
    source = asked.get_parameter_source(name)
    return source is not None and source.name not in ("DEFAULT", "DEFAULT_MAP")


def _archive(folder: Path) -> "Archive":
    """Runs that need not be made."""
    from harness.study.archive import Archive
    from harness.study.records import read_records

    return Archive.of(read_records(folder))


def _given(**values: Any) -> dict[str, Any]:
    """Those that the user gave."""
    return {key: value for key, value in values.items() if value is not None and value != {}}
