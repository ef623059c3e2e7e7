"""The page behind a number: every run of an arm, what it reached, its spec, and the command that makes it again."""

from math import isfinite, nan

from harness.domain.metric_key import MetricKey
from harness.report.grid.arms import CV, MIN, NDCG, MeasuredArm
from harness.report.grid.metric_tables import INTERVAL
from harness.report.grid.training_price import EPOCHS, SECONDS
from harness.report.numbers import ABSENT, counted, number, with_half
from harness.report.site.addresses import INDEX, Addresses, anchor, link
from harness.report.site.boards import Part, under
from harness.report.site.made_again import MadeAgain, made_again
from harness.report.site.page import page_html, table_html
from harness.report.site.public_text import public_tags, public_text
from harness.report.writers.html import text_html
from harness.study.points import short, written
from harness.study.records import Record
from harness.study.status import Status

COLUMNS = (("validation", NDCG), ("test", NDCG), ("test", CV), ("test", MIN))
BEST_EPOCH = "best_epoch"
LEFT_OUT = ("train/", "epoch/")
"""Metrics that are of one epoch and not of the run."""
UNMET = "met no rule"


def runs_page(part: Part, arm: MeasuredArm, addresses: Addresses) -> str:
    """The whole page; runs without a result are there with the reason."""
    file = addresses.runs(part, arm)
    dataset, group = part.task(arm)
    name = ", ".join(one for one in (arm.variant, written(arm.point.values)) if one)
    title = f"{name}, selected by {arm.rule}"
    boards = [
        (rule, page)
        for rule in part.rules
        if arm in tuple(under(rule, part.arms)) and (page := addresses.board((dataset, group), rule))
    ]
    shown = ", ".join(
        f'<a href="{link(file, page)}">{text_html(rule or "each its own rule")}</a>' for rule, page in boards
    )
    lead = (
        f'<p class="lead">{counted(len(arm.records), "run")} of the study {text_html(part.records.study)} '
        f"({text_html(part.name)}) on {text_html(dataset)}, trained on {text_html(group)} groups.</p>\n"
        + (f"<p>On the boards: {shown}.</p>\n" if shown else "")
        + (f"<p>{text_html(_tuned(part, arm))}</p>\n")
    )
    built = [record for record in arm.records if record.spec]
    again = dict(zip((record.seed for record in built), made_again(built), strict=True))
    runs = "\n".join(_run(record, again.get(record.seed)) for record in arm.records)
    body = f"{lead}{_table(arm)}\n<h2>Run by run</h2>\n{runs}\n<h2>Everything that was measured</h2>\n{_all(arm)}"
    crumbs = [("Results", INDEX)]
    if boards:
        crumbs.append((f"{dataset}, {group} groups", boards[0][1]))
    return page_html(title, body, file, crumbs)


def _tuned(part: Part, arm: MeasuredArm) -> str:
    """How many trials chose what."""
    trials = [one for one in part.records.stage("trial") if one.arm.search == arm.search]
    chosen = list(dict.fromkeys(written(record.params, show=short) for record in arm.records if record.params))
    if not chosen:
        return "Not tuned: it ran as the study declares it." if not trials else "No trial met the rule."
    values = chosen[0] if len(chosen) == 1 else f"{len(chosen)} configurations, by seed"
    return f"Tuned with {counted(len(trials), 'trial')} on validation data, which chose {values}."


