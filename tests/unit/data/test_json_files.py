"""Files that are one JSON value."""

from pathlib import Path

import pytest

from harness.base.errors import BadInput
from harness.data.readers.json_files import read_json


def test_an_object_and_a_list(tmp_path: Path) -> None:
    (tmp_path / "films.json").write_text('\ufeff{"12": "Häxan"}', encoding="utf-8")
    (tmp_path / "list.json").write_text('[{"a": 1}, 2]')
    assert read_json(tmp_path / "films.json", dict) == {"12": "Häxan"}
    assert read_json(tmp_path / "list.json", list) == [{"a": 1}, 2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"12": ', r"films\.json: not JSON: Expecting value: line 1"),
        (b"", r"films\.json: not JSON"),
        (b"[1, 2]", r"films\.json: its JSON is not an object: \{…\}"),
        (b"12", r"its JSON is not an object"),
        (b'{"12": "H\xe4xan"}', r"films\.json: not a text file in utf-8"),
        (b"[" * 100_000, r"not JSON"),
    ],
)
def test_what_cannot_be_read_is_one_line(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "films.json").write_bytes(content)
    with pytest.raises(BadInput, match=message):
        read_json(tmp_path / "films.json", dict)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"films\.json: No such file"):
        read_json(tmp_path / "films.json", list)
