"""What an audit tells, against counting by hand; what an export holds, against the corpus it came from."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from harness.base import paths
from harness.base.errors import BadInput
from harness.cli.app import main
from harness.data.audit import Audit, audit, leaking_pairs
from harness.data.build_corpus import build_corpus
from harness.data.corpus import Corpus
from harness.data.export import export, interactions_of
from harness.data.split import split
from harness.domain.card import Card
from harness.domain.interactions import Split, Test
from harness.domain.membership import Membership
from harness.domain.tables import Tables
from harness.spec.options import DataOptions

LOOSE = DataOptions(core=1, min_rating=None)
N_USERS, N_ITEMS = 10, 6


@pytest.fixture
def corpus() -> Corpus:
    """User u took the first items, at time u; one pair is there twice, titles repeat, one genre list is empty."""
    pairs = [(u, i) for u in range(N_USERS) for i in range(1 + u % N_ITEMS)]
    rows = [(f"u{u}", f"i{i}", u) for u, i in [*pairs, (0, 0)]]
    interactions = pl.DataFrame(rows, {"user": pl.String, "item": pl.String, "timestamp": pl.Int64}, orient="row")
    items = pl.DataFrame(
        {
            "item": [f"i{i}" for i in range(N_ITEMS)],
            "title": ["One", "One", None, "", "Two", "Three"],
            "genres": [["a"], [], ["b"], ["a"], ["b"], ["a", "b"]],
        }
    )
    users = pl.DataFrame({"user": [f"u{u}" for u in range(N_USERS)]})
    return build_corpus(Tables(interactions, items, users), LOOSE)


@pytest.fixture
def parts(corpus: Corpus) -> Split:
    return split(corpus, LOOSE, 0)


@pytest.fixture
def found(corpus: Corpus, parts: Split) -> Audit:
    labels = [["a"] if row == "i0" else ["b"] for row in corpus.items["item"]]
    return audit(corpus, parts, [Membership.from_labels("shelf", "item", labels)])


def test_sizes_and_sparsity(corpus: Corpus, found: Audit) -> None:
    size = dict(found.sections["size"])
    assert (size["users"], size["items"], size["interactions"]) == ("10", "6", str(len(corpus)))
    assert size["sparsity"] == f"{1 - len(corpus) / 60:.4%} of all pairs are empty"


def test_skew_against_the_definition_of_gini(corpus: Corpus, found: Audit) -> None:
    counts = np.bincount(corpus.item_indices).astype(float)
    pairs = np.abs(counts[:, None] - counts).sum()
    assert dict(found.sections["popularity"])["Gini"] == f"{pairs / (2 * N_ITEMS**2 * counts.mean()):.4f}"
    top = np.sort(counts)[::-1][:2].sum() / counts.sum()
    assert dict(found.sections["popularity"])["share of the top 20% of items"].startswith(f"{top:.2%}")


def test_gaps_and_repetitions(found: Audit) -> None:
    assert found.sections["gaps"] == [("items without title", "2 of 6"), ("items without genres", "1 of 6")]
    assert dict(found.sections["repetitions"]) == {
        "interactions that were there before": "1",
        "items that share their title": "2, such as 'One'",
    }


def test_groups_have_members_and_training_interactions(corpus: Corpus, parts: Split, found: Audit) -> None:
    first = corpus.items["item"].to_list().index("i0")
    taken = int((parts.training.items == first).sum())
    rows = dict(found.sections["groups of shelf"])
    assert rows["a"] == f"1 members, {taken} training interactions"
    assert rows["b"] == f"5 members, {len(parts.training) - taken} training interactions"


def test_a_split_leaks_nothing_and_a_broken_one_is_found(corpus: Corpus, parts: Split) -> None:
    assert leaking_pairs(parts) == 0
    sizes = (corpus.n_users, corpus.n_items)
    users, items = (np.concatenate([getattr(parts.test, side), getattr(parts.training, side)[:3]]) for side in SIDES)
    broken = replace(parts, test=Test(users, items, *sizes))
    assert leaking_pairs(broken) == 3
    assert audit(corpus, broken, []).leaks == 3
    assert "LEAK" in dict(audit(corpus, broken, []).sections["split"])["pairs in two parts"]


SIDES = ("users", "items")


def test_an_export_holds_every_interaction_with_its_part_and_time(corpus: Corpus, parts: Split) -> None:
    table = interactions_of(corpus, parts)
    assert table.height == len(corpus)
    assert (table["timestamp"] == table["user"].str.slice(1).cast(pl.Int64)).all()
    for name, part in (("training", parts.training), ("validation", parts.validation), ("test", parts.test)):
        rows = table.filter(pl.col("part") == name).select("user", "item").rows()
        users, items = corpus.users["user"].gather(part.users), corpus.items["item"].gather(part.items)
        assert rows == list(zip(users, items, strict=True))


def test_an_export_read_back_is_the_same_data_set(corpus: Corpus, parts: Split, tmp_path: Path) -> None:
    export(corpus, parts, tmp_path / "out")
    read = {name: pl.read_parquet(tmp_path / "out" / f"{name}.parquet") for name in ("interactions", "items", "users")}
    again = build_corpus(Tables(read["interactions"], read["items"], read["users"]), LOOSE)
    assert again.digest == corpus.digest
    assert split(again, LOOSE, 0).digest == parts.digest
    assert json.loads((tmp_path / "out" / "digests.json").read_text())["split"] == parts.digest


def test_an_export_overwrites_nothing(corpus: Corpus, parts: Split, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(BadInput, match="is not empty"):
        export(corpus, parts, tmp_path)
    with pytest.raises(BadInput, match="is a file"):
        export(corpus, parts, tmp_path / "mine.txt")
    with pytest.raises(BadInput, match="cannot be written"):
        export(corpus, parts, tmp_path / "mine.txt" / "below")


def test_what_the_card_does_not_say_is_noted(corpus: Corpus, parts: Split) -> None:
    said: dict[str, Any] = {"title": "t", "sources": (), "groupings": ("popularity",), "default_group": "popularity"}
    found = audit(corpus, parts, [], Card(homepage="", licence="mine", citation="", **said))
    assert [key for key, _ in found.sections["not said by the card"]] == ["homepage", "citation"]
    whole = audit(corpus, parts, [], Card(homepage="https://t.example", licence="mine", citation="t", **said))
    assert "not said by the card" not in whole.sections


def test_the_commands_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    rows = [f"{u},{i},{u * i}" for u in range(25) for i in range(25)]
    (tmp_path / "t.csv").write_text("\n".join(["u,i,t", *rows]))
    card = tmp_path / "grid.toml"
    card.write_text(
        'name = "grid"\ntitle = "Grid"\nsummary = "all pairs"\nhomepage = ""\nlicence = "none"\ncitation = "none"\n'
        'groupings = ["popularity"]\ndefault_group = "popularity"\n'
        '[interactions]\nfile = "t.csv"\ncolumns = { user = "u", item = "i", timestamp = "t" }\n'
    )
    assert main(["data", "audit", str(card), "--plot", str(tmp_path / "tail.png")]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "pairs in two parts 0" in shown
    assert "0.0000% of all pairs are empty" in shown
    assert (tmp_path / "tail.png").read_bytes().startswith(b"\x89PNG")
    assert main(["data", "export", str(card), str(tmp_path / "out"), "--set", "data.split=leave_one_out"]) == 0
    capsys.readouterr()
    parts = pl.read_parquet(tmp_path / "out" / "interactions.parquet")["part"].value_counts()
    assert dict(parts.iter_rows()) == {"training": 25 * 23, "validation": 25, "test": 25}
    assert main(["data", "show", str(card), "--set", "data.core=2"]) == 2
    assert "only dataset_options.KEY=VALUE" in capsys.readouterr().err
