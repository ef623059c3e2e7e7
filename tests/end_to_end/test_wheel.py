"""The wheel holds all that a checkout has: the same plug-ins under the same import names."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.plugins.registry import KINDS, registry

CHECKOUT = Path(__file__).resolve().parents[2]
QUESTION = """
import json, harness
from harness.plugins.registry import KINDS, registry
from harness.track.environment import code_digest
loaded = {kind: [registry.get(kind, name).summary for name in registry.names(kind)] for kind in KINDS}
print(json.dumps([harness.__file__, loaded, code_digest()]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(CHECKOUT)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (built,) = folder.glob("bifair_harness-*.whl")
    return built


@pytest.mark.network
def test_plugins_are_in_the_package_and_nothing_is_beside_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {
        "harness/methods/bifair/method.py",
        "harness/datasets/movielens_100k.py",
        "harness/studies/sensitivity.toml",
        "harness/py.typed",
    } <= {*names}
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"harness"}


@pytest.mark.network
def test_the_package_page_has_no_link_that_leads_nowhere(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        (name,) = [name for name in files.namelist() if name.endswith("/METADATA")]
        page = files.read(name).decode("utf-8")
    assert "# bifair-harness" in page
    assert not re.findall(r"\]\((?!https://)[^)]*\)", page)
    assert re.findall(r"\]\(https://[^)]*\)", page)


@pytest.mark.network
def test_an_installed_wheel_lists_and_loads_all_plugins(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(place), str(wheel)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    environment = {**os.environ, "PYTHONPATH": str(place), "HARNESS_HOME": str(tmp_path / "home")}
    asked = [sys.executable, "-c", QUESTION]
    answer = subprocess.run(
        asked, check=True, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=300
    )
    file, loaded, code = json.loads(answer.stdout)
    assert Path(file).is_relative_to(place)
    assert loaded == {kind: [registry.get(kind, name).summary for name in registry.names(kind)] for kind in KINDS}
    from harness.track.environment import code_digest

    assert code == code_digest(), "a checkout and its wheel are the same code"


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment that has the wheel."""
    place = tmp_path_factory.mktemp("fresh")
    venv.create(place, with_pip=False)
    found = next(place / folder / "python" for folder in ("bin", "Scripts") if (place / folder).is_dir())
    command = [sys.executable, "-m", "pip", "--python", str(found), "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (site,) = place.rglob("site-packages")
    # The packages that it depends on are gigabytes: they are lent, after its own; of lent editable installs nothing is.
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return found


@pytest.mark.network
def test_the_face_works_from_an_installed_wheel_in_a_fresh_environment(
    python: Path, tmp_path: Path, movielens_folder: Path, face_example: Callable[..., dict[str, Any]]
) -> None:
    answer = face_example(python, tmp_path, movielens_folder, PYTHONPATH="")
    assert Path(answer["package"]).is_relative_to(python.parents[1])


@pytest.mark.network
def test_type_checkers_see_the_types_of_an_installed_wheel(python: Path, tmp_path: Path) -> None:
    """What the pages show of Python and of plug-ins is well typed for a user, who has no plug-in of pydantic."""
    pages = (CHECKOUT / f"docs/howto/{name}.md" for name in ("python", "definition", "method"))
    page = "".join(path.read_text(encoding="utf-8") for path in pages)
    shown = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(shown) == 5
    given = ("interactions", "items", "users", "lists", "test", "training")
    frames = "".join(f"{name}: pl.DataFrame\n" for name in given)
    wrong = 'h.run("bifair")\nh.RunSpec(methd="bifair")\nh.run_study("main", budget="smok")\n'
    script = tmp_path / "script.py"
    script.write_text(f"import polars as pl\n{frames}" + "".join(shown) + wrong, encoding="utf-8")
    checker = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull]
    command = [*checker, "--python-executable", str(python), str(script)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=600)
    lines = script.read_text(encoding="utf-8").count("\n")
    found = re.findall(r"^script\.py:(\d+): error: .*\[(.*)\]$", done.stdout, re.MULTILINE)
    assert found == [(str(lines - 2), "arg-type"), (str(lines - 1), "call-arg"), (str(lines), "arg-type")], done.stdout


@pytest.mark.network
def test_a_plugin_is_begun_where_there_is_no_pytest(python: Path, tmp_path: Path) -> None:
    code = "import sys; sys.modules['pytest'] = None; from harness.cli.app import main; sys.exit(main())"
    command = [str(python), "-c", code, "plugin", "new", "grouping", "by_shelf"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "by_shelf.py").is_file()
