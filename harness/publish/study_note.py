"""What a study's own run says of itself on MLflow's pages: the question, on what, the result, the command."""

import shlex

from harness.base.markdown_text import escaped, fenced
from harness.base.paths import CARD_ENDING
from harness.base.trees import flatten
from harness.plugins.registry import registry
from harness.report.grid.arms import CV, NDCG, MeasuredArm, arm_names, arms_of, by_problem, heading
from harness.report.numbers import counted, number
from harness.report.search.measured_trials import observe
from harness.runs.context import Context
from harness.runs.description import NOTE_TAG, UNFINISHED, command_options
from harness.spec.command_line import assigned
from harness.study.plan import GridPlan
from harness.study.records import Records
from harness.study.search_plan import SearchPlan
from harness.study.study_spec import GridSpec, SearchSpec


def note_of_study(plan: GridPlan | SearchPlan, context: Context, records: Records | None = None) -> dict[str, str]:
    """The description of a study's run as a tag; without ``records`` it has no result yet."""
    first = plan.first
    where = f"on **{escaped(first.dataset_name)}**, {escaped(first.group)} groups, budget {plan.budget}"
    what = f"**{escaped(plan.name)}**: {escaped(plan.study.summary.rstrip('.'))}; {where}."
    result = UNFINISHED if records is None else escaped(result_of_study(plan.study, records))
    command = fenced(shlex.join([*_words(plan), *command_options(context)]))
    return {NOTE_TAG: f"{what}\n\n{result}\n\n{command}"}


def result_of_study(study: GridSpec | SearchSpec, records: Records) -> str:
    """What a study has found, in one sentence."""
    finished = sum(record.finished for record in records.runs)
    counts = f"{finished} of {counted(len(records.runs), 'run')} finished"
    found = _extremes(records) if isinstance(study, GridSpec) else _best(study, records)
    return f"{counts}; {found}." if found else f"{counts}."


def _extremes(records: Records) -> str:
    """Who is the most accurate and who the fairest, where all arms are of one problem."""
    compared = arms_of(records.runs)
    means = {arm: (x.mean, y.mean) for arm in compared if (x := arm.mean(NDCG)) and (y := arm.mean(CV))}
    problems = by_problem(list(means)) if means else {}
    if len(problems) != 1:
        return f"{counted(len(problems), 'problem')}, each of which the report tells of" if problems else ""
    names = dict(zip(means, arm_names(list(means)), strict=True))
    labels = [heading(list(means), metric) for metric in (NDCG, CV)]

    def described(arm: MeasuredArm) -> str:
        values = (f"{label} {number(mean)}" for label, mean in zip(labels, means[arm], strict=True))
        return f"{names[arm]} ({', '.join(values)})"

    best, fairest = max(means, key=lambda arm: means[arm][0]), min(means, key=lambda arm: means[arm][1])
    over = f"means over {counted(len({seed for arm in means for seed in arm.runs}), 'seed')}"
    if best is fairest:
        return f"on test data the most accurate and the fairest is {described(best)}, {over}"
    return f"on test data the most accurate is {described(best)}, the fairest {described(fairest)}, {over}"


def _best(study: SearchSpec, records: Records) -> str:
    """The trial that the selection rule prefers."""
    search = observe(study, records)
    best = search.best() if search.trials else None
    if best is None:
        return "no trial qualifies"
    values = ", ".join(f"{one.label} {number(best.metrics[one.key])}" for one in search.objectives)
    return f"the best trial on validation data has {values}"


def _words(plan: GridPlan | SearchPlan) -> list[str]:
    """The command that carries the study out; of one that is a file, by the file's name."""
    name = plan.name if registry.knows("study", plan.name) else f"{plan.name}{CARD_ENDING}"
    words = ["harness", "run", "--study", name, "--budget", plan.budget]
    chosen = plan.study.budgets[plan.budget]
    trials = plan.chosen.trials if isinstance(plan, GridPlan) else plan.trials
    if trials != chosen.trials:
        words += ["--trials", str(trials)]
    if "seed" not in plan.tree and plan.seeds != chosen.seeds:
        words += ["--seeds", str(len(plan.seeds))]
    return words + [word for key, value in flatten(plan.tree).items() for word in ("--set", assigned(key, value))]
