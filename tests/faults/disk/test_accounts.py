"""Two people on one home folder, and people who may only read it."""

import os
import shutil
import site
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import harness

CHECKOUT = str(Path(harness.__file__).resolve().parents[1])
ANNA, BERTA, TEAM = 2001, 2002, 3000
CODE = "import sys; from harness.cli.app import main; sys.exit(main())"

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can act as two other accounts"
)


@dataclass(frozen=True)
class Accounts:
    """A folder that everybody may pass through, and command lines by one account or another.

    Attributes:
        folder: it
        python: the interpreter, where they may use it
    """

    folder: Path
    python: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def make_home(self, owner: int, mode: int) -> None:
        self.home.mkdir()
        os.chown(self.home, owner, TEAM)
        self.home.chmod(mode)

    def run(self, account: int, *arguments: str, umask: int = 0o022, code: int = 0, **variables: str) -> str:
        """A command as that account, a member of the team; what it said. Both are told no other home or store."""
        own = self.folder / str(account)
        own.mkdir(exist_ok=True)
        os.chown(own, account, account)
        kept = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
        kept["PYTHONPATH"] = os.pathsep.join([CHECKOUT, *site.getsitepackages()])
        known = {"HOME": str(own), "TMPDIR": str(own), "HARNESS_HOME": str(self.home), "OMP_NUM_THREADS": "1"}
        known["MPLCONFIGDIR"] = str(self.python.parents[2] / "fonts")  # found once
        done = subprocess.run(
            [self.python, "-P", "-c", CODE, *arguments],
            user=account,
            group=account,
            extra_groups=[TEAM],
            umask=umask,
            cwd=own,
            env={**kept, **known, **variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        assert "Traceback" not in said
        return said

    def all_below(self) -> list[Path]:
        return [self.home, *self.home.rglob("*")]


@pytest.fixture
def accounts(python: Path) -> Iterator[Accounts]:
    folder = Path(tempfile.mkdtemp(prefix="accounts-"))
    folder.chmod(0o755)
    yield Accounts(folder, python)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def python() -> Iterator[Path]:
    """The interpreter that these tests run by, at a place where other accounts may read it: root's own they may not."""
    folder = Path(tempfile.mkdtemp(prefix="python-"))
    folder.chmod(0o755)
    (folder / "fonts").mkdir()
    (folder / "fonts").chmod(0o777)
    place = folder / "python"
    place.mkdir()
    subprocess.run(["mount", "--bind", sys.base_prefix, place], capture_output=True, check=False)
    python = place / "bin" / Path(sys.executable).resolve().name
    try:
        done = subprocess.run(
            [python, "-P", "-c", "import harness, torch"],
            user=ANNA,
            group=ANNA,
            cwd=place,
            env={"PYTHONPATH": os.pathsep.join([CHECKOUT, *site.getsitepackages()])},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        pytest.skip(f"another account cannot run this Python: {error}")
    else:
        if done.returncode:
            pytest.skip(f"another account cannot use this checkout: {done.stderr.splitlines()[-1]}")
        yield python
    finally:
        subprocess.run(["umount", "-l", place], capture_output=True, check=False)
        place.rmdir()  # never what is in it: where it is still mounted that is the interpreter
        shutil.rmtree(folder)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.faults
def test_a_shared_home(accounts: Accounts, small_run: Callable[..., list[str]]) -> None:
    """One of the team's group, with the bit by which files get that group: everybody goes on with what is there."""
    accounts.make_home(ANNA, 0o2775)
    accounts.run(ANNA, *small_run("most_popular"))
    said = accounts.run(BERTA, *small_run("most_popular"))
    assert "finished before" in said
    accounts.run(BERTA, *small_run("alpharec"))
    assert "finished before" in accounts.run(ANNA, *small_run("alpharec"))
    for path in accounts.all_below():
        assert path.stat().st_gid == TEAM, path
        wanted = 0o70 if path.is_dir() else 0o40
        if "artifacts/" in path.as_posix():  # a run's own files are its own: others read them
            wanted &= 0o50
        assert mode_of(path) & wanted == wanted, path
        assert not mode_of(path) & stat.S_IWOTH, path
    assert mode_of(accounts.home / "mlflow/mlflow.db") == 0o660


@pytest.mark.faults
@pytest.mark.parametrize(("umask", "file", "folder"), [(0o022, 0o644, 0o755), (0o077, 0o600, 0o700)])
def test_a_home_of_ones_own(
    accounts: Accounts, small_run: Callable[..., list[str]], umask: int, file: int, folder: int
) -> None:
    """Who may read is said by the umask; databases are nobody else's."""
    accounts.make_home(ANNA, 0o755)
    accounts.run(ANNA, *small_run("most_popular"), umask=umask)
    trials = [*("run", "--study", "tune", "--budget", "smoke", "--trials", "1"), *small_run("alpharec")[1:]]
    accounts.run(ANNA, *trials, umask=umask)
    databases = {accounts.home / "mlflow/mlflow.db", accounts.home / "studies/optuna.db"}
    for path in accounts.all_below()[1:]:
        wanted = folder if path.is_dir() else 0o600 if path in databases else file
        assert mode_of(path) == wanted, path
    assert databases <= set(accounts.all_below())


@pytest.mark.parametrize("home", [0o777, pytest.param(0o755, marks=pytest.mark.faults)])
def test_what_another_account_has_cached_and_keeps_to_itself(
    accounts: Accounts, small_run: Callable[..., list[str]], home: int
) -> None:
    """It counts as not cached: it is replaced where the folder allows that, else computed and not kept."""
    accounts.make_home(ANNA, home)
    run = [*small_run("alpharec"), "--tracking-uri", "none"]
    accounts.run(ANNA, *run)
    cached = [path for path in (accounts.home / "cache").rglob("*") if path.suffix in (".npz", ".npy")]
    assert len(cached) == 2
    for path in cached:
        path.chmod(0o600)
    said = accounts.run(BERTA, *run)
    for path in cached:
        assert f"{path} cannot be read (Permission denied): it is computed again" in said
        assert path.stat().st_uid == (BERTA if home == 0o777 else ANNA)
    assert ("not cached" in said) == (home != 0o777)
    if home == 0o777:
        assert "cannot be read" not in accounts.run(BERTA, *run)


class TestReadOnly:
    """A home that can be read alone, by its folder's mode or by its mount."""

    @pytest.fixture(params=["mounted so", pytest.param("by another account", marks=pytest.mark.faults)])
    def read_only(self, accounts: Accounts, request: pytest.FixtureRequest) -> Iterator[tuple[Accounts, int]]:
        if request.param == "by another account":
            accounts.make_home(ANNA, 0o755)
            yield accounts, BERTA
            return
        accounts.home.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "none", accounts.home], capture_output=True, check=False)
        if done.returncode:
            pytest.skip("no file system can be mounted here")
        yield accounts, 0
        subprocess.run(["umount", "-l", accounts.home], check=True)

    def close(self, accounts: Accounts, account: int) -> list[Path]:
        """Nobody but ANNA may write in the home any more, or nobody at all; what is in it."""
        if account == 0:
            subprocess.run(["mount", "-o", "remount,ro", accounts.home], check=True)
        return accounts.all_below()

    @pytest.mark.faults
    def test_what_is_cached_is_used(self, read_only: Any, small_run: Callable[..., list[str]]) -> None:
        accounts, account = read_only
        run = [*small_run("alpharec"), "--tracking-uri", "none"]
        accounts.run(ANNA if account else 0, *run)
        before = self.close(accounts, account)
        said = accounts.run(account, *run)
        assert "computed again" not in said
        assert "not cached" not in said
        assert accounts.all_below() == before

    def test_what_is_not_cached_is_computed_and_not_kept(
        self, read_only: Any, small_run: Callable[..., list[str]]
    ) -> None:
        accounts, account = read_only
        before = self.close(accounts, account)
        said = accounts.run(account, *small_run("alpharec"), "--tracking-uri", "none")
        assert said.count("the prepared data are not cached: ") == 2
        assert said.count("no checkpoint can be written") == 1
        assert "ndcg" in said
        assert accounts.all_below() == before

    @pytest.mark.faults
    def test_what_cannot_be_done_without_is_named(self, read_only: Any, small_run: Callable[..., list[str]]) -> None:
        accounts, account = read_only
        before = self.close(accounts, account)
        why = "is mounted read-only" if account == 0 else "Permission denied"
        for arguments in (
            ["run", "--dataset", "movielens-100k", "--tracking-uri", "none"],
            small_run("alpharec"),
            ["run", "--study", "main", "--tracking-uri", f"sqlite:///{accounts.folder}/{account}/own.db"],
            ["ui", "--port", "0", "--tracking-uri", f"sqlite:///{accounts.folder}/{account}/own.db"],
        ):
            said = accounts.run(account, *arguments, code=1 if account == 0 else 2)
            (line,) = [line for line in said.splitlines() if line.startswith("error: ")]
            assert str(accounts.home) in line
            assert why in line
            assert "HARNESS_HOME" in line
        assert accounts.all_below() == before
