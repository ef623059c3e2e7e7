"""Yelp: businesses and their categories, from P5's 5-core and the names that LETTER's repository holds."""

from __future__ import annotations

from pathlib import Path

from harness.datasets._two_layouts import TwoLayouts, items, tables

from harness.base.late import pl
from harness.data.readers.id_lines import NO_NUMBERS, id_lines
from harness.data.readers.json_files import read_json
from harness.domain.card import Card, Creator, FilesSource, RemoteFile
from harness.domain.tables import Tables

VISITS, BUSINESSES = "sequential_data.txt", "Yelp.item.json"
FILES = (
    RemoteFile(
        url="https://raw.githubusercontent.com/Wenyueh/LLM-RecSys-ID/2200ad9fef647ef755c01d6d7e5c5de3082606c5/"
        f"data/yelp/{VISITS}",
        sha256="724b219106b81dd2349027da997334ddb6da9fe2f152ad6e0d97a93170f7caed",
    ),
    RemoteFile(
        url="https://raw.githubusercontent.com/HonghuiBao2000/LETTER/8d0154e28de37dbb6e24871c508ad8ddb1921cda/"
        f"data/Yelp/{BUSINESSES}",
        sha256="8f58a9d54111fc10ccd675f99e6f2afe988cd0ee70b40f1e37d04f9aea764c2d",
    ),
)
NO_NUMBER = "items: not a number and a business"


class Yelp(TwoLayouts):
    """Who has reviewed which business: 30,431 users, 20,033 businesses, several categories per business.

    P5 keeps the reviews of 2019 whose users and businesses have five or more, and numbers both from 1. LETTER took the
    same data and numbers its businesses from 0, so that its business n is P5's n + 1. That this join is right is shown
    by the categories that P5's repository gives to every business (``closed_categories.json``): 89 % of them are among
    LETTER's, and 24 % where the numbers are moved by one more or one less. Repeated reviews of one business count once.
    """

    name = "yelp"
    summary = "304,524 reviews of 20,033 businesses by 30,431 users, with categories"
    label = "categories"
    column = "genres"
    card = Card(
        title="Yelp: businesses and their categories, 5-core (P5, LETTER)",
        homepage="https://github.com/Wenyueh/LLM-RecSys-ID",
        licence=(
            "Yelp Dataset User Agreement: academic use only, no redistribution "
            "(https://business.yelp.com/data/resources/open-dataset/)"
        ),
        citation=(
            "Yelp Open Dataset; Shijie Geng, Shuchang Liu, Zuohui Fu, Yingqiang Ge and Yongfeng Zhang. 2022. "
            "Recommendation as Language Processing (RLP): A Unified Pretrain, Personalized Prompt & Predict Paradigm "
            "(P5). RecSys 2022. https://doi.org/10.1145/3523227.3546767; Wenyue Hua, Shuyuan Xu, Yingqiang Ge and "
            "Yongfeng Zhang. 2023. How to Index Item IDs for Recommendation Foundation Models. SIGIR-AP 2023. "
            "arXiv:2305.06569; Wenjie Wang, Honghui Bao, Xinyu Lin, Jizhi Zhang, Yongqi Li, Fuli Feng, See-Kiong Ng "
            "and Tat-Seng Chua. 2024. Learnable Item Tokenization for Generative Recommendation. CIKM 2024. "
            "arXiv:2405.07314"
        ),
        creators=(Creator(name="Yelp", kind="Organization"),),
        sources=(FilesSource(files=FILES),),
        groupings=("genre", "popularity", "activity"),
        default_group="genre",
    )

    def published(self, folder: Path) -> Tables:
        """P5's histories, each business once, and LETTER's names and categories."""
        parts = list(id_lines(folder / VISITS))
        visits = pl.concat([part for part, _ in parts])
        listed = read_json(folder / BUSINESSES, dict)
        known = {number: one for number, one in listed.items() if number.isdecimal() and isinstance(one, dict)}
        ids = pl.Series([str(int(number) + 1) for number in known], dtype=pl.String)
        names, kinds = (
            pl.Series([one.get(field) for one in known.values()], dtype=pl.String, strict=False)
            for field in ("title", "description")
        )
        skipped = {
            f"interactions: {NO_NUMBERS}": sum(bad for _, bad in parts),
            NO_NUMBER: len(listed) - len(known),
        }
        described = items(ids, names, kinds.str.split(", ").alias("genres"))
        return tables(visits.unique(maintain_order=True), described, skipped)
