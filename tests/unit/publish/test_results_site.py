"""The site as files: of records alone, whole, the same each time, with nothing in it that is nobody's business."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import matplotlib.figure
import pytest
from rocrate.rocrate import ROCrate

from harness.base.checksums import SUMS_FILE
from harness.base.errors import BadInput
from harness.base.hashes import file_digest
from harness.base.trees import read_tree
from harness.publish.research_crate import CRATE_FILE
from harness.publish.results_parts import ResultsSpec
from harness.publish.results_site import write_site
from harness.report.document import Picture, Table, Text
from harness.study.records import Records, read_records

RESULTS = Path(__file__).resolve().parents[3] / "results"
Parts = list[tuple[Path, Records]]


@pytest.fixture(scope="module")
def spec() -> ResultsSpec:
    return ResultsSpec.model_validate(read_tree(RESULTS / "results.toml"))


@pytest.fixture(scope="module")
def parts() -> Parts:
    return [(file.parent, read_records(file.parent)) for file in sorted(RESULTS.glob("*/study.json"))]


@pytest.fixture(scope="module")
def site(spec: ResultsSpec, parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    assert write_site(spec, parts, folder) == folder / "index.html"
    return folder


class Links(HTMLParser):
    """The links and the places of a page."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert "src" not in given
        if tag == "a":
            self.links.append(given["href"] or "")
        if name := given.get("id"):
            assert name not in self.places, "an id is there once"
            self.places.add(name)


def test_every_link_leads_somewhere_and_every_page_is_linked(site: Path) -> None:
    pages = {file: Links(file) for file in site.rglob("*.html")}
    reached = {site / "index.html"}
    for file, page in pages.items():
        for link in page.links:
            if link.startswith("https://"):
                assert link == "https://arxiv.org/abs/2507.04294"
                continue
            name, _, place = link.partition("#")
            to = (file.parent / unquote(name)).resolve() if name else file
            assert to.is_file(), link
            assert not place or unquote(place) in pages[to].places, link
            reached.add(to)
    assert reached >= set(pages)


def test_every_number_of_a_board_leads_to_a_page_that_has_its_runs(site: Path, parts: Parts) -> None:
    records = next(records for folder, records in parts if folder.name == "main-default")
    text = next(site.glob("boards/*fair_within_0.02.html")).read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith('<tr data-name="bifair"'))
    numbers = re.findall(r'<td class="n"[^>]*><a class="number" tabindex="-1" href="([^"]+)">', row)
    assert len(numbers) == row.count('<td class="n"') == 10
    (page,) = set(numbers)
    runs = (site / "boards" / page).resolve().read_text(encoding="utf-8")
    own = [one for one in records.stage("compare") if (one.variant, one.rule) == ("bifair", "fair_within:0.02")]
    assert len(own) == 5
    for record in own:
        for told in (record.run, record.tags["hash.data"], record.tags["hash.split"], record.tags["platform"],
                     record.tags["version.torch"], f"--seed {record.seed}"):  # fmt: skip
            assert told in runs


def test_no_page_loads_anything_or_runs_another_script(site: Path) -> None:
    for file in site.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert "default-src 'none'" in text
        assert not re.search(r"<(script|img|link|iframe)[^>]+(src|href)=", text)
        assert text.count("<script>") == (1 if file.parent.name == "boards" else 0)


def test_files_are_those_of_the_checksums_and_of_the_crate(site: Path) -> None:
    sums = dict(line.split("  ", 1)[::-1] for line in (site / SUMS_FILE).read_text().splitlines())
    files = {file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file()}
    assert files == {*sums, SUMS_FILE}
    assert all(file_digest(site / name) == digest for name, digest in sums.items())
    crate = ROCrate(site)
    said = {unquote(entity.id): entity["sha256"] for entity in crate.data_entities}
    assert said == {name: digest for name, digest in sums.items() if name != CRATE_FILE}
    assert crate.name == "Results"
    assert crate.datePublished
    assert (crate.license.id, crate.license["name"]) == ("https://spdx.org/licenses/MIT", "MIT")
    assert "Records and pages: MIT (https://spdx.org/licenses/MIT)" in (site / "index.html").read_text(encoding="utf-8")
    assert {entity["version"] for entity in crate.contextual_entities if entity.get("name") == "bifair-harness"}
    assert not [entity for entity in crate.contextual_entities if entity.type == "Person"]


