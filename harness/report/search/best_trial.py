"""The configuration that the selection rule picks among the trials, beside the one that the search started from."""

import json

from harness.report.document import Block, Table, Text
from harness.report.search.measured_trials import Observed, ndcg_of, required_ndcg, rule_of
from harness.report.search.trial_table import number_of
from harness.study.points import short, written
from harness.study.records import Record

BEST_FILE = "best.json"
"""The spec of the best trial, as ``harness run --spec`` takes it."""


def best_blocks(search: Observed) -> list[Block]:
    """A table and how to go on from it, or a word on why there is no best configuration."""
    best, rule = search.best(), rule_of(search.trials[0])
    if best is None:
        return [Text(_none_qualifies(search))]
    told = "the most accurate" if rule.share is None else f"the lowest CV of those that qualify for {rule}"
    use = (
        f"harness run --spec {BEST_FILE} measures it on test data; the file is beside this page and holds the whole "
        "spec. A single trial that won on validation data looks better than it is: measure it on several seeds."
    )
    return [_table(search, best, f"Trial {number_of(best)}: {told}, on validation data."), Text(use)]


def best_file(search: Observed) -> dict[str, str]:
    """The best trial's spec by its file's name; nothing where no trial qualifies."""
    best = search.best() if search.trials else None
    return {} if best is None else {BEST_FILE: json.dumps(best.spec, indent=2, ensure_ascii=False) + "\n"}


def _table(search: Observed, best: Record, caption: str) -> Table:
    start = next((trial for trial in search.trials if trial.number == 0), None)
    shown = [best] if start is None or start is best else [start, best]
    parameters = tuple(
        (search.symbol(key), *(short(trial.params[key]) for trial in shown)) for key in search.searched()
    )
    objectives = tuple((one.label, *(f"{trial.metrics[one.key]:.4f}" for trial in shown)) for one in search.objectives)
    values = [
        {"trial": number_of(trial), **trial.params, **{one.key: trial.metrics[one.key] for one in search.objectives}}
        for trial in shown
    ]
    headings = ("", *(f"trial {number_of(trial)}" for trial in shown))
    note = (
        "" if start is None else "Trial 1 is the starting point" + (", and nothing beat it." if start is best else ".")
    )
    return Table("best", caption, headings, (*parameters, *objectives), values, note=_bar_of(best) + note, leading=True)


def _bar_of(trial: Record) -> str:
    """What the rule asked, where it asked anything."""
    if rule_of(trial).share is None:
        return ""
    asked = trial.spec["evaluation"]
    options = written(asked.get("reference_options", {}), show=short)
    reference = f"{asked['reference']} {f'with {options}' if options else 'at its defaults'}"
    return f"Validation NDCG of {required_ndcg(trial):.4f} qualifies: {rule_of(trial)} of {reference}. "


def _none_qualifies(search: Observed) -> str:
    nearest = max(search.trials, key=lambda trial: ndcg_of(trial) - required_ndcg(trial))
    return (
        f"No trial qualifies. {_bar_of(nearest)}The nearest is trial {number_of(nearest)} with {ndcg_of(nearest):.4f}: "
        "make more trials (--trials), or allow a larger share (--set training.selection=fair_within:X)."
    )
