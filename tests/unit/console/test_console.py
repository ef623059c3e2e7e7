"""What a run shows, in a terminal and elsewhere."""

import io
import os
import re
from dataclasses import replace

import pytest

from harness.base.errors import BadInput
from harness.cli.app import main
from harness.console.echo import echo
from harness.console.literal_console import LiteralConsole
from harness.console.live import LiveConsole
from harness.console.open import open_console
from harness.console.plain import PlainConsole
from harness.domain.metric_key import MetricKey
from harness.evaluation.group_row import GroupRow
from harness.runs.observer import Observer
from harness.runs.summary import Summary

GROUPS = [
    GroupRow(grouping, name, k, utility, 1200, 30)
    for grouping in ("popularity", "genre")
    for k in (10, 20)
    for name, utility in (("Drama [x]", 0.5), ("A genre with a name as long as names of genres get", 0.25))
]
METRICS = {"ndcg_at_10": 0.25, "ndcg_at_20": 0.271, "average_popularity_at_20": 131.26}
METRICS |= {"genre/cv_at_20": 0.26, "genre/min25_at_20": 0.11, "popularity/cv_at_20": 0.9, "genre/A/recall_at_20": 9}
SUMMARY = Summary(
    "bifair on movielens-100k",
    "genre",
    "genre",
    (10, 20),
    20,
    {MetricKey.parse(key): value for key, value in METRICS.items()},
    GROUPS,
    left_out={"genre": ["Unknown"], "popularity": []},
    where={"run": "0" * 32, "store": "sqlite:////" + "long/" * 30 + "mlflow.db"},
    notes=["12 epochs"],
)


def watch(observer: Observer) -> None:
    with observer:
        observer.say("licence: [bold] research only")
        observer.stage("encoding")
        observer.progress(1, 2)
        observer.progress(2, 2)
        observer.stage("training")
        for number in range(1, 4):
            observer.epoch(number, 60, 0.5 / number, 0.1 * number, 0.4, number < 3)
        observer.working("tcp://10.0.0.7:4", "mf, seed 3")
        observer.study(3, 12, 540.0)
        observer.trial(1, 2, {"config.eta": 1e-3}, {"ndcg_at_20": 0.27}, True)
        observer.working("tcp://10.0.0.7:4", "")
        observer.result(SUMMARY)


@pytest.fixture
def plain() -> str:
    stream = io.StringIO()
    watch(PlainConsole(stream))
    return stream.getvalue()


def test_plain_lines_one_per_epoch(plain: str) -> None:
    lines = plain.splitlines()
    assert lines[:2] == ["licence: [bold] research only", "encoding"]
    assert "  epoch   1/60  loss 0.5000  NDCG 0.1000  CV 0.4000  best" in lines
    assert "  epoch   3/60  loss 0.1667  NDCG 0.3000  CV 0.4000" in lines
    assert "trial   1/2  ndcg_at_20 0.2700  config.eta=0.001  best" in lines
    assert "\x1b" not in plain


def test_the_table_has_every_metric_at_each_cutoff_and_the_trained_groups(plain: str) -> None:
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in plain.splitlines() if line.startswith("│")]
    assert ["ndcg", "0.2500", "0.2710"] in rows
    assert ["average_popularity", "none", "131.3"] in rows
    assert ["genre (trained) cv", "none", "0.2600"] in rows
    assert ["popularity cv", "none", "0.9000"] in rows
    assert ["Drama [x]", "30", "1,200", "0.5000", "█" * 20] in rows
    assert sum("0.5000" in row for row in rows) == 1
    assert "left out of genre (no test interaction): Unknown" in plain
    assert "left out of popularity" not in plain


def test_readable_at_80_columns_and_addresses_stay_whole(plain: str) -> None:
    assert all(len(line) <= 80 for line in plain.splitlines() if not line.startswith("store"))
    assert SUMMARY.where["store"] in plain


def test_of_many_groups_the_best_and_the_worst_are_shown_and_the_others_counted() -> None:
    names = [f"item {number:04}" for number in range(1000)]
    rows = [GroupRow("genre", name, k, number / 1000, 7, 1) for number, name in enumerate(names) for k in (10, 20)]
    stream = io.StringIO()
    PlainConsole(stream).result(replace(SUMMARY, groups=rows, left_out={"genre": [f"lost {n}" for n in range(30)]}))
    lines = stream.getvalue().splitlines()
    assert len(lines) < 50
    assert all(len(line) <= 80 for line in lines if not line.startswith("store"))
    shown = [line.split("│")[1].strip() for line in lines if line.startswith("│ item")]
    assert shown == [*reversed(names[-8:]), *reversed(names[:8])]
    assert "Best and worst of 1,000 groups of genre @20" in stream.getvalue()
    assert any("984 more" in line for line in lines)
    assert " ".join(lines).count("lost ") == 8
    assert "lost 7 and 22 more" in " ".join(lines)


