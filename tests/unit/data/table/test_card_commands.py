"""A card by its path and by its name: found, listed, shown, added; a changed card is another data set."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.base import paths
from harness.base.errors import BadInput
from harness.cli.app import main
from harness.data.table.card_file import read_card
from harness.data.table.install import install
from harness.plugins.registry import registry
from harness.runs.experiment import prepare
from harness.spec.build import build_spec

CARD = """# a comment
name = "books"
title = "Books"
summary = "a few books"
homepage = ""
licence = "mine"
citation = "me"
groupings = ["popularity"]
default_group = "popularity"
interactions = { file = "loans.csv", columns = { user = "who", item = "what" } }
"""


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A card beside its file, and a home folder of the test's own."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    folder = tmp_path / "shelf"
    folder.mkdir()
    rows = [f"{user},{item}" for user in range(8) for item in range(8)]
    (folder / "loans.csv").write_text("\n".join(["who,what", *rows, "0,0"]))
    (folder / "books.toml").write_text(CARD)
    return folder / "books.toml"


def test_a_card_is_a_data_set_by_its_path(card: Path) -> None:
    spec = build_spec({"dataset": str(card), "method": "most_popular"})
    assert spec.dataset == str(card)
    assert spec.dataset_name == "books"
    assert spec.group == "popularity"
    assert build_spec(spec.model_dump(mode="json")) == spec


def test_comments_do_not_matter_and_content_does(card: Path) -> None:
    first = build_spec({"dataset": str(card)})
    card.write_text(CARD.replace("# a comment", "# another"))
    assert build_spec({"dataset": str(card)}).digest == first.digest
    card.write_text(CARD.replace("a few books", "many books"))
    assert build_spec({"dataset": str(card)}).digest != first.digest
    with pytest.raises(BadInput, match=r"dataset_options\.card: .*books\.toml has changed since"):
        build_spec(first.model_dump(mode="json"))


def test_equal_cards_beside_different_files_are_different_data_sets(card: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / card.name
    other.parent.mkdir()
    other.write_text(CARD)
    assert build_spec({"dataset": str(card)}).digest != build_spec({"dataset": str(other)}).digest


def test_an_added_card_is_a_data_set_by_its_name(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "books" not in registry.names("dataset")
    assert main(["data", "add", str(card)]) == 0
    out = capsys.readouterr().out
    assert "8 users, 8 items, 64 interactions" in out
    assert "1 interactions: repeated" in out
    assert "texts: none, data.text='{title}': these items have no text, only ids: describe them (in a card: " in out
    assert "books" in registry.names("dataset")
    by_name, by_path = build_spec({"dataset": "books"}), build_spec({"dataset": str(card)})
    assert by_name.digest == by_path.digest, "the copy knows where the files lie"
    for command in (["list", "datasets"], ["data", "list"], ["data", "show", "books"]):
        assert main(command) == 0
        assert "books" in capsys.readouterr().out.casefold()
    assert main(["data", "add", str(card)]) == 0, "adding it again replaces it"


@pytest.mark.parametrize("line", ['folder = "."', "folder='.' # here", None])
def test_a_copy_keeps_everything_but_the_folder(card: Path, line: str | None) -> None:
    card.write_text(CARD if line is None else f"{line}\n{CARD}")
    copy = install(card).path
    assert "# a comment" in copy.read_text()
    assert read_card(copy) == read_card(card).model_copy(update={"folder": str(card.parent)})


def test_a_folder_of_the_users_own_is_kept(card: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    (card.parent / "loans.csv").rename((moved.mkdir() or moved) / "loans.csv")
    with pytest.raises(BadInput, match=r"does not hold books: missing loans\.csv"):
        install(card)
    assert read_card(install(card, moved).path).folder == str(moved)


def test_nothing_is_added_where_a_grouping_cannot_be_formed(card: Path) -> None:
    card.write_text(CARD.replace('["popularity"]', '["popularity", "genre"]'))
    with pytest.raises(BadInput, match="grouping 'genre' reads the column 'genres'"):
        install(card)
    assert not paths.cards_folder().exists()


def test_the_name_of_another_data_set_is_refused(card: Path) -> None:
    taken = card.with_name("movielens-100k.toml")
    taken.write_text(CARD.replace('"books"', '"movielens-100k"'))
    advice = (
        r"called 'movielens-100k' already \(harness\.datasets\.movielens_100k\): call yours otherwise, name = 'my-m.*"
    )
    with pytest.raises(BadInput, match=f"{advice} or use it by its path: --dataset {taken}"):
        install(taken)
    assert build_spec({"dataset": str(taken), "method": "most_popular"}).group == "popularity", "the advice is right"


@pytest.fixture
def namesake(card: Path) -> Path:
    """A card in the home folder that was there before the project had a data set of its name."""
    own = paths.cards_folder() / "steam.toml"
    own.parent.mkdir(parents=True)
    own.write_text(f'folder = "{card.parent}"\n' + CARD.replace('"books"', '"steam"'))
    return own


def test_the_users_card_comes_before_what_is_shipped_under_its_name_later(namesake: Path) -> None:
    shipped = "harness.datasets.steam"
    assert registry.names("dataset").count("steam") == 1
    assert registry.origin("dataset", "steam") == str(namesake)
    assert registry.set_aside("dataset", "Steam") == shipped
    assert "steam" not in registry.broken("dataset")
    spec = build_spec({"dataset": "steam", "method": "most_popular"})
    assert build_spec(spec.model_dump(mode="json")) == spec, "runs on record go on: they know the card by its hash"
    assert spec.dataset_options == build_spec({"dataset": str(namesake)}).dataset_options
    namesake.unlink()
    assert registry.origin("dataset", "steam") == shipped
    assert registry.set_aside("dataset", "steam") == ""


def test_it_is_said_whose_data_set_it_is(namesake: Path, said: Callable[..., str]) -> None:
    whose = f"steam is your own card {namesake}, which comes before the project's own (harness.datasets.steam)"
    assert whose in said("data", "audit", "steam")
    assert "remove it to use the project's data set (harness.datasets.steam)" in said("data", "show", "steam")
    lines = said("data", "list").splitlines()
    assert [line.split()[0] for line in lines if "your own card" in line] == ["steam"]
    assert "your own card" not in said("data", "show", str(namesake)), "by its path it stands in nobody's way"


def test_a_broken_card_of_a_shipped_name_is_one_line(namesake: Path) -> None:
    namesake.write_text("nothing = 1")
    with pytest.raises(BadInput, match=rf"{namesake}: "):
        registry.get("dataset", "steam")


def test_adding_tells_how_many_items_have_a_text(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    items = """
[items]
file = "books.csv"
columns = { item = "id", title = "name" }
"""
    card.write_text(CARD + items)
    (card.parent / "books.csv").write_text("id,name\n0,Emma\n1,Dune\n2,\n")
    assert main(["data", "add", str(card)]) == 0
    assert "texts: {title} of 2 of 8 items" in capsys.readouterr().out


OPTIONS = """
[grouping_options.popularity]
bins = 2
by = "items"
"""


def test_a_card_gives_options_of_groupings_and_a_run_has_the_last_word(card: Path) -> None:
    card.write_text(CARD + OPTIONS)
    plain = build_spec({"dataset": str(card)})
    assert plain.groupings["popularity"].model_dump() == {"bins": 2, "by": "items"}
    for spelt in ("popularity", "Popularity"):
        own = build_spec({"dataset": str(card), "groupings": {spelt: {"bins": 4}}})
        assert own.groupings["popularity"].model_dump() == {"bins": 4, "by": "items"}, "the other option stays"
    assert build_spec(plain.model_dump(mode="json")) == plain
    assert plain.digest != own.digest


def test_options_of_groupings_decide_the_groups(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card.write_text(CARD + OPTIONS)
    experiment = prepare(
        build_spec({"dataset": str(card), "method": "most_popular", "evaluation": {"ks": [2], "headline_k": 2}}),
        encode=False,
    )
    assert experiment.trained.membership.sizes == {"popularity 1 most": 4, "popularity 2 least": 4}
    assert main(["data", "show", str(card)]) == 0
    assert 'bins = 2, by = "items"' in capsys.readouterr().out


def test_adding_tries_the_options_of_groupings(card: Path) -> None:
    card.write_text(CARD + OPTIONS.replace("bins = 2", "bins = 200"))
    with pytest.raises(BadInput, match="200 bins for 8 items: use fewer bins"):
        install(card)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("bins = 2", "bins = 0", r"grouping_options\.popularity\.bins: .*greater than or equal to 2 \(given: 0\)"),
        ("bins = 2", "bin = 2", r"unknown key 'grouping_options\.popularity\.bin': did you mean 'bins'\?"),
        (
            ".popularity]",
            ".populariti]",
            r"grouping_options: unknown grouping 'populariti': did you mean 'popularity'\?",
        ),
        (
            OPTIONS,
            "[grouping_options]\npopularity = 3",
            r"grouping_options\.popularity: a table is needed \(given: 3\)",
        ),
    ],
)
def test_bad_options_of_groupings_are_one_line(card: Path, old: str, new: str, message: str) -> None:
    assert old in OPTIONS
    card.write_text(CARD + OPTIONS.replace(old, new))
    with pytest.raises(BadInput, match=message) as caught:
        build_spec({"dataset": str(card)})
    assert str(caught.value).startswith(f"{card}: ")
    assert "\n" not in str(caught.value)


def test_a_broken_card_in_the_home_folder_breaks_only_itself(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(card)
    (paths.cards_folder() / "torn.toml").write_text("name = ")
    assert main(["data", "list"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "BROKEN" in shown
    assert "a few books" in shown
    with pytest.raises(BadInput, match=r"torn\.toml: not a TOML file"):
        registry.get("dataset", "torn")


def test_a_card_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"absent\.toml: No such file"):
        build_spec({"dataset": str(tmp_path / "absent.toml")})


@pytest.mark.parametrize("link", ["loans.csv", "sub"])
def test_a_link_out_of_the_folder_is_refused_unless_it_is_allowed(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: str
) -> None:
    """Of a file, and of a folder on the way to it; a link within the folder, and one to the folder, are none."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (card.parent / "loans.csv").rename(secret / "loans.csv")
    if link == "sub":
        (card.parent / "sub").symlink_to(secret)
        card.write_text(CARD.replace('"loans.csv"', '"sub/loans.csv"'))
    else:
        (card.parent / "loans.csv").symlink_to(secret / "loans.csv")
    with pytest.raises(BadInput, match=r"loans\.csv is a link to .*secret/loans\.csv, .*HARNESS_LINKS=allow"):
        install(card)
    assert not (paths.cards_folder() / card.name).exists()
    monkeypatch.setenv("HARNESS_LINKS", "allow")
    assert install(card).corpus.n_users == 8


def test_links_within_the_folder_and_to_it_are_followed(card: Path, tmp_path: Path) -> None:
    (card.parent / "loans.csv").rename(card.parent / "real.csv")
    (card.parent / "loans.csv").symlink_to("real.csv")
    (tmp_path / "link").symlink_to(card.parent)
    assert install(tmp_path / "link" / card.name).corpus.n_users == 8
