"""Small files as the repositories publish them that hold Steam, Goodreads and Yelp."""

import json
from collections.abc import Callable
from pathlib import Path

STEAM_ROWS = "user_id:token\tproduct_id:token\thistory_behaviors\tlabel:float\tpublisher:token\ttimestamp:float\n"


def steam(folder: Path) -> None:
    """User 1 likes 0 and 3 and has liked 1 and 2 before; user 2 likes 2 (twice) and 10; user 3 likes nothing new."""
    (folder / "steam.train").write_text(f"{STEAM_ROWS}1\t0\t[1, 2]\t1\t4\t1.0\n2\t2\t[10]\t1\t4\t1.0\n2\t0\n")
    (folder / "steam.valid.CTR").write_text(f"{STEAM_ROWS}2\t2\t[10, 2]\t1\t4\t2.0\n3\t0\t[1]\t0\t4\t2.0\n")
    (folder / "steam.test.CTR").write_text(f"{STEAM_ROWS}1\t3\t[2, 0]\t1\t\t3.0\n1\t10\t[]\t0\t5\t3.0\n")
    titles = {"0": "Might &amp; Magic", "1": " Trine  2 ", "2": "Dune\\u2122", "3": "", "10": "Doom"}
    (folder / "iid2text.json").write_text(json.dumps(titles))
    (folder / "iid2pid.json").write_text(json.dumps({"0": "4", "2": "4", "10": "5", "1": ""}))


def goodreads(folder: Path) -> None:
    """Prompts: two books and a third, one of them with quotation marks; a title without a number; no prompt at all."""
    first = {"input": 'has read: "Emma", "A "Child", Called "It"", and then', "output": '"Dune  (Dune, #1)"\n'}
    second = {"input": 'has read: "It", "Emma", and then', "output": '"Emma"\n'}
    (folder / "train.json").write_text(json.dumps([first, second, {"input": "nothing"}, 4]))
    titles = {"0": "Emma", "7": 'A "Child", Called "It"', "10": "Dune  (Dune, #1)", "11": "Never read"}
    (folder / "id2name.json").write_text(json.dumps(titles))
    genres = {"Emma": ["romance", "history, historical fiction, biography"], "Dune  (Dune, #1)": ["fiction"]}
    (folder / "name2genre.json").write_text(json.dumps(genres))


def yelp(folder: Path) -> None:
    """P5 numbers businesses from 1, LETTER from 0."""
    (folder / "sequential_data.txt").write_text("1 1 2 1 3\n2 3 2\nx 1\n3\n")
    listed = {
        "0": {"title": "The Great  Greek", "description": "Diners, Greek"},
        "1": {"title": "Sal&#39;s Pizza", "description": ""},
        "2": {"title": "Oasis"},
        "three": {"title": "of no number", "description": "Bars"},
    }
    (folder / "Yelp.item.json").write_text(json.dumps(listed))


PUBLISHED: dict[str, Callable[[Path], None]] = {"steam": steam, "goodreads": goodreads, "yelp": yelp}
