"""What a plug-in's author imports from ``harness.plugins`` is there, under the name that type checkers see."""

import ast
from pathlib import Path

import harness.plugins as plugins


def test_every_name_is_there_and_nothing_is_missing() -> None:
    tree = ast.parse(Path(plugins.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == set(plugins.__all__)
    assert all(getattr(plugins, name) is not None for name in seen)


def test_kinds_have_their_base_classes_there() -> None:
    from harness.plugins.kinds import KINDS

    assert {kind.base_class().__name__ for kind in KINDS.values()} <= set(plugins.__all__)
