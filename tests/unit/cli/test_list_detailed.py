"""``harness list methods`` and ``harness list rerankers`` say family, side and source of each."""

import pytest

from harness.cli.app import main
from harness.plugins import Method
from harness.plugins.registry import registry


def listed(kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The lines of each, without its name."""
    monkeypatch.setenv("COLUMNS", "300")
    assert main(["list", kind]) == 0
    found: dict[str, list[str]] = {}
    for line in capsys.readouterr().out.splitlines():
        name, text = line.split(maxsplit=1) if line[0] != " " else ([*found][-1], line.strip())
        found.setdefault(name, []).append(text)
    return found


@pytest.mark.parametrize("kind", ["method", "reranker"])
def test_each_has_two_lines(kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = listed(f"{kind}s", capsys, monkeypatch)
    assert [*found] == registry.names(kind)
    for name, (summary, described) in found.items():
        plugin = registry.get(kind, name)
        assert summary == plugin.summary
        assert described.endswith(f"; {plugin.reference}")


@pytest.mark.parametrize(
    ("kind", "name", "place"),
    [
        ("methods", "bifair", "in-processing, items or users"),
        ("methods", "fairdual", "in-processing, items"),
        ("methods", "ease", "no fairness of its own"),
        ("rerankers", "fa_ir", "post-processing, items"),
        ("rerankers", "fairrec_plus", "post-processing, items and users"),
    ],
)
def test_where_it_comes_in(
    kind: str, name: str, place: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert listed(kind, capsys, monkeypatch)[name][1].split(";")[0] == place


def test_one_that_says_nothing_of_itself_is_a_recommender_without_source() -> None:
    class Silent(Method):
        name = "silent"
        summary = "nothing"

    assert Silent.described() == "no fairness of its own"
