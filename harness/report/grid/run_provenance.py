"""What a comparison's runs ran on: data and splits, tuning, machine, versions and code."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from harness.report.document import Table, Text
from harness.report.grid.point_arms import seed_list
from harness.report.numbers import ABSENT, counted
from harness.study.points import short, written
from harness.study.records import Record, Records
from harness.track.environment import VERSIONS

MACHINE = {"platform": "system", "processor": "processor", "cores": "cores", "threads": "threads", "device": "device"}
CODE = {
    "code": "code digest",
    "plugins": "plug-ins' digest",
    "commit": "commit",
    "dirty": "files differ from the commit",
}
HASHES = {"hash.data": "data", "hash.split": "split"}
VERSION = "version."


def data_table(runs: Sequence[Record]) -> Table:
    """A line per data set as it was after filtering, with the splits made of it."""
    rows: dict[tuple[str, str], list[Record]] = {}
    for run in runs:
        rows.setdefault((run.view.dataset or ABSENT, run.tags.get("hash.data", ABSENT)), []).append(run)
    lines, data = [], []
    for (name, digest), own in rows.items():
        splits = {run.tags.get("hash.split", ABSENT) for run in own}
        encoders = {run.tags["hash.embedding"]: run.view.encoder for run in own if "hash.embedding" in run.tags}
        text = ", ".join(f"{encoder} ({hashed})" for hashed, encoder in encoders.items()) or ABSENT
        lines.append((name, digest, str(len(splits)), seed_list(run.seed for run in own), text, str(len(own))))
        by_seed = sorted({(run.seed, run.tags.get("hash.split", "unknown")) for run in own})
        data += [{"dataset": name, "hash.data": digest, "seed": seed, "hash.split": split} for seed, split in by_seed]
    note = " ".join(mismatches(runs)) or "All runs of one seed were measured on the same data and the same split."
    headings = ("data set", "hash of the data", "splits", "seeds", "embeddings (hash)", "runs")
    return Table("data", "What was measured on.", headings, tuple(lines), data=data, note=note)


def mismatches(runs: Sequence[Record]) -> list[str]:
    """In words, where runs of one seed at one point do not share their data or split: they are no pairs then."""
    found: dict[tuple[str, int, str], dict[str, list[str]]] = {}
    for run in runs:
        for tag, what in HASHES.items():
            values = found.setdefault((run.arm.point.key, run.seed, what), {})
            values.setdefault(run.tags.get(tag, "unknown"), []).append(run.variant)
    return [
        f"Seed {seed}{_at(point)}: runs were measured on {len(values)} different {what} hashes ("
        + "; ".join(f"{digest}: {', '.join(dict.fromkeys(variants))}" for digest, variants in values.items())
        + "), so their differences are not those of the methods alone."
        for (point, seed, what), values in found.items()
        if len(values) > 1
    ]


def tuning_table(records: Records) -> Table | None:
    """A line per variant and point: how many trials it was tuned with and what they chose. None without trials."""
    trials = records.stage("trial")
    if not trials:
        return None
    compared = records.stage("compare")
    lines = []
    for variant, point in dict.fromkeys((record.variant, record.arm.point.key) for record in (*compared, *trials)):
        own = [trial for trial in trials if (trial.variant, trial.arm.point.key) == (variant, point)]
        made = [record for record in compared if (record.variant, record.arm.point.key) == (variant, point)]
        failed = sum(not trial.finished for trial in own)
        seeds = seed_list(trial.seed for trial in own) if own else ABSENT
        lines.append(
            (variant, _at(point).removeprefix(" at ") or ABSENT, str(len(own)), str(failed), seeds, _chosen(made))
        )
    numbers = {line[2] for line in lines if line[2] != "0"}
    note = "Every tuned variant had the same number of trials." if len(numbers) == 1 else (
        "The numbers of trials differ between variants: those with more had more chances to find a good configuration."
    )  # fmt: skip
    if records.declared.get("tuning", {}).get("from_reference"):
        note += " The second trial took what the reference of accuracy was tuned to, of the options that both have."
    headings = ("variant", "point", "trials", "failed", "tuned on", "chosen")
    data = [
        {"variant": trial.variant, "point": trial.arm.point.key, "seed": trial.seed, "number": trial.number,
         "failure": trial.failure, "params": json.dumps(trial.params, ensure_ascii=False)}
        for trial in trials
    ]  # fmt: skip
    return Table("tuning", "How variants were tuned, on validation data.", headings, tuple(lines), data=data, note=note)


def environment(runs: Sequence[Record]) -> Text:
    """Machine, versions and code; where runs differ, each value with its number of runs."""
    versions = sorted({tag for run in runs for tag in run.tags if tag.startswith(VERSION)}, key=_place)
    named = MACHINE | {tag: tag.removeprefix(VERSION) for tag in versions} | CODE
    items, differing = [], []
    for tag, name in named.items():
        values = Counter(run.tags.get(tag, "none") for run in runs)
        if len(values) == 1:
            items += [f"{name}: {value}" for value in values if value != "none"]
        else:
            differing.append(name)
            items.append(f"{name}: " + ", ".join(f"{value} ({counted(n, 'run')})" for value, n in values.items()))
    if not items:
        return Text("The runs do not say which machine, versions and code they had.")
    text = "All runs had the same machine, versions and code."
    if differing:
        text = f"Runs differ in: {', '.join(differing)}."
    return Text(f"Machine, versions and code. {text}", tuple(items))


def _place(tag: str) -> tuple[int, str]:
    """In the order in which runs tell them, others by name: a database gives tags in any order."""
    name = tag.removeprefix(VERSION)
    return (VERSIONS.index(name) if name in VERSIONS else len(VERSIONS)), name


def _chosen(runs: Sequence[Record]) -> str:
    """The tuned parameters by rule; of seeds that were tuned each by itself, how many different ones."""
    by_rule: dict[str, list[Mapping[str, Any]]] = {}
    for run in runs:
        if run.params and run.params not in by_rule.setdefault(run.rule, []):
            by_rule[run.rule].append(run.params)
    texts = [
        f"{rule}: " + (written(chosen[0], show=short) if len(chosen) == 1 else f"{len(chosen)} configurations, by seed")
        for rule, chosen in by_rule.items()
        if chosen
    ]
    return "; ".join(texts) or "as it stands"


def _at(point: str) -> str:
    values = json.loads(point)
    return f" at {written(values)}" if values else ""
