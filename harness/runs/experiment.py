"""Everything a run reads, prepared from its spec: data, split, groups, text vectors. No method has been asked yet."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from harness.base.blas import blas_threads
from harness.base.streams import Streams
from harness.base.trees import digest_of
from harness.data.corpus import Corpus
from harness.data.group_assignment import assign
from harness.data.group_assignment import definition as definition_of
from harness.data.item_text import item_texts
from harness.data.prepared import prepared
from harness.data.sources.fetch import locate
from harness.data.user_sample import with_sampled_users
from harness.domain.interactions import Split
from harness.domain.membership import Membership
from harness.domain.ranking import check_cutoffs
from harness.evaluation.evaluate import Fairness
from harness.evaluation.extremes import sizes_in_short
from harness.plugins import Dataset, Encoder, Problem
from harness.plugins.blame import blamed
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.runs.inputs import inputs_digest
from harness.runs.observer import Observer
from harness.spec.run_spec import RunSpec, dataset_of
from harness.vectors.adjust import adjust
from harness.vectors.embeddings import embed, resolve_encoder
from harness.vectors.erase import erased
from harness.vectors.group_whitening import whitened
from harness.vectors.hub import network

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, eq=False)
class Experiment:
    """The data of a run.

    Attributes:
        dataset: the declaration it comes from
        corpus: filtered interactions and metadata, in index order
        split: training, validation and test
        definitions: the reported fairness definitions; the first is the one trained on
        embeddings: Z₀, shape (n_items, d_lm); None where the method reads no text
        unerased: Z₀ as it was before groups were erased from it; None where none were
        digests: hashes of ``data``, ``split``, ``embedding``, and the groups of each definition (:func:`groups_digest`)
        covers: what decides all of this, as :func:`coverage` has it; runs that agree in it can share an experiment
    """

    dataset: Dataset
    corpus: Corpus
    split: Split
    definitions: tuple[Fairness, ...]
    embeddings: npt.NDArray[np.float32] | None
    digests: dict[str, str]
    covers: str
    unerased: npt.NDArray[np.float32] | None = None

    @property
    def trained(self) -> Fairness:
        """The definition trained on."""
        return self.definitions[0]

    def problem(self, spec: RunSpec, device: "torch.device") -> Problem:
        """What the method may see."""
        streams = Streams(spec.seed, device)
        return Problem(self.split.training, self.embeddings, self.trained.membership, streams, device)

    def profile(self) -> dict[str, Any]:
        """Figures of the data set, for the tracking store."""
        parts = {"training": self.split.training, "validation": self.split.validation, "test": self.split.test}
        sizes = {name: len(part) for name, part in parts.items()}
        memberships = [definition.membership for definition in self.definitions]
        groups = {membership.grouping: sizes_in_short(membership.sizes) for membership in memberships}
        counts = {"users": self.corpus.n_users, "items": self.corpus.n_items, "interactions": len(self.corpus)}
        return {**counts, **sizes, "left_out": self.corpus.counts, "groups": groups}


def groups_digest(grouping: str) -> str:
    """What the hash of a definition's groups is called."""
    return f"groups.{grouping}"


def coverage(spec: RunSpec, context: Context) -> str:
    """A hash of what decides an experiment: a part of the spec, and the user's files.

    Raises:
        BadInput, Unavailable: as :func:`harness.runs.inputs.inputs_digest` does.
    """
    fields = {"dataset", "dataset_options", "group", "groups", "groupings", "data", "encoder"}
    needs_text = registry.get("method", spec.method).needs_text
    tree = spec.model_dump(mode="json", include=fields)
    tree["data"].pop("split_seed")  # told by the property, which falls back to the run's seed
    tree |= {"ks": spec.evaluation.ks, "users": spec.evaluation.users}
    tree |= {"split_seed": spec.split_seed, "needs_text": needs_text}
    return digest_of({**tree, "inputs": inputs_digest(spec, context)})


@blamed()
def prepare(spec: RunSpec, context: Context | None = None, *, encode: bool = True) -> Experiment:
    """Find, filter, split, group and encode, in that order; whatever is wrong with the request is found here.

    With ``encode=False`` no language model is asked: enough for whatever does not train.

    Raises:
        BadInput, Unavailable: one line, before any training.
    """
    context = context or Context()
    with network(allowed=not context.offline):
        return _prepared(spec, context, encode)


