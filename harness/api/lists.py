"""Group fairness and accuracy of anybody's own top-K lists, by raw ids."""

import warnings
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from pydantic import Field

from harness.api.asked import definition_of, several
from harness.api.catalogue import Catalogue, NeedsTraining, NoTraining
from harness.api.incoming import Columns, as_polars, described, pairs, renamed
from harness.api.raw_lists import of_mapping, ordered
from harness.api.scores import Scores
from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.base.printable import printable
from harness.data.group_assignment import definition, groups
from harness.domain.card import Card
from harness.domain.ids import shown
from harness.domain.interactions import Indices, Interactions, Test, Training, Validation
from harness.domain.ranking import NO_ITEM, check_cutoffs, ranking_of
from harness.evaluation.evaluate import Fairness, judge
from harness.plugins import GroupingInput
from harness.plugins.configured import validated
from harness.runs.rescoring import definition_name
from harness.spec.definitions import resolved_groups
from harness.spec.options import EvaluationOptions

if TYPE_CHECKING:
    from harness.api.incoming import Frame
    from harness.api.raw_lists import Lists

MASKED: dict[str, type[Interactions]] = {"training": Training, "validation": Validation}


def evaluate_lists(
    lists: "Lists",
    test: "Frame",
    items: "Frame | None" = None,
    users: "Frame | None" = None,
    training: "Frame | None" = None,
    validation: "Frame | None" = None,
    *,
    fairness: str | PathLike[str] | Sequence[str | PathLike[str]] = (),
    ks: Sequence[int] = (10, 20),
    options: Mapping[str, Mapping[str, Any]] | None = None,
    columns: Columns | None = None,
    unseen_only: bool = True,
) -> Scores:
    """Every metric that a run reports, of top-K lists that were made elsewhere.

    What is odd is counted and said (a warning, and a line of the result's ``notes``): lists that are too short, users
    of the test data without a list (who count as having found nothing), lists of users without test data (who do not
    count), rows that are there twice. What would make the numbers wrong is refused.

    Args:
        lists: ``user``, ``item`` and ``rank`` (or ``score``, where there is none), polars or pandas; or a dictionary of
            lists, best item first
        test: ``user`` and ``item``: what was to be found; ratings are not looked at: leave out what was not liked
        items: the catalogue: ``item`` and the columns that groupings read, such as ``genres`` (lists of text)
        users: ``user`` and the columns that groupings of users read
        training: ``user`` and ``item``: what groups by popularity or activity are made from, and never recommended
        validation: ``user`` and ``item``: never recommended either
        fairness: registered groupings, or Python files that define one
        ks: cut-offs
        options: of groupings, by name: ``{"popularity": {"bins": 3}}``
        columns: our names to those of your tables: ``{"user": "userId"}``
        unseen_only: whether the lists leave out what their users have in training and validation, as full ranking does.
            If not, nothing was masked: every item counts as one that could have been listed, and no popularity is told

    Raises:
        BadInput: one line: ids that nothing else names, an item twice in a list, training items in lists of unseen
            ones, a grouping without its column or its training interactions, …

    >>> import harness as h
    >>> import polars as pl
    >>> genres = [["prose"], ["verse"], ["verse"], ["prose", "verse"]]
    >>> items = pl.DataFrame({"item": ["a", "b", "c", "d"], "genres": genres})
    >>> test = pl.DataFrame({"user": ["u", "u", "v"], "item": ["a", "b", "c"]})
    >>> lists = {"u": ["a", "d"], "v": ["d", "c"]}
    >>> few = {"genre": {"min_items": 1, "min_test": 1}}  # 30 test interactions, if not said
    >>> scores = h.evaluate_lists(lists, test, items, fairness=["genre"], ks=[2], options=few)
    >>> scores.groups.select("group", "utility").rows()
    [('prose', 1.0), ('verse', 0.5)]
    >>> round(scores.metrics["test/genre/cv_at_2"], 3)
    0.333
    """
    notes: list[str] = []
    given = {"training": training, "validation": validation, "items": items, "users": users}
    own = of_mapping(lists) if isinstance(lists, Mapping) else as_polars(lists, "lists")
    tables = {name: as_polars(frame, name) for name, frame in given.items() if frame is not None}
    tables = renamed({"lists": own, "test": as_polars(test, "test"), **tables}, columns)
    shown_lists = ordered(tables["lists"], notes)
    parts = {name: _part(tables[name], name, notes) for name in ("test", *MASKED) if name in tables}
    about = {side: described(tables[f"{side}s"], side, f"{side}s") for side in ("user", "item") if f"{side}s" in tables}
    catalogue = Catalogue.of(about.get("user"), about.get("item"), parts, shown_lists)
    target = catalogue.part(Test, parts["test"])
    known = [catalogue.part(kind, parts[name]) for name, kind in MASKED.items() if name in parts]
    masked = known if unseen_only else []
    asked = _options(ks)
    check_cutoffs(asked.ks, catalogue.items.height)
    table = _by_index(shown_lists, catalogue, target, max(asked.ks), notes)
    _refuse_seen(table, target, masked, catalogue)
    learnt = next((part for part in known if isinstance(part, Training)), None)
    definitions = _definitions(fairness, options or {}, catalogue, learnt)
    notes = [*catalogue.notes, *notes]
    for note in notes:
        warnings.warn(printable(note), stacklevel=2)
    notes += dict.fromkeys(note for found in definitions for note in found.membership.notes)
    evaluation = judge(ranking_of(table, target), target, masked, definitions, asked)
    title = f"lists of {len(evaluation.ranking.users):,} users, {catalogue.items.height:,} items"
    return Scores(title, asked.ks, tuple(notes), evaluation)


