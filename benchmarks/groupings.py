"""Every registered grouping on MovieLens-1M (positive ratings as they come, no core, training part 4 of 4 : 3 : 3)."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks import real_data
from benchmarks.table import Table
from benchmarks.timing import in_turn
from harness.base.frozen import Frozen
from harness.data.build_corpus import build_corpus
from harness.data.group_assignment import definition, groups
from harness.data.sources.fetch import locate
from harness.data.split import split
from harness.plugins import GroupingInput
from harness.plugins.registry import registry
from harness.spec.options import DataOptions
from harness.spec.run_spec import dataset_of

CARD = Path(__file__).parent.parent / "tests" / "cards" / "movielens-1m.toml"
OPTIONS = {"column": {"column": "occupation", "side": "user"}, "provider": {"column": "title", "min_items": 1}}


def tables() -> Iterator[Table]:
    """Milliseconds from the tables to the membership."""
    source = _source()
    definitions = {name: definition(name, _options(name)) for name in registry.names("grouping")}
    steps = {name: lambda found=found: groups(found, source) for name, found in definitions.items()}  # type: ignore[misc]
    seconds = in_turn(steps, rounds=11)
    rows = [
        [name, f"{len(groups(found, source).names):,}", f"{seconds.median(name) * 1e3:.1f}"]
        for name, found in definitions.items()
    ]
    rows.append(["all", "", f"{sum(seconds.median(name) for name in steps) * 1e3:.1f}"])
    shape = f"{source.users.height:,} users × {source.items.height:,} items, {len(source.training):,} interactions"
    yield Table(shape, ["grouping", "groups", "ms (median of 11)"], rows)


def _source() -> GroupingInput:
    real_data.folder()
    dataset, options = dataset_of(str(CARD), {}), DataOptions(core=1)
    corpus = build_corpus(dataset.read(locate(dataset, None, True, print)), options)
    return GroupingInput(split(corpus, options, 0).training, corpus.items, corpus.users)


def _options(name: str) -> Frozen:
    config: Frozen = registry.get("grouping", name).Config.model_validate(OPTIONS.get(name, {}))
    return config
