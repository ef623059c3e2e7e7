"""Every trial of a search in one table."""

from typing import Any

from harness.report.document import Table
from harness.report.search.measured_trials import Observed, rule_of
from harness.study.points import short
from harness.study.records import Record

MOST_LINES = 30
"""More trials are in the files; people read the front and the most accurate."""


def trials_table(search: Observed) -> Table:
    """Parameters and objectives of the trials, best first objective first, and how they did."""
    front, qualifies = search.on_front(), search.qualifies()
    asked = rule_of(search.trials[0]).share is not None
    order = sorted(range(len(search.trials)), key=lambda place: (-search.gains()[place, 0], place))
    shown = order if len(order) <= MOST_LINES else [place for place in order if front[place]][:MOST_LINES]
    shown += [place for place in order if place not in shown][: max(0, MOST_LINES - len(shown))]
    keys = list(search.searched())
    lines = tuple(
        (
            str(number_of(search.trials[place])),
            *(short(search.trials[place].params[key]) for key in keys),
            *(f"{search.trials[place].metrics[one.key]:.4f}" for one in search.objectives),
            *(("yes" if qualifies[place] else "no",) if asked else ()),
            "yes" if front[place] else "",
        )
        for place in sorted(shown, key=order.index)
    )
    data: list[dict[str, Any]] = [
        {
            "trial": number_of(trial),
            **dict(trial.params),
            **{one.key: trial.metrics[one.key] for one in search.objectives},
            "qualifies": bool(enough),
            "on_front": bool(on),
            "run": trial.run,
        }
        for trial, enough, on in zip(search.trials, qualifies, front, strict=True)
    ]
    rest = len(order) - len(shown)
    return Table(
        "trials",
        "Trials of the search, judged on validation data.",
        (
            "trial",
            *(search.symbol(key) for key in keys),
            *(one.label for one in search.objectives),
            *(("qualifies",) if asked else ()),
            "on the front",
        ),
        lines,
        data,
        note="Trial 1 is the starting point. On the front: no other trial "
        f"{'that qualifies ' if asked else ''}is better in every objective."
        f"{f' {rest} more trials are in the files.' if rest else ''}",
        leading=True,
    )


def number_of(trial: Record) -> int:
    """As people count: from 1."""
    return (trial.number or 0) + 1
