"""The published results as a static site: a folder of pages made from records alone, which any browser opens."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.base.checksums import SUMS_FILE, sums_of
from harness.base.errors import BadInput
from harness.base.sealed import together
from harness.base.writable import written_into
from harness.publish.licence import Licence
from harness.publish.research_crate import CRATE_FILE
from harness.publish.results_parts import ResultsSpec
from harness.publish.site_crate import site_crate
from harness.report.document import Block
from harness.report.site.addresses import BOARDS, INDEX, RUNS
from harness.report.site.boards import Part
from harness.report.site.site_files import site_files
from harness.study.records import Records
from harness.study.study_spec import GridSpec, declared_study

CITATION_FILE = "CITATION.cff"


def write_site(
    spec: ResultsSpec, parts: Sequence[tuple[Path, Records]], folder: Path, synthesis: Sequence[Block] = ()
) -> Path:
    """Write the site and answer where its first page is.

    The same records give the same bytes. Pages of an earlier site in the folder that this one has not are removed;
    other files are left alone.

    Args:
        spec: title and lead, and notes on studies
        parts: folder and records of each study
        folder: where to write; made where it is missing
        synthesis: what is said over data sets

    Raises:
        BadInput: where the folder cannot be written, or a study searches and has nothing to compare.
    """
    notes = {entry.folder: entry.note for entry in spec.studies}
    shown = [_part(place, records, notes.get(place.name, "")) for place, records in parts]
    licence = Licence(spec.licence)
    citation = _citation(place for place, _ in parts)
    texts = site_files(spec.title, spec.lead, shown, synthesis, licence.text, citation)
    if citation:
        texts[CITATION_FILE] = citation
    texts[CRATE_FILE] = site_crate(spec.title, spec.lead, texts, [records for _, records in parts], licence)
    with written_into(folder):
        stale = _pages(folder) - texts.keys()
        with together() as new:
            written = {name: new(folder / name) for name in texts}
            for name, file in written.items():
                file.write_text(texts[name], encoding="utf-8", newline="\n")
            new(folder / SUMS_FILE).write_text(sums_of(written), encoding="utf-8", newline="\n")
        for name in stale:
            (folder / name).unlink()
    return folder / INDEX


def _part(place: Path, records: Records, note: str) -> Part:
    study = declared_study(records.declared, records.study)
    if not isinstance(study, GridSpec):
        raise BadInput(f"study '{records.study}' searches: only studies that compare have leaderboards")
    return Part(place.name, study, records, note)


def _citation(places: Iterable[Path]) -> str:
    """The content of the nearest CITATION.cff above the records; empty where there is none."""
    for place in places:
        for above in place.resolve().parents:
            if (file := above / CITATION_FILE).is_file():
                return file.read_text(encoding="utf-8")
    return ""


def _pages(folder: Path) -> set[str]:
    """The pages of boards and runs that an earlier site in ``folder`` says it has, as far as they are there."""
    sums = folder / SUMS_FILE
    if not sums.is_file():
        return set()
    names = {line.partition("  ")[2] for line in sums.read_text(encoding="utf-8", errors="replace").splitlines()}
    ours = {name for name in names if name.startswith((f"{BOARDS}/", f"{RUNS}/")) and name.endswith(".html")}
    return {name for name in ours if ".." not in Path(name).parts and (folder / name).is_file()}
