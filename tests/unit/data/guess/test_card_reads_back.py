"""Whatever names, separator and encoding a table has: the card that is guessed reads the same interactions back."""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from harness.data.guess.findings import Chosen
from harness.data.guess.new_card import new_card
from harness.data.table.card_dataset import from_card

ENCODINGS = {"utf-8": "abÉß字", "utf-8-sig": "abÉß字", "utf-16": "abÉß字", "cp1252": "abÉß", "latin-1": "abÉß"}
FORMS = {
    "%Y-%m-%d %H:%M:%S": range(1, 29),
    "%d.%m.%Y %H:%M": range(1, 29),
    "%m/%d/%Y %I:%M %p": range(13, 29),  # days that can be no months
    "%Y%m%d": range(1, 29),
}
Row = tuple[str, str, float, dt.datetime, str]


@dataclass(frozen=True)
class Table:
    """A file with four columns that mean something, and one that does not."""

    content: bytes
    names: list[str]
    rows: list[Row]
    times: list[dt.datetime]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """No text has another separator than the file's own in it: nobody could tell which of the two was meant."""
    encoding, separator = draw(st.sampled_from(sorted(ENCODINGS))), draw(st.sampled_from([",", ";", "\t", "|", "::"]))
    own = "" if separator == "::" else separator
    letters = st.text(ENCODINGS[encoding] + "019 -_'" + '"' * bool(own) + own, min_size=1, max_size=5)
    said = letters.map(str.strip).filter(bool)
    form = draw(st.sampled_from(["seconds", "milliseconds", *FORMS]))
    days = FORMS.get(form, range(1, 29))
    instants = st.builds(
        dt.datetime,
        st.integers(1990, 2030),
        st.integers(1, 12),
        st.sampled_from(days),
        st.integers(0, 23) if form != "%Y%m%d" else st.just(0),
        st.integers(0, 59) if form != "%Y%m%d" else st.just(0),
    )
    halves = st.integers(-20, 200).map(lambda number: number / 2)
    names = draw(st.lists(said, min_size=5, max_size=5, unique=True))
    rows = draw(st.lists(st.tuples(said, said, halves, instants, letters), min_size=1, max_size=30))
    comma = draw(st.booleans()) and separator != ","
    written = [
        (user, item, f"{stars:g}".replace(".", "," if comma else "."), _written(time, form), more)
        for user, item, stars, time, more in rows
    ]
    order = draw(st.permutations(range(5)))
    lines = [[row[place] for place in order] for row in (names, *written)]
    return Table(_text(lines, separator).encode(encoding), names, rows, [row[3] for row in rows])


def _written(time: dt.datetime, form: str) -> str:
    seconds = int(time.replace(tzinfo=dt.UTC).timestamp())
    units = {"seconds": str(seconds), "milliseconds": str(seconds * 1000)}
    return units[form] if form in units else time.strftime(form)


def _text(lines: list[list[str]], separator: str) -> str:
    if len(separator) > 1:
        return "\n".join(separator.join(line) for line in lines)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(lines)
    return text.getvalue()


@given(tables())
def test_the_card_that_is_written_reads_back_the_same_interactions(table: Table) -> None:
    user, item, rating, time, _ = table.names
    with TemporaryDirectory() as folder:
        file = Path(folder) / "anything.csv"
        file.write_bytes(table.content)
        made = new_card("any", [file], Chosen(user, item, time, rating))
        made.path.write_text(made.text, encoding="utf-8")
        dataset = from_card(made.path)()
        tables = dataset.read(dataset.lies_in())
    assert tables.interactions.select("user", "item", "rating").rows() == [row[:3] for row in table.rows]
    seconds = [int(time.replace(tzinfo=dt.UTC).timestamp()) for time in table.times]
    assert tables.interactions["timestamp"].to_list() == seconds
    assert tables.skipped == {}
