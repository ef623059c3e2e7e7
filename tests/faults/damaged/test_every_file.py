"""A byte that is flipped or cut in any file that we read is noticed or does no harm; no number becomes another."""

import random
import re
import shutil
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from .conftest import House, Said

READ_BY = {
    r"data/movielens-100k/.*": ("run", "again"),
    r"cache/prepared/.*\.npz": ("again",),
    r"cache/embeddings/.*\.npy": ("again",),
    r"cache/fingerprints/.*\.note": ("again",),
    r"cache/threads-of-torch\.json": ("again",),
    r"checkpoints/.*\.checkpoint": ("cut off",),
    r"mlflow/artifacts/[0-9a-f]*/artifacts/groups\.csv": ("run", "tables"),
    r"mlflow/artifacts/[0-9a-f]*/artifacts/(spec\.json|top_lists\.parquet)": ("evaluate",),
    r"mlflow/artifacts/[0-9a-f]*/artifacts/SHA256SUMS": ("run", "evaluate"),
    r"mlflow/artifacts/[0-9a-f]*/artifacts/model/(model\.(safetensors|json)|(items|users)\.json|SHA256SUMS)": (
        "lists",
    ),
    r"mlflow/artifacts/[0-9a-f]*/artifacts/records/.*": ("report",),
    r"exported/.*": ("exported",),
    r"studies/optuna\.db": ("search",),
    r"cards/loans-.*\.toml": ("tables",),
    r"frames/loans-.*/.*": ("tables",),
}
"""Files by their path in the home, and the commands that read them; the database of runs has tests of its own."""
FOR_PEOPLE = (
    r".*\.(lock|png|svg|tex|html|md)",
    r"(reports|mlflow/artifacts/[0-9a-f]*/artifacts/report)/.*",
    r"mlflow/artifacts/[0-9a-f]*/artifacts/model/(MLmodel|(serving_)?input_example\.json|requirements\.txt|python_env\.yaml)",
    r"mlflow/mlflow\.db",
)
"""What nothing reads again."""

Damage = Callable[[bytes, random.Random], bytes | None]


def flipped(content: bytes, moments: random.Random) -> bytes:
    """One bit is another one."""
    changed = bytearray(content or b"\0")
    changed[moments.randrange(len(changed))] ^= 1 << moments.randrange(8)
    return bytes(changed)


