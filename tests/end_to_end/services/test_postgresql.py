"""A study whose trials and runs are kept by a PostgreSQL server ends like one on SQLite."""

import sys
from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any
from urllib.parse import quote

import pytest

from harness.base.errors import BadInput, HarnessError, Unavailable
from harness.study.trial_storage import check_storage
from harness.track import open_tracker
from harness.track.spec_index import INDEX
from tests.postgresql_server import PASSWORD, PostgresqlServer

pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]


@pytest.fixture(scope="module")
def on_sqlite(server: PostgresqlServer, tuned_study_of_module: Callable[..., Any]) -> list[dict[str, Any]]:
    """What the study finds with both stores in SQLite."""
    study = tuned_study_of_module("sqlite", seeds=[0])
    study.finish()
    return study.records()  # type: ignore[no-any-return]


def check_runs(study: Any) -> None:
    asked = [(run.tags["spec"], run.tags["evaluated"]) for run in study.runs()]
    assert len(asked) == len(set(asked)) == 2 * 3 + 1 + 2, "every run is there once"
    assert {run.status for run in study.runs()} == {"FINISHED"}


def test_killed_and_gone_on_with(
    server: PostgresqlServer, runs_store: str, on_sqlite: list[dict[str, Any]], tuned_study: Callable[..., Any]
) -> None:
    options = ("--storage", server.fresh("trials"))
    study = tuned_study("postgresql", seeds=[0], store=runs_store, experiment="killed", options=options)
    study.kill_after(lines=4, seconds=0.3)  # among the trials of the second method
    said = study.finish()
    assert study.records() == on_sqlite
    check_runs(study)
    assert PASSWORD not in said
    assert quote(PASSWORD, safe="") not in said
    trials = server.ask(
        "SELECT study_name, state::text, count(param_id) FROM trials JOIN studies USING (study_id) "
        "LEFT JOIN trial_params USING (trial_id) GROUP BY trial_id, study_name, state",
        "trials",
    )
    assert Counter((name.split("-")[1], state) for name, state, parameters in trials if parameters) == {
        ("alpharec", "COMPLETE"): 3,
        ("joint", "COMPLETE"): 3,
    }
    never_asked = {state for _, state, parameters in trials if not parameters}
    assert never_asked <= {"FAIL"}, "it may have been killed just then"


def test_two_processes_at_once(
    server: PostgresqlServer, runs_store: str, on_sqlite: list[dict[str, Any]], tuned_study: Callable[..., Any]
) -> None:
    options = ("--storage", server.fresh("trials of two"), "--jobs", "2")
    study = tuned_study("two", seeds=[0], store=runs_store, experiment="two", options=options)
    said = study.finish()
    assert "failed" not in said
    assert study.records() == on_sqlite
    check_runs(study)


def test_runs_that_log_the_same_data_at_once(runs_store: str) -> None:
    tracker = open_tracker(runs_store, "at once")
    runs = [tracker.start(f"run {n}", {}, {}) for n in range(4)]
    barrier, failures = Barrier(len(runs)), []

    def log(run: Any) -> None:
        for digest in ("a", "b", "c"):
            barrier.wait()
            try:
                run.log_dataset("data", digest, "local", "training", {})
            except HarnessError as error:
                failures.append(error)

    threads = [Thread(target=log, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_runs_of_a_spec_are_found_by_an_index(server: PostgresqlServer, runs_store: str) -> None:
    tracker = open_tracker(runs_store, "index")
    for spec in ("a", "b", "long" * 1200):  # that one would be too long for an ordered index
        with tracker.start(spec[:9], {}, {"spec": spec, "code": "1"}) as run:
            run.log_metrics({"ndcg": 0.5}, step=1)
    tracker.settle()
    columns = "status, lifecycle_stage, experiment_id, start_time"
    many = "FROM runs, generate_series(1, 2000) n WHERE name = 'b'"
    server.ask(f"INSERT INTO runs (run_uuid, {columns}) SELECT 'other ' || n, {columns} {many}", "runs")
    server.ask(f"INSERT INTO tags (run_uuid, key, value) SELECT 'other ' || n, 'spec', 'spec ' || n {many}", "runs")
    server.ask("ANALYZE", "runs")
    found = open_tracker(runs_store, "index").find_finished({"spec": "b", "code": "1"})
    assert found is not None
    assert found.tags["code"] == "1"
    plan = server.ask("EXPLAIN SELECT run_uuid FROM tags WHERE key = 'spec' AND value = 'b'", "runs")
    assert INDEX in "\n".join(line for (line,) in plan)


def test_who_may_not_make_an_index_does_without(server: PostgresqlServer, runs_store: str) -> None:
    server.ask("CREATE USER writer PASSWORD 'writer'")
    server.ask("GRANT ALL ON ALL TABLES IN SCHEMA public TO writer", "runs")
    server.ask("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO writer", "runs")
    server.ask(f"DROP INDEX {INDEX}", "runs")
    indexes = f"SELECT count(*) FROM pg_indexes WHERE indexname = '{INDEX}'"
    with open_tracker(server.address("runs", "writer", "writer"), "without") as tracker:
        with tracker.start("a", {}, {"spec": "c"}) as run:
            run.log_metrics({"ndcg": 0.5}, step=1)
        assert server.ask(indexes, "runs") == [(0,)]
    found = open_tracker(runs_store, "without").find_finished({"spec": "c"})
    assert found is not None
    assert server.ask(indexes, "runs") == [(1,)]


def test_what_the_server_refuses_is_one_line(server: PostgresqlServer, runs_store: str) -> None:
    open_tracker(runs_store, "refusals")
    check_storage(server.fresh("trials only"))
    server.ask("CREATE DATABASE foreign_one")
    server.ask("CREATE USER guest PASSWORD 'guest'")
    guest = server.address("foreign_one", "guest", "guest")
    refused: list[tuple[Callable[[str], Any], str, type[HarnessError], str]] = [
        (check_storage, server.address("runs", "wrong secret"), Unavailable, "password authentication failed"),
        (open_tracker, server.address("runs", "wrong secret"), Unavailable, "password authentication failed"),
        (check_storage, server.address("nowhere"), Unavailable, '"nowhere" does not exist; create it'),
        (open_tracker, server.address("nowhere"), Unavailable, '"nowhere" does not exist; create it'),
        (check_storage, runs_store, BadInput, "database of something else"),
        (open_tracker, server.address("trials only"), Unavailable, "database of something else"),
        (check_storage, guest, Unavailable, "permission denied for schema"),
        (open_tracker, guest, Unavailable, "permission denied for schema"),
    ]
    for call, address, kind, reason in refused:
        with pytest.raises(kind) as caught:
            call(address)
        message = str(caught.value)
        assert reason in message
        assert "\n" not in message
        assert not {"secret", quote(PASSWORD, safe=""), PASSWORD} & set(message.replace("@", ":").split(":"))
