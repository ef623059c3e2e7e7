"""Whatever files hold, they become a card that reads them, or one line."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import event, given, settings
from hypothesis import strategies as st

from harness.base.errors import BadInput
from harness.data.guess.findings import Chosen
from harness.data.guess.new_card import NewCard, new_card
from harness.data.table.card_dataset import from_card

NAMES = [
    "user",
    "item",
    "time",
    "rating",
    "title",
    "genres",
    "id",
    "split",
    "year",
    "age",
    "plays",
    "",
    "x",
    "Größe",
    "1",
]
CELLS = [
    *("", "a", "b", "1", "2", "2.0", "0,5", "-1", "1e400", "nan", "NULL", "2024-01-02", "31.12.1999", "1/2/24", "00"),
    *("[1]", "[", "['a']", "'", "a|b", "a, b", "É", "\x1b[2J", '"', '"x"', "{", "sep=;", "9" * 30, "train", "test"),
]


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    """Rows of equal length mostly; now and then bytes that mean nothing."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=100))
    width, separator = draw(st.integers(1, 5)), draw(st.sampled_from([",", ";", "\t", "|", "::", " "]))
    cell = st.sampled_from(draw(st.lists(st.sampled_from(CELLS), min_size=1, max_size=8)))
    usual = st.permutations(range(width)).map(lambda order: [NAMES[place] for place in order])
    header = draw(usual | st.lists(st.sampled_from(NAMES), min_size=width, max_size=width, unique=True))
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=30))
    encoding = draw(st.sampled_from(["utf-8", "utf-16", "cp1252"]))
    return "\n".join(separator.join(row) for row in [header, *rows]).encode(encoding)


def guessed(folder: Path, files: list[bytes], chosen: Chosen) -> NewCard | str:
    """The card, or why there is none."""
    paths = [folder / f"{name}.csv" for name in ("loans", "books", "readers")[: len(files)]]
    for path, content in zip(paths, files, strict=True):
        path.write_bytes(content)
    try:
        return new_card("any", paths, chosen)
    except BadInput as error:
        return str(error)


@settings(max_examples=200)
@given(st.lists(contents(), min_size=1, max_size=3), st.sampled_from([None, "user", "x", "column_1"]))
def test_any_files_become_a_card_that_reads_them_or_one_line(files: list[bytes], user: str | None) -> None:
    with TemporaryDirectory() as name:
        made = guessed(Path(name), files, Chosen(user))
        event("refused" if isinstance(made, str) else "card")
        if isinstance(made, str):
            assert len(made.splitlines()) == 1
            return
        made.path.write_text(made.text, encoding="utf-8")
        dataset = from_card(made.path)()
        assert dataset.read(dataset.lies_in()).interactions.height > 0
