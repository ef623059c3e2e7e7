"""What commands print into a pipe has at most 120 columns, whatever plug-ins and groups are called."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.app import main
from harness.plugins.registry import Registry

WIDEST = 120
PLUGIN = '''
"""Plug-ins with long names."""

from harness.methods.most_popular import MostPopular
from harness.plugins import Grouping, GroupingConfig, Membership


class Popular(MostPopular):
    name = "most_popular_items_of_all_times_and_of_every_country_whatever_else_may_be_known_of_them"
    summary = "a method " * 30


class Publishers(Grouping):
    name = "publishers_by_the_country_of_their_registered_office_as_far_as_it_is_known"
    summary = "a definition " * 30
    side = "item"
    Config = GroupingConfig
    config: GroupingConfig

    def assign(self, source):
        names = [f"Verlagsgesellschaft für Wissenschaft und Kunst, Band {i % 20}" for i in range(source.items.height)]
        return Membership.from_labels(self.name, self.side, ([name] for name in names))
'''
METHOD = "most_popular_items_of_all_times_and_of_every_country_whatever_else_may_be_known_of_them"
GROUPING = "publishers_by_the_country_of_their_registered_office_as_far_as_it_is_known"
ADDRESSES = ("store ", "compare ", "seeds ", "report ", "runs ", "pages ", "files ", "source ")
"""Beginnings of lines that hold a path, an address or a command: they stay whole."""
FRAMES = "┏┃┡│├└"
"""What lines of a table begin with."""


@pytest.fixture
def piped(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fresh_registry: Registry,
) -> Callable[..., list[str]]:
    """``piped(*command)``: the lines of a command that works, those that hold an address left out."""
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("COLUMNS", raising=False)

    def of(*command: str) -> list[str]:
        capsys.readouterr()
        assert main([*command]) == 0
        return [line for line in capsys.readouterr().out.splitlines() if not line.startswith(ADDRESSES)]

    return of


@pytest.fixture
def asked(tmp_path: Path) -> list[str]:
    """A tiny data set, and the plug-ins."""
    file = tmp_path / "long_names.py"
    file.write_text(PLUGIN)
    options = ["dataset_options.n_users=120", "dataset_options.n_items=200", "dataset_options.n_groups=20"]
    options += ["encoder.name=random", "training.max_epochs=1", "evaluation.origins=false"]
    return ["--plugin", str(file), *(word for text in options for word in ("--set", text))]


def too_wide(lines: list[str]) -> list[str]:
    return [line for line in lines if len(line) > WIDEST]


@pytest.mark.parametrize(
    "command",
    [["list"], ["list", "methods"], ["list", "groupings"], ["list", "metrics"], ["data", "list"],
     ["data", "show", "movielens-100k"]],
    ids=" ".join,
)  # fmt: skip
def test_lists_of_names(piped: Callable[..., list[str]], asked: list[str], command: list[str]) -> None:
    lines = piped(*command, *asked[:2])
    assert len(lines) > 3
    assert too_wide(lines) == []
    if command == ["list", "methods"]:
        assert METHOD in lines, "a name that is to be typed is whole"


def tables(lines: list[str]) -> list[str]:
    return [line for line in lines if line[:1] in FRAMES]


def test_runs_their_comparison_and_their_lists(piped: Callable[..., list[str]], asked: list[str]) -> None:
    on = ["--dataset", "long-tail", "--threads", "1", "--group", GROUPING, *asked]
    lines = piped("run", "--method", METHOD, *on)
    assert sum("Verlagsgesel" in line and "…" in line for line in tables(lines)) == 20
    assert max(map(len, tables(lines))) <= 80
    assert too_wide(lines[lines.index("test") :]) == []
    first = next(line.split()[-1] for line in lines if line.startswith("run "))
    piped("run", "--method", "random", *on)
    compared = piped("compare", first, "last", "--resamples", "100", *asked[:2])
    assert any("excludes 0" in line for line in tables(compared))
    assert too_wide(tables(compared)) == []
    lists = piped("recommend", "last", "--user", "5", *asked[:2])
    assert len(tables(lists)) > 10
    assert too_wide(lists) == []
    scored = piped("evaluate", "last", "--fairness", "popularity", *asked[:2])
    assert tables(scored)
    assert too_wide(tables(scored)) == []


def test_an_audit(piped: Callable[..., list[str]], asked: list[str]) -> None:
    lines = piped("data", "audit", "long-tail", *asked)
    sections = lines[lines.index("") :]
    assert len(sections) > 20
    assert too_wide(sections) == []


def test_the_tables_that_end_a_study(piped: Callable[..., list[str]], asked: list[str], tmp_path: Path) -> None:
    study = tmp_path / "long.toml"
    study.write_text(
        f'summary = "long names"\nquestion = "How wide?"\nmethods = ["{METHOD}", "random"]\n'
        "[budgets.smoke]\nseeds = [0]\n[budgets.default]\nseeds = [0]\n[budgets.full]\nseeds = [0]\n"
    )
    on = ["--dataset", "long-tail", "--threads", "1", "--group", GROUPING, *asked]
    lines = piped("run", "--study", str(study), "--budget", "smoke", *on)
    last = max(place for place, line in enumerate(lines) if line.startswith("2/2"))
    ending = lines[last + 2 :]
    assert any(line.startswith("random ") for line in ending)
    assert too_wide(ending) == []
