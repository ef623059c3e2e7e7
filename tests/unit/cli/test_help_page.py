"""Help: grouped, readable at 80 columns, with examples that mean something."""

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from harness.base.trees import merged, parse_assignments
from harness.cli.app import app, main
from harness.cli.examples import EXAMPLES, OF_A_RUN
from harness.cli.help_page import PANELS
from harness.spec.build import build_spec
from harness.study.plan import plan_grid
from harness.study.search_plan import plan_search
from harness.study.study_spec import GridSpec, load_study

LONG = ("evaluate", "compare", "recommend", "export-vectors", "report", "results make", "data new", "data audit")


def leaves(command: Any, *names: str) -> Iterator[tuple[str, Any]]:
    """Every command by its words."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from leaves(inner, *names, name)
    if not hasattr(command, "commands"):
        yield " ".join(names), command


COMMANDS = dict(leaves(get_command(app)))


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """``page(command)``: its help on a terminal of 80 columns, piped."""
    monkeypatch.setenv("COLUMNS", "80")

    def of(command: str) -> str:
        assert main([*command.split(), "--help"]) == 0
        return capsys.readouterr().out

    return of


@pytest.mark.parametrize("command", COMMANDS)
def test_every_page_is_readable_at_80_columns(page: Any, command: str) -> None:
    told = page(command)
    assert [line for line in told.splitlines() if len(line) > 80] == []
    assert "\x1b" not in told
    assert f"Usage: harness {command} " in told


def test_the_options_of_a_run_are_grouped(page: Any) -> None:
    sections: dict[str, str] = {}
    for line in page("run").splitlines():
        if line[:1].strip() and line.endswith(":"):
            sections[line[:-1]] = ""
        elif sections:
            sections[list(sections)[-1]] += f"{line}\n"
    assert list(sections) == [*PANELS, "Options"]
    shown = {"What": "--method", "Study": "--budget", "Where": "--tracking-uri", "Machine": "--threads"}
    assert all(f"  {option} " in sections[heading] for heading, option in shown.items())
    options = COMMANDS["run"].params
    assert sum(len(names) for names in PANELS.values()) > len(options) - 8, "most have a group"
    assert "--help" in sections["Options"]
    assert all(f"  {example}\n" in sections[heading] for heading, of in OF_A_RUN.items() for example in of)
    assert {len(of) for of in OF_A_RUN.values()} == {3}


def test_every_grouped_option_is_one_of_some_command() -> None:
    there = {parameter.name for command in COMMANDS.values() for parameter in command.params}
    assert {name for names in PANELS.values() for name in names} <= there


@pytest.mark.parametrize("command", LONG)
def test_long_commands_show_three_examples(page: Any, command: str) -> None:
    assert len(EXAMPLES[command]) == 3
    assert all(f"  {example}\n" in page(command) for example in EXAMPLES[command])


@pytest.mark.parametrize(("command", "example"), [(name, one) for name, of in EXAMPLES.items() for one in of])
def test_every_example_is_a_command(command: str, example: str) -> None:
    program, *words = shlex.split(example, comments=True)
    assert program == "harness"
    meant = getattr(get_command(app).commands[words[0]], "default", "")  # type: ignore[attr-defined]
    if meant and f"{words[0]} {words[1]}" not in COMMANDS:
        words.insert(1, meant)
    assert " ".join(words).startswith(command)
    COMMANDS[command].make_context(command, words[len(command.split()) :])  # raises what is wrong with it


@pytest.mark.parametrize("example", EXAMPLES["run"])
def test_every_example_of_a_run_asks_for_one_that_can_be_made(example: str) -> None:
    given = COMMANDS["run"].make_context("run", shlex.split(example, comments=True)[2:]).params
    flags = {key: given[key] for key in ("method", "dataset", "group", "encoder", "seed") if given[key] is not None}
    tree = merged(flags, parse_assignments(given["assignments"] or []))
    if given["study"] is None:
        assert build_spec(tree).method == given["method"]
    elif isinstance(study := load_study(given["study"]), GridSpec):
        assert plan_grid(given["study"], study, tree, given["budget"] or "default").arms
    else:
        assert plan_search(given["study"], study, tree, given["budget"] or "default")