def test_live_shows_figures_and_leaves_one_line_per_stage() -> None:
    stream = io.StringIO()
    live = LiveConsole(LiteralConsole(file=stream, force_terminal=True, width=80, color_system=None))
    watch(live)
    with live:
        live.stage("again")
        live.epoch(3, 60, 0.5, 0.1, 0.4, True)
        live.say("a line above has it drawn again")
    shown = stream.getvalue()
    assert "best epoch 2: NDCG 0.2000, CV 0.4000)" in shown
    assert "licence: [bold] research only" in shown
    assert "3/60" in shown
    assert "last epoch:  loss 0.5000  NDCG 0.1000  CV 0.4000" in shown
    assert " mf, seed 3 (0 s elapsed)  tcp://10.0.0.7:4" in shown
    assert re.search(r"study ━+ +3/12 runs · elapsed 0:00:0\d · about 9 min left", shown)
    assert re.search(r"epochs ━+ +3/60 · elapsed 0:00:0\d · left, at most ", shown)
    assert "Drama [x]" in shown


def test_lines_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(open_console(), PlainConsole)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert isinstance(open_console(), LiveConsole)
    assert isinstance(open_console(plain=True), PlainConsole)


def test_the_base_observer_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    watch(Observer())
    assert capsys.readouterr() == ("", "")


def test_a_reader_that_leaves_stops_nothing() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader) as heard, os.fdopen(writer, "w") as stream:
        console = PlainConsole(stream)
        console.say("first")
        assert heard.readline() == "first\n"
        heard.close()
        watch(console)


def test_what_is_printed_of_a_result_ends_once(plain: str) -> None:
    assert plain.endswith("\n")
    assert not plain.endswith("\n\n")


HOSTILE = "\x1b[2J\x1b]0;title\x07 \x9b31m \u202egnp.exe [red]x[/red] [/] :smile: 日本"
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
AS_SHOWN = "␛[2J␛]0;title␇ �31m �gnp.exe [red]x[/red] [/] :smile: 日本"


def test_nothing_in_a_text_steers_the_terminal_or_is_markup() -> None:
    told = replace(
        SUMMARY,
        title=HOSTILE,
        headline=HOSTILE,
        groups=[GroupRow(HOSTILE, HOSTILE, k, 0.5, 12, 3) for k in (10, 20)],
        left_out={HOSTILE: [HOSTILE]},
        where={"run": HOSTILE},
        notes=[HOSTILE],
    )
    plain, live = io.StringIO(), io.StringIO()
    shown = LiteralConsole(file=live, width=200, force_terminal=False, color_system=None)
    for console in (PlainConsole(plain), LiveConsole(shown)):
        with console:
            console.say(HOSTILE)
            console.stage(HOSTILE)
            console.trial(1, 2, {HOSTILE: HOSTILE}, {HOSTILE: 0.5}, True)
            console.result(told)
    for stream in (plain, live):
        assert not STEERING.search(stream.getvalue())
        assert stream.getvalue().splitlines()[0] == AS_SHOWN


def test_the_last_figures_on_a_terminal_are_literal() -> None:
    stream = io.StringIO()
    with LiveConsole(LiteralConsole(file=stream, width=200, force_terminal=True, color_system=None)) as live:
        live.stage(HOSTILE)
        live.epoch(1, 2, 0.5, 0.1, 0.4, False)
        live.say("above")
    assert f"{AS_SHOWN}\n last epoch:" in stream.getvalue()
    assert "\x1b]0" not in stream.getvalue()


def test_a_line_of_a_command_and_an_error_are_literal(capsys: pytest.CaptureFixture[str]) -> None:
    echo(f"{HOSTILE}\r\nnext\tcell")
    assert main(["list", HOSTILE]) == 2
    assert main(["data", "show", HOSTILE]) == 2
    said = capsys.readouterr()
    assert said.out == f"{AS_SHOWN}␍\nnext\tcell\n"
    assert said.err.count("\n") == 2
    assert not STEERING.search(said.err)


def test_an_error_is_literal_wherever_it_is_shown() -> None:
    assert str(BadInput(HOSTILE)) == AS_SHOWN