def _prepared(spec: RunSpec, context: Context, encode: bool) -> Experiment:
    observer, covers = context.observer, coverage(spec, context)  # of the files as they are before they are read
    observer.stage(f"data: {spec.dataset_name}")
    if shipped := registry.set_aside("dataset", spec.dataset):
        card = registry.origin("dataset", spec.dataset)
        observer.say(f"{spec.dataset_name} is your own card {card}, which comes before the project's own ({shipped})")
    dataset = dataset_of(spec.dataset, spec.dataset_options)
    folder = locate(dataset, context.data_folder, context.offline, observer.say)
    ready = prepared(dataset, folder, spec.data, spec.split_seed, observer.say)
    corpus, parts = ready.corpus, ready.split
    check_cutoffs(spec.evaluation.ks, corpus.n_items)
    observer.say(_described(corpus, parts))
    parts = _judged_by(parts, spec, observer)
    names = [spec.group, *(name for name in spec.groups if name != spec.group)]
    definitions = tuple(
        Fairness.of(definition_of(name, options), assign(name, options, corpus, parts.training))
        for name, options in ((name, spec.groupings.get(name)) for name in names)
    )
    memberships = [definition.membership for definition in definitions]
    for note in dict.fromkeys(note for membership in memberships for note in membership.notes):
        observer.say(note)
    for membership in memberships:
        if len(membership.names) == 1:
            observer.say(
                f"warning: {membership.grouping} has the one group '{membership.names[0]}': its CV is 0 whatever is "
                "recommended; choose another grouping, or options under which it has more"
            )
    digests = {"data": corpus.digest, "split": parts.digest}
    digests |= {groups_digest(membership.grouping): membership.digest for membership in memberships}
    embeddings = unerased = None
    if encode and registry.get("method", spec.method).needs_text:
        erase = assign(spec.encoder.erase, spec.erased.config, corpus, parts.training) if spec.encoder.erase else None
        embeddings = text_vectors(spec, dataset, corpus, observer)
        if erase is not None:
            unerased = embeddings
            embeddings = _without(erase, unerased, spec.encoder.erase_by, observer)
        digests["embedding"] = hashlib.blake2b(np.ascontiguousarray(embeddings).data, digest_size=8).hexdigest()
    return Experiment(dataset, corpus, parts, definitions, embeddings, digests, covers, unerased)


class LastExperiment:
    """The experiment that was prepared last, for the next run where it fits: neighbours in a study share their data.

    Attributes:
        experiment: None where there is none
    """

    def __init__(self, experiment: Experiment | None = None) -> None:
        self.experiment = experiment

    def of(self, spec: RunSpec, context: Context) -> Experiment:
        """The experiment of ``spec``."""
        if self.experiment is None or self.experiment.covers != coverage(spec, context):
            self.experiment = None  # two do not fit where one is large
            self.experiment = prepare(spec, context)
        return self.experiment


def text_vectors(spec: RunSpec, dataset: Dataset, corpus: Corpus, observer: Observer) -> npt.NDArray[np.float32]:
    """Z₀: the data set's own vectors where it has them, else its texts' encoded; adjusted either way."""
    own = dataset.vectors(corpus.items)
    if own is None:
        return _encode(spec, corpus, observer)
    observer.say(f"text vectors: {dataset.name}'s own, {own.shape[0]:,} × {own.shape[1]}; no language model is asked")
    with blas_threads(1):
        return adjust(own, spec.encoder)


def _without(
    groups: Membership, vectors: npt.NDArray[np.float32], how: str, observer: Observer
) -> npt.NDArray[np.float32]:
    """The vectors without what tells ``groups`` apart."""
    shares, told = groups.shares.toarray(), "erased"
    with blas_threads(1):
        if how == "whitening":
            changed, shrinkage = whitened(vectors, shares)
            told = f"whitened (shrinkage {shrinkage.min():.2f} to {shrinkage.max():.2f})"
        else:
            changed = erased(vectors, shares)
    length = float(np.linalg.norm(vectors))
    share = float(np.linalg.norm(changed - vectors)) / length if length else 0.0
    observer.say(f"text vectors: {len(groups.names)} groups of {groups.grouping} {told}; they change by {share:.1%}")
    return changed


def _encode(spec: RunSpec, corpus: Corpus, observer: Observer) -> npt.NDArray[np.float32]:
    encoder = resolve_encoder(spec.encoder, observer.say)
    described = encoded_texts(spec, encoder, corpus, observer)
    observer.stage(f"encoder: {spec.encoder.name}")
    return embed(described, encoder, observer.say, observer.progress, spec.encoder)


def encoded_texts(spec: RunSpec, encoder: Encoder, corpus: Corpus, observer: Observer) -> list[str]:
    """What the encoder is given: a text for each item, or its raw id."""
    if encoder.by_id:
        return corpus.items["item"].to_list()
    found = item_texts(corpus.items, spec.data.text)
    if found.empty:
        observer.say(f"{found.empty} of {corpus.n_items} items have no text")
    return found.texts


def _judged_by(parts: Split, spec: RunSpec, observer: Observer) -> Split:
    """The split with the validation and test data of the users that are ranked: all, or the sample asked for."""
    sampled = with_sampled_users(parts, spec.evaluation.users, spec.split_seed)
    if sampled is not parts:
        sizes = f"validation / test {len(sampled.validation):,} / {len(sampled.test):,}"
        observer.say(f"metrics are of a random sample of {spec.evaluation.users:,} users: {sizes}")
    return sampled


def _described(corpus: Corpus, parts: Split) -> str:
    left_out = ", ".join(f"{count:,} {reason}" for reason, count in corpus.counts.items() if count)
    sizes = f"{len(parts.training):,} / {len(parts.validation):,} / {len(parts.test):,}"
    return (
        f"{corpus.n_users:,} users × {corpus.n_items:,} items, {len(corpus):,} interactions, "
        f"training / validation / test {sizes}" + (f"; left out: {left_out}" if left_out else "")
    )
