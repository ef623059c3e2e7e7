"""A report in every format says the same, escapes everything, needs nothing else and is the same bytes each time."""

import csv
import re
from collections.abc import Callable
from html.parser import HTMLParser
from math import nan
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from harness.base.errors import BadInput
from harness.base.markdown_text import escaped as in_markdown
from harness.report.document import Document, Picture, Section, Table, Text
from harness.report.writers import latex, write_document
from harness.report.writers.html import html
from harness.report.writers.latex import escaped as in_latex
from harness.report.writers.markdown import markdown

NASTY = 'a_b & <script>alert("1")</script> | 5 % ± η ξ # $x$ `~` \\ ^ {} [1] *b*'
VOID = {"meta", "br", "hr", "img", "link", "input"}
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)


def table(**options: object) -> Table:
    given = {
        "name": "results", "caption": f"Caption {NASTY}", "headings": ("variant", "NDCG & Co", "note"),
        "lines": (("alpha_rec", "0.279 ± 0.010", NASTY), ("bi|fair", "−0.002", "–")),
        "data": ({"variant": "alpha_rec", "mean": 0.279, "n": 5}, {"variant": 'b"i,\nfair', "mean": nan, "n": None}),
        "strong": frozenset({(1, 1)}), "note": f"Note {NASTY}",
    }  # fmt: skip
    return Table(**(given | options))  # type: ignore[arg-type]


def picture(name: str = "front") -> Picture:
    figure = Figure(figsize=(3, 2))
    axes = figure.add_subplot()
    axes.plot([1, 2, 3], [3, 1, 2], marker="o", label="η")
    axes.fill_between([1, 2, 3], [1, 0, 1], hatch="/")
    axes.legend()
    return Picture(name, f"Caption {NASTY}", figure)


def document(*blocks: Table | Picture | Text) -> Document:
    shown = blocks or (Text(NASTY, ("1. one", NASTY)), table(), picture(), picture("second"))
    return Document(f"Title {NASTY}", f"Lead {NASTY}", (Section(f"Section {NASTY}", shown),))