def _table(arm: MeasuredArm) -> str:
    """Seed by seed what the means rest on, and the means."""
    view = next((record.view for record in arm.records if record.finished and record.spec), None)
    keys = [] if view is None else [view.metric(metric, split) for split, metric in COLUMNS]
    keys += [MetricKey(name) for name in (BEST_EPOCH, EPOCHS, SECONDS)]
    titles = [f"{key.heading}, {key.split}" for key in keys if key.split] + ["epoch kept", "epochs", "training, s"]
    head = "".join(
        f'<th scope="col"{kind}>{text_html(one)}</th>'
        for one, kind in (("seed", ""), ("run", ""), *((one, " class=n") for one in titles), ("", ""))
    )
    rows = [_line(record, keys) for record in arm.records]
    if arm.runs:
        means = "".join(f'<td class="n">{_mean(arm, key)}</td>' for key in keys)
        rows.append(f'<tr><th scope="row">mean</th><td></td>{means}<td></td></tr>')
    told = [f"Last line: {INTERVAL}, of the runs that count."] if arm.runs else []
    if any(record.status is Status.UNQUALIFIED for record in arm.records):
        told.append(f"{UNMET[:1].upper()}{UNMET[1:]}: the most accurate epoch was kept, which counts in claims alone.")
    note = f'<p class="note">{" ".join(told)}</p>' if told else ""
    return table_html("runs", "Its runs.", head, rows) + note


def _line(record: Record, keys: list[MetricKey]) -> str:
    told = {Status.FINISHED: "", Status.UNQUALIFIED: UNMET}.get(record.status, public_text(record.failure))
    cells = "".join(f'<td class="n">{_value(record, key)}</td>' for key in keys)
    here = f'<a href="#{anchor(record)}">{record.seed}</a>'
    name = f"<code>{text_html(record.run[:8])}</code>" if record.run else ABSENT
    last = f'<td class="told">{text_html(told)}</td>' if told else "<td></td>"
    return f'<tr><th scope="row">{here}</th><td>{name}</td>{cells}{last}</tr>'


def _value(record: Record, key: MetricKey) -> str:
    value = record.metrics.get(str(key), nan)
    return f"{value:.0f}" if key.name in (BEST_EPOCH, EPOCHS) and isfinite(value) else number(value)


def _mean(arm: MeasuredArm, key: MetricKey) -> str:
    found = arm.mean(key)
    return ABSENT if found is None or key.name == BEST_EPOCH else with_half(found)


def _run(record: Record, again: MadeAgain | None) -> str:
    """One run: what it is, how it is made again, its spec, what it ran on."""
    head = f'<div class="run" id="{anchor(record)}"><h3>Seed {record.seed}</h3>\n'
    if again is None:
        return f"{head}<p>Not run: {text_html(public_text(record.failure))}</p></div>"
    note = f"<p>{text_html(again.note)}</p>\n" if again.note else ""
    facts = "".join(
        f"<dt>{text_html(name)}</dt><dd>{text_html(value)}</dd>" for name, value in public_tags(record.tags).items()
    )
    digest = f", spec <code>{text_html(record.tags['spec'])}</code>" if "spec" in record.tags else ""
    return (
        f"{head}<p>Run <code>{text_html(record.run or 'without an id')}</code>{digest}. Made again by</p>\n"
        f'<pre class="command" tabindex="0">{text_html(again.command)}</pre>\n{note}'
        f'<details><summary>Complete spec</summary>\n<pre tabindex="0">{text_html(again.spec)}</pre></details>\n'
        f'<details><summary>Data, split, versions, machine</summary>\n<dl class="facts">{facts}</dl></details></div>'
    )


def _all(arm: MeasuredArm) -> str:
    """Every metric by seed, folded."""
    runs = [record for record in arm.records if record.finished]
    names = dict.fromkeys(key for record in runs for key in record.metrics if not key.startswith(LEFT_OUT))
    if not names:
        return "<p>Nothing: no run has a result.</p>"
    head = '<th scope="col">metric</th>' + "".join(f'<th scope="col" class="n">seed {run.seed}</th>' for run in runs)
    rows = [
        f'<tr><th scope="row">{text_html(name)}</th>'
        + "".join(f'<td class="n">{_exact(run.metrics.get(name, nan))}</td>' for run in runs)
        + "</tr>"
        for name in sorted(names)
    ]
    table = table_html("metrics", "Last values, by the names that they have in the store.", head, rows)
    return (
        f"<details><summary>{counted(len(names), 'metric')} of {counted(len(runs), 'run')}</summary>\n{table}</details>"
    )


def _exact(value: float) -> str:
    return f"{value:.6g}".replace("-", "−") if isfinite(value) else ABSENT
