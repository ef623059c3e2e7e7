"""A folder of a study's results as a research object: its files, and what, who and when made them, in RO-Crate 1.2.

The format: https://w3id.org/ro/crate/1.2. What is said depends on the files and on the records alone.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from harness.base.checksums import SUMS_FILE
from harness.base.hashes import file_digest
from harness.base.sealed import write_whole
from harness.base.writable import written_into
from harness.publish.licence import NOT_SAID, Licence
from harness.study.records import CURVES_FILE, METRICS_FILE, RUNS_FILE, STUDY_FILE, Record, Records

CRATE_FILE = "ro-crate-metadata.json"
CONFORMS_TO = "https://w3id.org/ro/crate/1.2"
CONTEXT = f"{CONFORMS_TO}/context"
_VERSION = "version."
_OWN, _PAPER = "bifair-harness", "https://arxiv.org/abs/2507.04294"
FORMATS = {
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tex": "application/x-tex",
}
_CONTENTS = {
    STUDY_FILE: "the study as it was declared",
    RUNS_FILE: "a row for each run: spec, hashes, versions, machine, or why it has no result",
    METRICS_FILE: "every metric of every run; its row is that of the run in runs.parquet",
    CURVES_FILE: "values by epoch of the runs that figures show",
    SUMS_FILE: "the checksums of the records, as sha256sum checks them",
    "report.html": "the report: one page that needs nothing else",
    "report.md": "the report in Markdown",
    "runs.html": "a page on which the study's runs are compared by hand",
}
_KINDS = {"tables": "a table of the report", "figures": "a figure of the report"}

Entity = dict[str, Any]


def write_crate(folder: Path, names: Iterable[str], records: Records, licence: Licence = NOT_SAID) -> None:
    """Describe files of ``folder`` that were made of ``records``.

    Args:
        names: of the files, relative to ``folder``; those that are not there are left out
        licence: of the results

    Raises:
        BadInput: where the folder cannot be written.
    """
    there = [name for name in dict.fromkeys(names) if (folder / name).is_file()]
    tree = {"@context": CONTEXT, "@graph": _graph(folder, there, records, licence.entity)}
    text = json.dumps(tree, indent=2, ensure_ascii=False) + "\n"
    with written_into(folder):
        write_whole(folder / CRATE_FILE, text.encode())


def _graph(folder: Path, names: Sequence[str], records: Records, licence: Mapping[str, Any]) -> list[Entity]:
    """All entities: the crate, its files, and around the study's run what went in and who was at it."""
    files = [_file(folder, name) for name in names]
    software, data, people = software_entities(records.runs), data_entities(records.runs), _people(records.runs)
    study = {
        "@id": "#study",
        "@type": "CreativeWork",
        "name": f"declaration of the study {records.study}",
        "encodingFormat": "application/json",
        "text": json.dumps(records.declared, ensure_ascii=False),
    }
    action = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"the study {records.study}, budget {records.budget}, of {len(records.runs)} runs",
        "identifier": records.parent,
        "endTime": records.ended,
        "agent": references(people),
        "instrument": references(one for one in software if one["name"] == _OWN),
        "object": references([study, *data]),
        "result": references(files),
    }
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Results of the study {records.study}, budget {records.budget}",
        "description": str(records.declared.get("question") or records.declared.get("summary") or records.study),
        "datePublished": records.ended or datetime.now(UTC).date().isoformat(),
        "license": references([licence]),
        "author": references(people),
        "hasPart": references(files),
        "mentions": references([action]),
    }
    descriptor = {
        "@id": CRATE_FILE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": CONFORMS_TO},
    }
    entities: list[Mapping[str, Any]] = [descriptor, root, licence, *files, action, study, *data, *software, *people]
    return [{key: value for key, value in entity.items() if value not in ("", [])} for entity in entities]


def _file(folder: Path, name: str) -> Entity:
    path = folder / name
    described = _CONTENTS.get(name) or _KINDS.get(PurePosixPath(name).parts[0], "a file of the report")
    return file_entity(name, described, path.stat().st_size, file_digest(path))


def file_entity(name: str, description: str, size: int, sha256: str) -> Entity:
    """A file of a crate.

    Args:
        name: its path in the crate
        description: what it holds
        size: in bytes
        sha256: of its content
    """
    return {
        "@id": quote(name),
        "@type": "File",
        "name": name,
        "description": description,
        "encodingFormat": FORMATS.get(PurePosixPath(name).suffix, "text/plain"),
        "contentSize": str(size),
        "sha256": sha256,
    }


def data_entities(runs: Iterable[Record]) -> list[Entity]:
    """The data sets as they were after filtering, each with the hashes of the splits that were made of it."""
    splits: dict[tuple[str, str], dict[str, None]] = {}
    for run in runs:
        if {"hash.data", "hash.split"} <= run.tags.keys():
            own = splits.setdefault((run.view.dataset, run.tags["hash.data"]), {})
            own[f"split:{run.tags['hash.split']}"] = None
    return [
        {
            "@id": f"#data-{quote(name)}-{digest}",
            "@type": "Dataset",
            "name": name,
            "description": "interactions, items and users after filtering, by their hash, and the splits made of them",
            "identifier": [f"data:{digest}", *found],
        }
        for (name, digest), found in splits.items()
    ]


def software_entities(runs: Sequence[Record]) -> list[Entity]:
    """This project in every state that runs had, and the libraries that decide a run's numbers."""
    libraries = dict.fromkeys(
        (tag.removeprefix(_VERSION), run.tags[tag])
        for run in runs
        for tag in sorted(run.tags)
        if tag.startswith(_VERSION) and tag != f"{_VERSION}harness"
    )
    required = [_library(name, version) for name, version in libraries if version != "not installed"]
    states = dict.fromkeys(
        tuple(run.tags.get(tag, "") for tag in (f"{_VERSION}harness", "code", "commit", "dirty")) for run in runs
    )
    own = [
        {
            "@id": f"#{_OWN}-{version}-{code}",
            "@type": "SoftwareApplication",
            "name": _OWN,
            "version": version,
            "url": _PAPER,
            "identifier": [f"{what}:{value}" for what, value in (("code", code), ("commit", commit)) if value],
            "description": "its address is that of the paper whose method is at its heart"
            + "; files differed from the commit" * (dirty == "true"),
            "softwareRequirements": references(required),
        }
        for version, code, commit, dirty in states
        if version and code
    ]
    return [*own, *required]


def _library(name: str, version: str) -> Entity:
    return {
        "@id": f"#{quote(f'{name}-{version}')}",
        "@type": "SoftwareApplication",
        "name": name,
        "version": version,
        "url": "https://www.python.org/" if name == "python" else f"https://pypi.org/project/{name}/",
    }


def _people(runs: Iterable[Record]) -> list[Entity]:
    """By the accounts that ran it."""
    accounts = dict.fromkeys(run.tags.get("mlflow.user", "unknown") for run in runs)
    return [
        {"@id": f"#account-{quote(name)}", "@type": "Person", "name": name} for name in accounts if name != "unknown"
    ]


def references(entities: Iterable[Mapping[str, Any]]) -> list[Entity] | Entity:
    """One as it is, several as a list."""
    found = [{"@id": entity["@id"]} for entity in entities]
    return found[0] if len(found) == 1 else found