class Page(HTMLParser):
    """Checks balance while it reads; collects texts, attributes and cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.append((self.open[-1], data))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "new"
    write_document(document(), folder)
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_all_formats_are_there(folder: Path) -> None:
    found = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    figures = {f"figures/{name}.{ending}" for name in ("front", "second") for ending in ("png", "svg")}
    assert (
        found == {"report.html", "report.md", *(f"tables/results.{end}" for end in ("csv", "parquet", "tex"))} | figures
    )
    assert (folder / "figures" / "front.png").read_bytes().startswith(b"\x89PNG")


def test_the_page_is_balanced_and_shows_every_text_as_it_is(page: Page) -> None:
    assert page.open == []
    for tag, text in (("title", "Title"), ("h1", "Title"), ("h2", "Section"), ("span", "Caption"), ("p", "Note")):
        assert any(where == tag and found == f"{text} {NASTY}" for where, found in page.texts), tag
    assert ("li", "1. one") in page.texts
    assert [tag for tag, _ in page.tags if tag == "script"] == ["script"], "the one that sorts"
    assert [found for where, found in page.texts if where == "strong"] == ["−0.002"]


def test_the_page_needs_nothing_else(page: Page) -> None:
    loading = {"src", "srcset", "data", "poster", "action"}
    for tag, attributes in page.tags:
        assert tag not in {"link", "iframe", "object", "embed", "img"}
        assert not loading & set(attributes) or tag == "svg"
        for name, value in attributes.items():
            if name in {"href", "xlink:href"}:
                assert (value or "").startswith("#"), (tag, name, value)
    assert not re.search(r"url\((?!#)|@import", "".join(text for where, text in page.texts if where == "style"))


def test_ids_of_the_page_are_its_own_and_every_reference_is_to_one(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids)), "two drawings would share clip paths and markers"
    used = {value for _, attributes in page.tags for key, value in attributes.items() if key in ("href", "xlink:href")}
    used |= {f"#{name}" for _, attributes in page.tags for value in attributes.values()
             for name in re.findall(r"url\(#([^)]+)\)", value or "")}  # fmt: skip
    assert used
    assert {f"#{name}" for name in ids} >= used


def test_pictures_have_their_captions_as_alternative_texts(page: Page) -> None:
    drawings = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert [(one["role"], one["aria-label"]) for one in drawings] == [("img", f"Caption {NASTY}")] * 2


def test_rows_of_markdown_have_as_many_cells_as_headings(folder: Path) -> None:
    text = (folder / "report.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}
    assert "| bi\\|fair | **−0.002** | – |" in rows
    for name in re.findall(r"\]\((figures/[^)]+)\)", text):
        assert (folder / name).is_file()
    assert text.count("](figures/") == 2


@given(WORDS, WORDS)
def test_markdown_is_one_line_per_row_whatever_is_in_it(first: str, second: str) -> None:
    text = markdown(document(table(lines=((first, "1", second),), strong=frozenset(), data=(), note="")))
    row = [line for line in text.split("\n") if line.startswith("|")][-1]
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 4
    shown = " ".join(first.split())
    assert re.sub(r"\\([\\`*_{}\[\]<>|#~$])", r"\1", in_markdown(first)) == shown


@given(WORDS)
def test_html_gives_back_every_text(text: str) -> None:
    page = Page(html(document(table(lines=((f"x{text}", "1", "2"),), strong=frozenset())), {}))
    assert (
        "".join(found for where, found in page.texts if where == "th" and found.startswith("x")) == f"x{text}" or text
    )


@given(WORDS)
def test_nothing_in_a_text_is_a_command_of_latex(text: str) -> None:
    written = in_latex(text)
    ours = r"\\(text\w+|dots)\{\}|\\[&%$#_{}]|\{[\[\]*]\}|\$(\\\w+|-|[_^]\d)\$"
    assert not set(re.sub(ours, "", written)) & set("\\&%$#_^~{}[]*")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("most_popular", r"most\_popular"),
        ("0.279 ± 0.010", r"0.279 $\pm$ 0.010"),
        ("−8.9 %", r"$-$8.9 \%"),
        ("η, ξ", r"$\eta$, $\xi$"),
        ("R&D #1 {x}", r"R\&D \#1 \{x\}"),
        ("a\\b", r"a\textbackslash{}b"),
        ("‖Z−Z₀‖", r"$\Vert$Z$-$Z$_0$$\Vert$"),
        ("[2pt]", "{[}2pt{]}"),
        ("5\n%", r"5 \%"),
    ],
)
def test_latex_escapes(text: str, expected: str) -> None:
    assert in_latex(text) == expected


@pytest.mark.parametrize(("n", "kind"), [(1, "tabular"), (latex.PAGE, "tabular"), (latex.PAGE + 1, "longtable")])
def test_latex_tables_are_complete(n: int, kind: str) -> None:
    text = latex.latex(table(lines=(("m&f", "0.1", "x_y"),) * n, strong=frozenset({(0, 1)})))
    begun, ended = (re.findall(rf"\\{word}\{{(\w+)\}}", text) for word in ("begin", "end"))
    assert sorted(begun) == sorted(ended)
    assert kind in begun
    assert text.count(r"m\&f & ") == n
    assert text.count(r"\textbf{0.1}") == 1
    for command in ("toprule", "midrule", "bottomrule", "caption", "label"):
        assert text.count(f"\\{command}") == 1


def test_values_survive_csv_and_parquet(folder: Path) -> None:
    with (folder / "tables" / "results.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["variant"] for row in rows] == ["alpha_rec", 'b"i,\nfair']
    assert [float(rows[0]["mean"]), rows[1]["mean"], rows[1]["n"]] == [0.279, "NaN", ""]
    frame = pl.read_parquet(folder / "tables" / "results.parquet")
    assert frame["n"].to_list() == [5, None]
    assert frame["mean"].is_nan().to_list() == [False, True]


def test_a_table_without_data_is_written_as_people_read_it(tmp_path: Path) -> None:
    lines = (("a", "1 ± 2", "x"), ("b", "–", "y"))
    write_document(document(table(data=(), headings=("n", "n", "m"), lines=lines)), tmp_path)
    frame = pl.read_csv(tmp_path / "tables" / "results.csv", infer_schema=False)
    assert frame.columns == ["n", "n (2)", "m"]
    assert tuple(frame.rows()) == lines


def test_an_empty_table_is_still_one(tmp_path: Path) -> None:
    write_document(document(table(data=(), lines=(), strong=frozenset())), tmp_path)
    assert pl.read_parquet(tmp_path / "tables" / "results.parquet").shape == (0, 3)


def test_the_same_report_is_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_document(document(), tmp_path)
    files = sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    assert files
    for file in files:
        assert (folder / file).read_bytes() == (tmp_path / file).read_bytes(), file
    drawn = (folder / "figures" / "front.svg").read_text(encoding="utf-8")
    assert not re.search(r"\b20\d\d-\d\d-\d\d", drawn), "a date"


@pytest.mark.parametrize("of", [table, picture])
def test_nothing_overwrites_another(of: Callable[..., Table | Picture], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="one would overwrite the other"):
        write_document(document(of(name="front"), of(name="Front")), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_in_a_page_steers_whoever_shows_it() -> None:
    hostile = "\x1b]0;x\x07 \x9b31m \u202egnp \x00"
    lines = ((hostile, "1", hostile),)
    one = document(Text(hostile, (hostile,)), table(caption=hostile, lines=lines, strong=frozenset(), note=hostile))
    for page in (html(one, {}), markdown(one), latex.latex(one.tables[0])):
        assert "�gnp" in page
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)


def test_no_cell_of_a_csv_file_is_a_formula(tmp_path: Path) -> None:
    bare = table(name="plain", lines=(("=1", "-2.5 %", "\t+1"),), data=(), strong=frozenset())
    rows = [{"=name": "=1+1", "mean": -0.5, "text": "-0.5"}, {"=name": "@x", "mean": 2.0, "text": "+a"}]
    write_document(document(table(data=rows), bare), tmp_path)
    cells = list(csv.reader((tmp_path / "tables/results.csv").open(encoding="utf-8")))
    assert cells == [["'=name", "mean", "text"], ["'=1+1", "-0.5", "-0.5"], ["'@x", "2.0", "'+a"]]
    assert pl.read_parquet(tmp_path / "tables/results.parquet").to_dicts() == rows
    plain = list(csv.reader((tmp_path / "tables/plain.csv").open(encoding="utf-8")))
    assert plain[1] == ["'=1", "-2.5 %", "'\t+1"]


def test_a_figure_with_signs_that_no_font_has_is_written_in_silence(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    drawing = picture()
    drawing.figure.axes[0].set_xlabel("喜剧 🎬 हिन्दी")
    write_document(document(drawing), tmp_path)
    assert [str(warning.message) for warning in recwarn] == []
