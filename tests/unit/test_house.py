"""Rules of the house for tests: what they use of the harness is public, and nothing of it is replaced."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
FILES = sorted(path.relative_to(TESTS).as_posix() for path in TESTS.rglob("*.py"))
REPLACE = ("setattr", "delattr", "patch", "object")


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def of_harness(module: str | None) -> bool:
    return (module or "").partition(".")[0] == "harness"


def imported(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Line, full name and name in the file of each import from the harness."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and of_harness(node.module):
            yield from ((node.lineno, f"{node.module}.{name.name}", name.asname or name.name) for name in node.names)
        elif isinstance(node, ast.Import):
            for name in filter(lambda name: of_harness(name.name), node.names):
                yield node.lineno, name.name, name.asname or "harness"


def owner(node: ast.expr) -> str:
    """The name that an attribute is looked up from, such as ``a`` of ``a.b.c``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def texts(call: ast.Call) -> list[str]:
    return [value.value for value in call.args if isinstance(value, ast.Constant) and isinstance(value.value, str)]


def findings(source: str) -> list[str]:
    """What breaks the rules: the line and what is wrong with it, in order."""
    tree = ast.parse(source)
    names = {name for _, _, name in imported(tree)}
    found = [
        (line, f"imports the private {full}")
        for line, full, _ in imported(tree)
        if any(map(is_private, full.split(".")))
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and owner(node.value) not in ("self", "cls"):
            found.append((node.lineno, f"uses the private {ast.unparse(node)}"))
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and owner(node) in names:
            found.append((node.lineno, f"replaces {ast.unparse(node)}"))
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else owner(node.func)
            replaced = called in REPLACE and (of_harness(texts(node)[0]) if texts(node)[:1] else False)
            if replaced or (called in REPLACE and owner(node.args[0]) in names):
                found.append((node.lineno, f"replaces something of the harness: {ast.unparse(node)}"))
            elif called in (*REPLACE, "getattr") and any(is_private(part) for part in ".".join(texts(node)).split(".")):
                found.append((node.lineno, f"names something private: {ast.unparse(node)}"))
    return [f"{line}: {what}" for line, what in sorted(found)]


@pytest.mark.parametrize("file", FILES)
def test_tests_use_what_is_public_and_replace_nothing(file: str) -> None:
    broken = [] if file == "unit/test_third_party_private.py" else findings((TESTS / file).read_text(encoding="utf-8"))
    assert not broken, "give the code a seam:\n" + "\n".join(f"tests/{file}:{line}" for line in broken)


@pytest.mark.parametrize(
    "line",
    [
        "from harness.balance.frank_wolfe import _steps",
        "from harness.builtin.encoders import _parts as parts",
        "import harness.builtin.encoders._parts",
        "registry._entries",
        "registry.get('method', 'x')._state",
        "monkeypatch.setattr('harness.runs.run.run', None)",
        "monkeypatch.setattr(hub, 'cached', None)",
        "monkeypatch.setattr(hub.client, 'cached', None)",
        "monkeypatch.setattr(run, '_client', None)",
        "monkeypatch.delattr('harness.runs.run.run')",
        "patch.object(hub, 'cached')",
        "patch('harness.vectors.hub.cached')",
        "setattr(hub, 'cached', None)",
        "getattr(run, '_client')",
        "hub.cached = None",
        "del hub.cached",
    ],
)
def test_what_breaks_the_rules_is_found(line: str) -> None:
    (found,) = findings(f"from harness.vectors import hub\n{line}\n")
    assert found.startswith("2: ")


@pytest.mark.parametrize(
    "line",
    [
        "from harness import __version__",
        "self._state",
        "monkeypatch.setattr('shutil.disk_usage', None)",
        "monkeypatch.setattr(importlib.metadata, 'entry_points', None)",
        "monkeypatch.setenv('HARNESS_HOME', '_')",
        "hub.cached('name')",
        "getattr(run, name)",
    ],
)
def test_what_keeps_them_is_not(line: str) -> None:
    assert findings(f"from harness.vectors import hub\n{line}\n") == []


def test_contributors_are_shown_the_house_as_the_contract_has_it() -> None:
    (contract,) = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"^\| package of `harness` .*\n\|---.*\n((?:\|.*\n)+)", page, re.MULTILINE)
    shown = [re.findall(r"`(\w+)`", line.split("|")[1]) for line in table.splitlines()]
    assert shown == [layer.split(" | ") for layer in contract["layers"]]
