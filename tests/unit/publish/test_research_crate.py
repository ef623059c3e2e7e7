"""Folders of results describe themselves in RO-Crate's words, and its reference library reads them back."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rocrate.rocrate import ROCrate

from harness.base.hashes import file_digest
from harness.publish.licence import Licence
from harness.publish.report_again import export_records, report_again
from harness.publish.research_crate import CRATE_FILE, write_crate
from harness.study.records import Record, Records, read_records

RESULTS = sorted((Path(__file__).resolve().parents[3] / "results").glob("*/study.json"))
DECLARED = {
    "summary": "two ways",
    "question": "Which way?",
    "methods": ["random", "most_popular"],
    "baseline": "random",
    "budgets": {"default": {"seeds": [0]}},
}
TAGS = {
    "version.harness": "0.1.0",
    "version.torch": "2.13.0",
    "code": "c0de",
    "commit": "abc123",
    "dirty": "false",
    "hash.data": "da7a",
    "hash.split": "5917",
    "mlflow.user": "ada",
}
SPEC = {
    "method": "random",
    "dataset": "my/books.toml",
    "group": "genre",
    "seed": 0,
    "evaluation": {"headline_k": 20, "reference": "alpharec", "ks": [20]},
}
METRICS = {"test/ndcg_at_20": 0.3, "test/genre/cv_at_20": 0.4}
RUN = Record("compare", "random", "random", "best_ndcg", 0, run="r", metrics=METRICS, tags=TAGS, spec=SPEC)


@pytest.fixture
def records() -> Records:
    other = replace(RUN, variant="most_popular", method="most_popular", tags=TAGS | {"hash.split": "0711"})
    return Records("ways", "default", DECLARED, (RUN, other), parent="p1", ended="2026-11-22T10:00:00+00:00")


@pytest.fixture
def crate(records: Records, tmp_path: Path) -> ROCrate:
    export_records(records, tmp_path)
    return ROCrate(tmp_path)


def by_type(crate: ROCrate, kind: str) -> list[Any]:
    return [entity for entity in crate.contextual_entities if entity.type == kind]


def test_the_files_are_those_of_the_folder_with_their_checksums(crate: ROCrate, tmp_path: Path) -> None:
    said = {entity.id: (entity["sha256"], int(entity["contentSize"])) for entity in crate.data_entities}
    files = [path for path in tmp_path.iterdir() if path.name != CRATE_FILE]
    assert said == {path.name: (file_digest(path), path.stat().st_size) for path in files}
    assert len(said) == 5


def test_the_root_has_what_every_crate_must_have(crate: ROCrate) -> None:
    assert crate.metadata["conformsTo"] == "https://w3id.org/ro/crate/1.2"
    assert crate.name == "Results of the study ways, budget default"
    assert crate.description == "Which way?"
    assert crate.datePublished.isoformat() == "2026-11-22T10:00:00+00:00"
    assert "has not said how its results may be used" in crate.license["description"]


@pytest.mark.parametrize("address", ["https://spdx.org/licenses/CC-BY-4.0", "https://data.example/terms"])
def test_the_licence_is_a_link_to_its_text(records: Records, tmp_path: Path, address: str) -> None:
    write_crate(tmp_path, [], records, Licence(address.removeprefix("https://spdx.org/licenses/")))
    assert ROCrate(tmp_path).license.id == address


def test_the_run_says_what_went_in_who_when_and_by_which_code(crate: ROCrate) -> None:
    (action,) = by_type(crate, "CreateAction")
    assert action["endTime"] == "2026-11-22T10:00:00+00:00"
    assert action["identifier"] == "p1"
    assert action["agent"]["name"] == "ada"
    software = action["instrument"]
    assert (software["name"], software["version"]) == ("bifair-harness", "0.1.0")
    assert software["identifier"] == ["code:c0de", "commit:abc123"]
    assert (software["softwareRequirements"]["name"], software["softwareRequirements"]["version"]) == (
        "torch",
        "2.13.0",
    )
    study, data = action["object"]
    assert json.loads(study["text"]) == DECLARED
    assert (data["name"], data["identifier"]) == ("books", ["data:da7a", "split:5917", "split:0711"])
    assert {file.id for file in action["result"]} == {file.id for file in crate.data_entities}


def test_every_reference_leads_to_an_entity_and_every_entity_is_referred_to(records: Records, tmp_path: Path) -> None:
    export_records(records, tmp_path)
    graph = json.loads((tmp_path / CRATE_FILE).read_text(encoding="utf-8"))["@graph"]
    referred = {text for entity in graph for text in _references(entity)}
    named = {entity["@id"] for entity in graph}
    assert len(named) == len(graph)
    assert referred - named == {"https://w3id.org/ro/crate/1.2"}
    assert named - referred == {CRATE_FILE}


def _references(entity: dict[str, Any]) -> list[str]:
    values = [value for key, value in entity.items() if key != "@id"]
    several = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return [one["@id"] for one in several if isinstance(one, dict)]


def test_another_file_in_the_folder_is_none_of_its_business(records: Records, tmp_path: Path) -> None:
    (tmp_path / "private.txt").write_text("x")
    export_records(records, tmp_path)
    assert "private.txt" not in (tmp_path / CRATE_FILE).read_text(encoding="utf-8")


def test_a_report_describes_all_of_its_files(records: Records, tmp_path: Path) -> None:
    folder = report_again(records, tmp_path / "report #1")
    found = {entity.id for entity in ROCrate(folder).data_entities}
    assert found == {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {CRATE_FILE}
    assert "report.html" in found


def test_records_keep_when_the_study_ended_and_those_of_before_say_nothing(records: Records, tmp_path: Path) -> None:
    export_records(records, tmp_path)
    assert read_records(tmp_path).ended == records.ended
    export_records(replace(records, ended=""), tmp_path)
    assert "ended" not in json.loads((tmp_path / "study.json").read_text(encoding="utf-8"))
    assert read_records(tmp_path).ended == ""
    assert ROCrate(tmp_path).datePublished


@pytest.mark.parametrize("study", RESULTS, ids=lambda path: path.parent.name)
def test_published_results_are_what_their_crate_says(study: Path) -> None:
    files = list(ROCrate(study.parent).data_entities)
    assert {study.name, "runs.parquet"} < {file.id for file in files}
    assert [file.id for file in files if file_digest(study.parent / file.id) != file["sha256"]] == []
