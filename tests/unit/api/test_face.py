"""``import harness``: light, complete, documented; every example in its docstrings runs."""

import ast
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import harness

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("torch", "mlflow", "optuna", "pandas", "polars", "numpy", "pydantic", "rich")
DOCUMENTED = [name for name in harness.__all__ if name != "__version__"]
RUN_EXAMPLES = """
import doctest, io, json, harness
found = {}
for name in harness.__all__:
    if name == "__version__":
        continue
    text = io.StringIO()
    runner, thing = doctest.DocTestRunner(verbose=False), getattr(harness, name)
    (example,) = doctest.DocTestFinder(recurse=False).find(thing, name, module=False, globs={})
    outcome = runner.run(example, out=text.write)
    found[name] = [outcome.attempted, outcome.failed, text.getvalue()]
print(json.dumps(found))
"""


def python(code: str, folder: Path, **variables: str) -> str:
    """What a fresh process in ``folder`` prints."""
    environment = {**os.environ, "HARNESS_HOME": str(folder / "home"), "OMP_NUM_THREADS": "1", **variables}
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Of every name: how many examples ran, how many failed, and what they said."""
    answer: dict[str, list[Any]] = json.loads(python(RUN_EXAMPLES, tmp_path_factory.mktemp("examples")))
    return answer


def test_importing_it_imports_nothing_else(tmp_path: Path) -> None:
    answer = python("import sys, harness; dir(harness); print(*sys.modules)", tmp_path)
    loaded = {name.partition(".")[0] for name in answer.split()}
    assert "harness" in loaded
    assert not loaded & {*HEAVY}
    own = {name for name in answer.split() if name.startswith("harness.")}
    assert own == {"harness.base", "harness.base.lazy", "harness.base.version"}


def test_errors_and_specs_need_no_store_and_no_training(tmp_path: Path) -> None:
    code = "import sys, harness as h; h.BadInput; h.RunSpec(method='ease'); h.load_spec; print(*sys.modules)"
    loaded = {name.partition(".")[0] for name in python(code, tmp_path).split()}
    assert not loaded & {"mlflow", "optuna", "pandas"}


def test_every_name_is_there_for_dir_star_and_type_checkers() -> None:
    assert {*harness.__all__} <= {*dir(harness)}
    starred: dict[str, Any] = {}
    exec("from harness import *", starred)  # what a notebook does
    assert {*harness.__all__} <= starred.keys()
    tree = ast.parse(Path(harness.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    seen = {alias.name: f"{node.module}.{alias.name}" for node in imports for alias in node.names}
    assert seen.keys() == {*DOCUMENTED}
    for name, place in seen.items():
        module, _, own = place.rpartition(".")
        assert getattr(importlib.import_module(module), own) is getattr(harness, name)
    assert (Path(harness.__file__).parent / "py.typed").is_file()


def test_no_other_name_is_there() -> None:
    with pytest.raises(AttributeError, match="module 'harness' has no attribute 'ran'"):
        harness.ran  # type: ignore[attr-defined]  # noqa: B018


def test_modules_of_the_engine_do_not_take_the_place_of_a_name(tmp_path: Path) -> None:
    code = """
import harness, harness.cli.run_command, harness.publish.run_study
from importlib import import_module
for name in harness.__all__:
    try:
        import_module(f"harness.{name}")
    except ModuleNotFoundError:
        pass
print(*(type(getattr(harness, name)).__name__ for name in harness.__all__))
"""
    assert ModuleType.__name__ not in python(code, tmp_path).split()


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_examples_of_its_docstring_run(name: str, examples: dict[str, list[Any]]) -> None:
    attempted, failed, said = examples[name]
    assert attempted, f"{name} has no example"
    assert not failed, said


def test_a_page_has_all_names_and_no_others() -> None:
    page = (ROOT / "docs/howto/python.md").read_text(encoding="utf-8")
    assert page.count("\n") <= 70
    named = {*re.findall(r"\bh\.(\w+)", page)}
    assert named == {*harness.__all__}