def _part(table: pl.DataFrame, name: str, notes: list[str]) -> pl.DataFrame:
    found = pairs(table, name).select("user", "item")
    unique = found.unique(maintain_order=True)
    if repeated := found.height - unique.height:
        notes.append(f"{name}: {repeated:,} rows are there already, each pair counts once")
    return unique


class CutOffs(Frozen):
    """How long the lists are that are judged."""

    ks: tuple[int, ...] = Field(min_length=1)


def _options(ks: Sequence[int]) -> EvaluationOptions:
    asked = validated(CutOffs, {"ks": ks}, "").ks
    return validated(EvaluationOptions, {"ks": asked, "headline_k": max(1, *asked)}, "")


def _by_index(lists: pl.DataFrame, catalogue: Catalogue, test: Interactions, k: int, notes: list[str]) -> Indices:
    """Item indices by user index, best first, shape (n_users, k), -1 where a list has ended; oddities are noted."""
    places = pl.DataFrame(
        {
            "user": catalogue.indices("user", lists["user"]),
            "item": catalogue.indices("item", lists["item"]),
            "place": lists["place"],
            "raw": lists["user"],
        }
    )
    wanted = pl.Series(np.unique(test.users))
    counted = places.filter(pl.col("user").is_in(wanted.implode()))
    if counted.is_empty():
        tested = catalogue.users["user"].gather(wanted)
        raise BadInput(
            f"lists: none of their users ({shown(lists['user'].unique(maintain_order=True))}) is in test "
            f"({shown(tested)}): are their ids written alike?"
        )
    lengths = counted.group_by("user").len()["len"]
    odd = {
        "lists are of users without test interactions: they do not count": lists["user"].n_unique() - len(lengths),
        "users of the test data have no list: they count as having found nothing": len(wanted) - len(lengths),
        f"lists are shorter than {k}: the places that they lack show nothing": int((lengths < k).sum()),
    }
    notes += [f"{count:,} {what}" for what, count in odd.items() if count]
    table = np.full((test.n_users, k), NO_ITEM, dtype=np.int64)
    top = counted.filter(pl.col("place") < k)
    table[top["user"].to_numpy(), top["place"].to_numpy()] = top["item"].to_numpy()
    return table


def _refuse_seen(table: Indices, test: Interactions, masked: Sequence[Interactions], catalogue: Catalogue) -> None:
    """Raise BadInput where a part has a pair of another, or a list an item that its user has seen."""
    rows, columns = np.nonzero(table != NO_ITEM)
    listed = rows * test.n_items + table[rows, columns]
    before = {"test": test.users * test.n_items + test.items}
    for part in masked:
        name, own = type(part).__name__.lower(), part.users * test.n_items + part.items
        for other, keys in before.items():
            what = f"interactions are both in {name} and in {other}"
            _refuse_common(np.intersect1d(own, keys), what, catalogue)
        what = f"places of lists show what their user has in {name}"
        _refuse_common(np.intersect1d(own, listed), what, catalogue)
        before[name] = own


def _refuse_common(keys: Indices, what: str, catalogue: Catalogue) -> None:
    if len(keys):
        user, item = divmod(int(keys[0]), catalogue.items.height)
        pair = f"user '{catalogue.users['user'][user]}', item '{catalogue.items['item'][item]}'"
        remedy = "say unseen_only=False where users may get again what they have"
        raise BadInput(f"{len(keys):,} {what} ({pair}): {remedy}")


def _definitions(
    fairness: str | PathLike[str] | Sequence[str | PathLike[str]],
    options: Mapping[str, Mapping[str, Any]],
    catalogue: Catalogue,
    training: Training | None,
) -> list[Fairness]:
    """The groups of each definition.

    Raises:
        BadInput: for an unknown one, its options, a column that it lacks, or training interactions that it needs.
    """
    one = [fairness] if isinstance(fairness, (str, PathLike)) else several(fairness, "fairness")
    names = [definition_name(definition_of(name)) for name in one]
    if not names:
        return []
    card = Card(
        title="", homepage="", licence="", citation="", sources=(), groupings=tuple(names), default_group=names[0]
    )
    settings = resolved_groups({"groupings": options}, card)["groupings"]
    learnt = NoTraining(catalogue.users.height, catalogue.items.height) if training is None else training
    source = GroupingInput(learnt, catalogue.items, catalogue.users)
    found = []
    for name in dict.fromkeys(names):
        grouping = definition(name, settings.get(name))
        try:
            found.append(Fairness.of(grouping, groups(grouping, source)))
        except NeedsTraining as error:
            raise BadInput(f"grouping '{name}': {error}") from None
    return found
