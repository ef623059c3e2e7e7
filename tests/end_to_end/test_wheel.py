"""The wheel holds all that a checkout has: the same plug-ins under the same import names."""

import json
import os
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


@pytest.mark.network
def test_the_face_works_from_an_installed_wheel_in_a_fresh_environment(
    wheel: Path, tmp_path: Path, movielens_folder: Path, face_example: Callable[..., dict[str, Any]]
) -> None:
    place = tmp_path / "fresh"
    venv.create(place, with_pip=False)
    python = next(place / folder / "python" for folder in ("bin", "Scripts") if (place / folder).is_dir())
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (site,) = place.rglob("site-packages")
    # The packages that it depends on are gigabytes: they are lent, after its own; of lent editable installs nothing is.
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    answer = face_example(python, tmp_path, movielens_folder, PYTHONPATH="")
    assert Path(answer["package"]).is_relative_to(site)
