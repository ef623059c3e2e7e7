"""A site of results as a research object: its pages, and what data, software and studies made them, in RO-Crate 1.2."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath

from harness.publish.licence import Licence
from harness.publish.research_crate import (
    CONFORMS_TO,
    CONTEXT,
    CRATE_FILE,
    Entity,
    data_entities,
    file_entity,
    references,
    software_entities,
)
from harness.report.site.addresses import BOARDS, INDEX, RUNS, VALUES
from harness.study.records import Records

_CONTENTS = {
    INDEX: "the first page: leaderboards, verdicts on claims, how to cite and to verify",
    VALUES: "the values of all leaderboards",
    "CITATION.cff": "how to cite the software",
}
_KINDS = {BOARDS: "a leaderboard with its pictures and claims", RUNS: "the runs behind a row of a leaderboard"}


def site_crate(title: str, lead: str, texts: Mapping[str, str], parts: Sequence[Records], licence: Licence) -> str:
    """The content of the metadata file; nobody's account is in it.

    Args:
        title, lead: of the site
        texts: every file of it but this one, by its name
        parts: the records of its studies
        licence: of the site
    """
    runs = [run for records in parts for run in records.runs]
    files = [_file(name, text) for name, text in texts.items()]
    software, data = software_entities(runs), data_entities(runs)
    actions = [
        {
            "@id": f"#run-{number}",
            "@type": "CreateAction",
            "name": f"the study {records.study}, budget {records.budget}, of {len(records.runs)} runs",
            "identifier": records.parent,
            "endTime": records.ended,
            "instrument": references(one for one in software_entities(records.runs) if one["name"] == "bifair-harness"),
            "object": references(data_entities(records.runs)),
            "result": {"@id": "./"},
        }
        for number, records in enumerate(parts, start=1)
    ]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": " ".join(lead.split()),
        "datePublished": max((records.ended for records in parts if records.ended), default=_today()),
        "license": references([licence.entity]),
        "hasPart": references(files),
        "mentions": references(actions),
        "mainEntity": {"@id": INDEX},
    }
    descriptor = {
        "@id": CRATE_FILE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": CONFORMS_TO},
    }
    entities: list[Mapping[str, object]] = [descriptor, root, licence.entity, *files, *actions, *data, *software]
    graph = [{key: value for key, value in entity.items() if value not in ("", [])} for entity in entities]
    return json.dumps({"@context": CONTEXT, "@graph": graph}, indent=1, ensure_ascii=False) + "\n"


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _file(name: str, text: str) -> Entity:
    content = text.encode()
    described = _CONTENTS.get(name) or _KINDS.get(PurePosixPath(name).parts[0], "a file of the site")
    return file_entity(name, described, len(content), hashlib.sha256(content).hexdigest())
