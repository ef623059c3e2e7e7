"""MovieLens-1M with a description of each film: ``python -m benchmarks.described_films ML-1M DESCRIPTIONS.json OUT``.

``ML-1M`` is the folder of GroupLens' release (``ratings.dat``, ``movies.dat``, ``users.dat``), or one with
``interactions.parquet`` instead of ``ratings.dat``; every rating counts as positive. ``DESCRIPTIONS.json`` is one JSON
object from a film's number to a text, such as those that a language model wrote for CoLaKG (Cui et al., SIGIR 2025):
https://github.com/ziqiangcui/CoLaKG, ``data/ml-1m/llm_response_item.json``. Three files are written into the new folder
OUT, which the card ``benchmarks/cards/movielens-1m-described.toml`` reads.
"""

import argparse
import sys
from pathlib import Path

import polars as pl

from harness.base.errors import BadInput, one_line
from harness.base.sealed import together
from harness.base.writable import written_into
from harness.data.export import require_new
from harness.data.readers.json_files import read_json
from harness.data.table.card_dataset import from_card
from harness.domain.tables import Tables
from harness.spec.run_spec import dataset_of

UNRATED = Path(__file__).parent / "cards" / "movielens-1m-all.toml"


def described(films: pl.DataFrame, descriptions: Path) -> tuple[pl.DataFrame, int]:
    """``films`` with the column ``description`` (null where there is none), and how many texts are of no film.

    Raises:
        BadInput: where the file is no JSON object, holds something else than texts, or is of other films.
    """
    texts = read_json(descriptions, dict)
    if wrong := [film for film, text in texts.items() if not isinstance(text, str)]:
        raise BadInput(f"{descriptions}: film {wrong[0]!r} has {type(texts[wrong[0]]).__name__}, not a text")
    said = {film: text.strip() for film, text in texts.items() if text.strip()}
    described_films = films.with_columns(
        films["item"].replace_strict(said, default=None, return_dtype=pl.String).alias("description")
    )
    found = described_films.height - described_films["description"].null_count()
    if not found:
        ours, theirs = films["item"].head(3).to_list(), list(texts)[:3]
        raise BadInput(
            f"{descriptions}: none of the films ({ours}, …) is in it ({theirs}, …): are their numbers alike?"
        )
    return described_films, len(said) - found


def read_films(folder: Path) -> Tables:
    """MovieLens-1M from either kind of folder.

    Raises:
        BadInput: where it is neither; it names what is missing.
    """
    published, unrated = dataset_of("movielens-1m", {}), from_card(UNRATED)()
    return unrated.read(folder) if unrated.recognises(folder) else published.read(folder)


def main(arguments: list[str] | None = None) -> int:
    """Read, join and write; exit code 2 and one line for whatever is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.described_films", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    for name in ("folder", "descriptions", "out"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args(arguments)
    try:
        require_new(options.out)
        tables = read_films(options.folder)
        films, of_none = described(tables.items, options.descriptions)
        pairs = tables.interactions.select(pl.col("user", "item").cast(pl.String))
        with written_into(options.out), together() as new:
            for name, table in (("interactions", pairs), ("items", films), ("users", tables.users)):
                table.write_parquet(new(options.out / f"{name}.parquet"))
    except BadInput as error:
        print(f"error: {one_line(error)}", file=sys.stderr)
        return 2
    without = films["description"].null_count()
    print(f"{films.height:,} films, {without:,} of them without a description; {of_none:,} descriptions of no film")
    print(f"harness run --dataset {UNRATED.parent / 'movielens-1m-described.toml'} --data {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
