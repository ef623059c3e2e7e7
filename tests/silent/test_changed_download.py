"""Fetched files are read only where they are what they were; those put there by hand count by their content."""

import os
from pathlib import Path

import numpy as np
import pytest

from harness.data.sources.provenance import note

from .conftest import House

N_FILMS, N_PEOPLE, EACH = 40, 50, 20
FLAGS = 19


def write_films(folder: Path) -> None:
    """Files in the layout of MovieLens-100K, made up."""
    draw = np.random.default_rng(0)
    rows = [
        f"{user}\t{film}\t{draw.integers(3, 6)}\t{1000 + user}"
        for user in range(N_PEOPLE)
        for film in draw.choice(N_FILMS, EACH, replace=False)
    ]
    flags = np.eye(FLAGS, dtype=int)[[5, 8]]  # two genres
    films = [
        f"{film}|Film {film} (1995)|01-Jan-1995|||{'|'.join(map(str, flags[film % 2]))}" for film in range(N_FILMS)
    ]
    people = [f"{user}|{20 + user}|{'MF'[user % 2]}|writer|00000" for user in range(N_PEOPLE)]
    folder.mkdir(parents=True)
    for name, lines in (("u.data", rows), ("u.item", films), ("u.user", people)):
        (folder / name).write_text("\n".join(lines) + "\n")


@pytest.fixture
def folder(house: House) -> Path:
    """Where MovieLens-100K lies in the home."""
    found = house.folder / "home" / "data" / "movielens-100k"
    write_films(found)
    return found


def spoil(folder: Path) -> Path:
    """Every 5 among the ratings becomes a 1; size and date stay."""
    file = folder / "u.data"
    before = file.stat()
    file.write_text(file.read_text().replace("\t5\t", "\t1\t"))
    assert file.stat().st_size == before.st_size
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    return file


def command(house: House, seed: int = 0) -> list[str]:
    flags = house.quick()
    flags[flags.index("--dataset") + 1] = "movielens-100k"
    return [*flags, "--method", "most_popular", "--seed", str(seed)]


def test_a_changed_download_is_refused_by_whatever_reads_it(house: House, folder: Path) -> None:
    note(folder, "a place", {})
    assert house.harness(*command(house)).code == 0
    content = (folder / "u.data").read_bytes()
    file = spoil(folder)
    another = command(house, seed=1)
    audit = ["data", "audit", "movielens-100k", "--set", "data.core=1", "--offline"]
    for asked in (another, command(house), audit):
        said = house.harness(*asked)
        assert said.code == 2
        assert said.err.startswith(f"error: {file} is no longer what was fetched: remove {folder} to fetch it again")
        assert said.err.count("\n") == 1
    file.write_bytes(content)
    for asked in (another, command(house), audit):
        assert house.harness(*asked).code == 0


def test_the_doctor_says_what_has_changed_and_what_to_do(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    note(folder, "a place", {})
    assert "CHANGED" not in house.harness("doctor", "--tracking-uri", "none").out
    spoil(folder)
    said = house.harness("doctor", "--tracking-uri", "none")
    assert said.code == 1
    assert "CHANGED movielens-100k" in said.out
    assert f"remove {folder}, then harness data fetch movielens-100k" in said.out


def test_changed_files_that_were_put_there_by_hand_are_another_run(house: House, folder: Path) -> None:
    assert house.harness(*command(house)).code == 0
    before = house.last(method="most_popular")
    assert "finished before" in house.harness(*command(house)).out
    spoil(folder)
    again = house.harness(*command(house))
    assert again.code == 0
    assert "finished before" not in again.out
    assert house.last(method="most_popular").tags["inputs"] != before.tags["inputs"]


def test_a_folder_without_the_files_is_refused_also_where_the_run_on_the_download_is_finished(
    house: House, folder: Path
) -> None:
    note(folder, "a place", {})
    assert house.harness(*command(house)).code == 0
    (house.folder / "empty").mkdir()
    for elsewhere in (house.folder / "empty", house.folder / "nowhere"):
        said = house.harness(*command(house), "--data", elsewhere)
        assert said.code == 2
        assert str(elsewhere) in said.err
        assert said.err.count("\n") == 1