def cut(content: bytes, moments: random.Random) -> bytes:
    """It ends somewhere before its end, perhaps at its beginning."""
    return content[
        : moments.choice([0, 1, len(content) // 2, max(0, len(content) - 1), moments.randrange(len(content) or 1)])
    ]


def gone(content: bytes, moments: random.Random) -> None:
    """There is no such file."""


def check(said: Said, right: tuple[str, ...], what: str) -> None:
    """The same numbers, or one line that says why there are none."""
    assert "Traceback" not in said.complaints, f"{what}: {said}"
    if said.code == 0:
        assert said.numbers == right, f"{what}: other numbers"
        return
    assert said.code in (1, 2), f"{what}: {said}"
    assert re.fullmatch(r"error: [^\n]+\n", said.complaints), f"{what}: {said}"


def damage(path: Path, how: Damage, moments: random.Random) -> None:
    changed = how(path.read_bytes(), moments)
    if changed is None:
        path.unlink()
    else:
        path.write_bytes(changed)


def readers(name: str) -> tuple[str, ...]:
    """The commands that read a file; empty where none does."""
    return next((commands for pattern, commands in READ_BY.items() if re.fullmatch(pattern, name)), ())


def by_kind(house: House) -> Iterator[tuple[str, Path]]:
    """Each kind of file that is read, with each of its files."""
    for path in house.files():
        name = path.relative_to(house.home).as_posix()
        kind = next((pattern for pattern in READ_BY if re.fullmatch(pattern, name)), None)
        if kind is not None:
            yield kind, path


def test_it_is_known_of_every_file_who_reads_it(house: House) -> None:
    """A file of a new kind needs a line above."""
    names = [path.relative_to(house.home).as_posix() for path in house.files()]
    unknown = [name for name in names if not readers(name) and not any(re.fullmatch(one, name) for one in FOR_PEOPLE)]
    assert unknown == []
    for pattern in READ_BY:
        assert any(re.fullmatch(pattern, name) for name in names), f"{pattern}: the home has no such file"


def test_one_damage_of_each_kind_of_file(house: House, moments: random.Random) -> None:
    kinds: dict[str, list[Path]] = {}
    for kind, path in by_kind(house):
        kinds.setdefault(kind, []).append(path)
    for paths in kinds.values():
        for how in (flipped, cut):
            path = moments.choice(paths)
            _try(house, path, how, moments, READ_BY[next(kind for kind in kinds if kinds[kind] is paths)][-1:])


@pytest.mark.faults
@pytest.mark.parametrize(("how", "times"), [(flipped, 12), (cut, 6), (gone, 1)])
def test_every_file_many_times(house: House, moments: random.Random, how: Damage, times: int) -> None:
    for kind, path in list(by_kind(house)):
        for _ in range(times):
            _try(house, path, how, moments, READ_BY[kind])


def _try(house: House, path: Path, how: Damage, moments: random.Random, commands: tuple[str, ...]) -> None:
    for command in commands:
        damage(path, how, moments)
        check(
            house.say(command), house.undisturbed[command], f"{command}, {path.relative_to(house.home)} {how.__name__}"
        )
        house.restore()


NUMBERED = count()


def with_database(house: House, content: bytes, command: str, folder: Path) -> Said:
    """What a command says where the database of runs is another one; by a path of its own: libraries keep them open."""
    own = folder / str(next(NUMBERED))
    own.mkdir()
    (own / "mlflow.db").write_bytes(content)
    said = house.say(command, "--tracking-uri", f"sqlite:///{own / 'mlflow.db'}")
    house.restore()
    shutil.rmtree(own)
    return said


def places_of(content: bytes, value: float) -> list[int]:
    """Where a number stands in the database."""
    return [found.start() for found in re.finditer(re.escape(struct.pack(">d", value)), content)]


@pytest.mark.parametrize("times", [2, pytest.param(40, marks=pytest.mark.faults)])
def test_a_number_in_the_database_of_runs_that_has_changed(
    house: House, tmp_path: Path, moments: random.Random, times: int
) -> None:
    """Where it is stored, once as the last value and once in the curve: SQLite itself notices nothing."""
    content = (house.home / "mlflow/mlflow.db").read_bytes()
    shown = [float(text) for line in house.undisturbed["run"] for text in re.findall(r"0\.\d{4}", line)]
    stored = [found[0] for found in (struct.unpack_from(">d", content, n) for n in range(len(content) - 8))]
    places = [place for place, value in enumerate(stored) if any(abs(value - one) <= 5e-5 for one in shown)]
    assert len(places) > 20
    for _ in range(times):
        changed = bytearray(content)
        changed[moments.choice(places) + moments.randrange(1, 7)] ^= 1 << moments.randrange(8)
        for command in ("run", "search", "evaluate"):
            said = with_database(house, bytes(changed), command, tmp_path)
            check(said, house.undisturbed[command], f"{command}, a number in mlflow.db")


@pytest.mark.parametrize(("how", "times"), [(flipped, 3), (cut, 2)])
def test_a_damaged_database_of_runs(
    house: House, tmp_path: Path, moments: random.Random, how: Damage, times: int
) -> None:
    content = (house.home / "mlflow/mlflow.db").read_bytes()
    for _ in range(times):
        changed = how(content, moments)
        assert changed is not None
        for command in ("run", "search"):
            check(with_database(house, changed, command, tmp_path), house.undisturbed[command], f"{command}, mlflow.db")


@pytest.mark.faults
@pytest.mark.parametrize("how", [flipped, cut])
def test_a_damaged_database_of_runs_many_times(
    house: House, tmp_path: Path, moments: random.Random, how: Damage
) -> None:
    test_a_damaged_database_of_runs(house, tmp_path, moments, how, 60)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE trial_values SET value = value + 0.001 WHERE trial_value_id = 1", "the search begins anew"),
        ("UPDATE trial_params SET param_value = param_value * 1.01 WHERE param_id = 2", "the search begins anew"),
    ],
)
def test_a_trial_whose_values_are_not_those_of_its_run(house: House, statement: str, said: str) -> None:
    with closing(sqlite3.connect(house.home / "studies/optuna.db")) as database, database:
        assert database.execute(statement).rowcount == 1
    found = house.say("search")
    assert said in found.lines
    assert (found.code, found.numbers) == (0, house.undisturbed["search"])
