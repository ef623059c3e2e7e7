"""Steam: games and their publishers, from FairDiverse's processed sample."""

from __future__ import annotations

from pathlib import Path

from harness.datasets._two_layouts import WRONG_LENGTH, TwoLayouts, items, tables

from harness.base.late import pl
from harness.data.readers.fields import Fields, read_field_lines
from harness.data.readers.json_files import read_json
from harness.domain.card import Card, Creator, FilesSource, RemoteFile
from harness.domain.tables import Tables

ADDRESS = (
    "https://raw.githubusercontent.com/XuChen0427/FairDiverse/b2e241eb6e860bec8b48f9746a7bfb23203c5a5b/"
    "fairdiverse/recommendation/processed_dataset/steam"
)
PARTS = ("steam.train", "steam.valid.CTR", "steam.test.CTR")
TITLES, PUBLISHERS = "iid2text.json", "iid2pid.json"
SUMS = {
    "steam.train": "5d75515115c79257754ac96ae46bc9c8504408dd80d050b90c08fa02dd72f8be",
    "steam.valid.CTR": "b5e7af0f30286a5692f9e9f33f480ff11203d7353dd5a8f3e0c1f7db6f521623",
    "steam.test.CTR": "d3870f73e15c3107454c4da2cd02268964ec0901baf0feeb679c46c3cd41cbf6",
    TITLES: "be8b3452249c74683adf17875bf344d9c7e501dbdf14d34613524ea71bda90c1",
    PUBLISHERS: "79b07f6edf1a254ca565cc271bb2ce9e46f5b2ab1c0fd39afb825a498d6a7ae3",
}
USER, ITEM, LABEL, HISTORY = "user_id:token", "product_id:token", "label:float", "history_behaviors"


class Steam(TwoLayouts):
    """Who liked which game: 4,446 users, 1,120 games, 43 publishers (numbers; the small ones are one of them already).

    A user likes a game that it has played for ten hours or more (FairDiverse's label 1). FairDiverse divides by time,
    and each row also names the five games that its user had liked before: those are taken, too, so that what came
    before the first row is not lost. Rows with label 0 are no interactions. Titles have their HTML entities resolved.
    """

    name = "steam"
    summary = "4,446 users and 1,120 games, 45,855 liked, 43 publishers: fairness to providers"
    label = "publisher"
    column = "brand"
    card = Card(
        title="Steam: games and their publishers (FairDiverse)",
        homepage="https://github.com/XuChen0427/FairDiverse",
        licence=(
            "the MIT licence for the repository, whose README allows its data for academic purposes only; they derive "
            "from Steam"
        ),
        citation=(
            "Chen Xu, Zhirui Deng, Clara Rus, Xiaopeng Ye, Yuanna Liu, Jun Xu, Zhicheng Dou, Ji-Rong Wen and Maarten "
            "de Rijke. 2025. FairDiverse: A Comprehensive Toolkit for Fair and Diverse Information Retrieval "
            "Algorithms. SIGIR 2025. https://doi.org/10.1145/3726302.3730280"
        ),
        creators=(Creator(name="Chen Xu"),),
        published="2025-05",
        sources=(FilesSource(files=tuple(RemoteFile(url=f"{ADDRESS}/{name}", sha256=SUMS[name]) for name in SUMS)),),
        groupings=("provider", "popularity", "activity"),
        default_group="provider",
    )

    def published(self, folder: Path) -> Tables:
        """The three parts put together, each pair once."""
        layout, fields = Fields("\t", quotes=False), (USER, ITEM, LABEL, HISTORY)
        parts = [read_field_lines(folder / name, layout, fields) for name in PARTS]
        rows = pl.concat([part.select(fields) for part, _ in parts])
        liked = pl.col(LABEL).cast(pl.Float64, strict=False) == 1
        earlier = rows.select(pl.col(USER), pl.col(HISTORY).str.extract_all(r"\d+").alias(ITEM)).explode(ITEM)
        pairs = pl.concat([rows.filter(liked).select(USER, ITEM), earlier.drop_nulls()])
        names = {USER: "user", ITEM: "item"}
        titles, publishers = read_json(folder / TITLES, dict), read_json(folder / PUBLISHERS, dict)
        ids = pl.Series(list(titles), dtype=pl.String)
        brands = pl.Series("brand", [publishers.get(game) for game in ids], dtype=pl.String, strict=False)
        skipped = {
            f"interactions: {WRONG_LENGTH}": sum(bad for _, bad in parts),
            "interactions: not liked (label 0)": rows.height - rows.filter(liked).height,
        }
        described = items(ids, pl.Series(list(titles.values()), dtype=pl.String, strict=False), brands)
        return tables(pairs.rename(names).unique(maintain_order=True), described, skipped)