def test_the_same_records_give_the_same_bytes_and_pages_of_before_go(
    site: Path, spec: ResultsSpec, parts: Parts, tmp_path: Path
) -> None:
    write_site(spec, parts, tmp_path)
    assert (tmp_path / SUMS_FILE).read_bytes() == (site / SUMS_FILE).read_bytes()
    (tmp_path / "mine.html").write_text("mine")
    one = [part for part in parts if part[0].name == "ablation-default"]
    write_site(spec, one, tmp_path)
    assert (tmp_path / "mine.html").read_text() == "mine"
    assert {file.parent.name for file in tmp_path.glob("runs/*/*.html")} == {"ablation-default"}
    assert len(list(tmp_path.glob("boards/*.html"))) == 1
    assert not list(tmp_path.glob("runs/main-default/*.html"))


def test_no_account_and_no_path_of_the_machine_gets_out(spec: ResultsSpec, parts: Parts, tmp_path: Path) -> None:
    folder, records = next(part for part in parts if part[0].name == "ablation-default")
    secret = {"mlflow.user": "ada-lovelace", "mlflow.source.name": "/home/ada-lovelace/bin/harness"}
    changed = [
        replace(run, tags=run.tags | secret, spec={**run.spec, "dataset": "/home/ada-lovelace/books.toml"})
        for run in records.runs
    ]
    failure = "/home/ada-lovelace/data/u.item: no such file"
    changed[0] = replace(changed[0], failure=failure, metrics={}, spec={})
    changed[1] = replace(changed[1], failure=failure, metrics={})
    write_site(spec, [(folder, replace(records, runs=tuple(changed)))], tmp_path)
    texts = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.rglob("*") if file.is_file()}
    assert not [name for name, text in texts.items() if "lovelace" in text or "/home/" in text]
    assert any("u.item: no such file" in text for text in texts.values())
    assert any("harness run --spec spec.json" in text for text in texts.values())


def test_names_that_are_markup_are_text(spec: ResultsSpec, parts: Parts, tmp_path: Path) -> None:
    folder, records = next(part for part in parts if part[0].name == "ablation-default")
    evil = '<script>alert(1)</script>"&'
    runs = tuple(replace(run, variant=evil) if run.variant == "only Z" else run for run in records.runs)
    declared = json.loads(json.dumps(records.declared).replace("only Z", json.dumps(evil)[1:-1]))
    write_site(spec, [(folder, replace(records, runs=runs, declared=declared))], tmp_path)
    board = next(tmp_path.glob("boards/*.html")).read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in board
    assert "<script>alert" not in board
    Links(next(tmp_path.glob("boards/*.html")))


def test_what_is_said_over_data_sets_is_on_top_its_tables_below_verdicts(
    spec: ResultsSpec, parts: Parts, tmp_path: Path
) -> None:
    figure = matplotlib.figure.Figure()
    figure.subplots().plot([0, 1], [0, 1])
    table = Table("pooled", "Pooled.", ("claim", "mean"), (("it holds", "−8.9 %"),))
    blocks = [Text("Over three data sets."), table, Picture("forest", "A forest.", figure)]
    write_site(spec, parts[:1], tmp_path, blocks)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    places = ("Over three data sets.", 'id="boards"', 'id="claims"', "Pooled.", 'id="measured"')
    found = [text.index(place) for place in places]
    assert found == sorted(found)
    assert "−8.9 %" in text
    assert 'aria-label="A forest."' in text


def test_what_has_to_be_known_of_a_study_stands_beside_it(spec: ResultsSpec, parts: Parts, tmp_path: Path) -> None:
    noted = [one.model_copy(update={"note": "Half the trials."}) for one in spec.studies if one.study == "ablation"]
    told = spec.model_copy(update={"studies": tuple(noted)})
    write_site(told, [part for part in parts if part[0].name == "ablation-default"], tmp_path)
    for page in (tmp_path / "index.html", next(tmp_path.glob("boards/*.html"))):
        assert "Half the trials." in page.read_text(encoding="utf-8")


def test_studies_that_search_are_refused_before_anything_is_written(spec: ResultsSpec, tmp_path: Path) -> None:
    declared = {"summary": "s", "methods": ["bifair"], "objectives": {"ndcg": "maximize"},
                "budgets": {"default": {"trials": 1}}}  # fmt: skip
    with pytest.raises(BadInput, match="searches"):
        write_site(spec, [(tmp_path / "a", Records("tune", "default", declared, ()))], tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_folder_that_cannot_be_written_is_one_line(spec: ResultsSpec, parts: Parts, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        write_site(spec, parts[:1], tmp_path / "file" / "site")
