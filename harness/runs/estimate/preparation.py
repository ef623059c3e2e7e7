"""The data of a run, prepared as it prepares them, and what that takes; texts that would take long are not encoded."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from harness.plugins import Encoder
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.runs.estimate.stopwatch import Stopwatch
from harness.runs.experiment import Experiment, encoded_texts, prepare, text_vectors
from harness.runs.observer import Observer
from harness.runs.resources import PeakMemory
from harness.spec.run_spec import RunSpec
from harness.vectors.embeddings import are_cached, resolve_encoder
from harness.vectors.hub import network

if TYPE_CHECKING:
    import torch

FEW_TEXTS = 256
"""Encoded to see how long all of them take."""
ENCODING_SECONDS = 20.0
"""Of encoding: if all texts take no longer, they are encoded, and the run finds them in the cache."""


@dataclass(frozen=True)
class Preparation:
    """What a run reads.

    Attributes:
        experiment: as it would be; random vectors in the place of texts that are not encoded yet
        data: seconds of having it, once caches are filled
        memory: the process's peak since the caches have been filled
        encoding: seconds of encoding texts, which are still to be encoded
        notes: what is not as it will be
    """

    experiment: Experiment
    data: float
    memory: PeakMemory
    encoding: float = 0.0
    notes: tuple[str, ...] = ()


def prepared(spec: RunSpec, context: Context, device: "torch.device", watch: Stopwatch) -> Preparation:
    """Prepare ``spec``'s data twice: the first time fills the caches that its run will find.

    Raises:
        BadInput, Unavailable: as :func:`harness.runs.experiment.prepare` does.
    """
    experiment = prepare(spec, context, encode=False)
    reads = registry.get("method", spec.method).needs_text
    with network(allowed=not context.offline):
        to_encode = _to_encode(spec, experiment, context.observer, watch) if reads else None
    if to_encode is not None and to_encode[0] <= ENCODING_SECONDS:
        to_encode = None
        with network(allowed=not context.offline):
            text_vectors(spec, experiment.dataset, experiment.corpus, context.observer)
    del experiment  # two of them need not fit
    memory, began = PeakMemory(device), watch.now()
    experiment = prepare(spec, replace(context, observer=Observer()), encode=to_encode is None)
    data = watch.now() - began
    if to_encode is None:
        return Preparation(experiment, data, memory)
    return _without_texts(spec, Preparation(experiment, data, memory), *to_encode)


def _to_encode(spec: RunSpec, experiment: Experiment, observer: Observer, watch: Stopwatch) -> tuple[float, int] | None:
    """Seconds that it takes to encode the texts, and the width of their vectors; None where there is nothing to do."""
    if experiment.dataset.vectors(experiment.corpus.items) is not None:
        return None
    encoder = resolve_encoder(spec.encoder, observer.say)
    texts = encoded_texts(spec, encoder, experiment.corpus, Observer())
    if are_cached(texts, encoder, spec.encoder):
        return None
    observer.stage(f"timing the encoder: {spec.encoder.name}")
    return _timed(encoder, texts, watch)


def _timed(encoder: Encoder, texts: list[str], watch: Stopwatch) -> tuple[float, int]:
    """Seconds of encoding all texts, told from a few of them, and the width of their vectors."""
    few = texts[:: max(1, len(texts) // FEW_TEXTS)][:FEW_TEXTS]
    encoder.encode(few[:1])  # loads the model, which a run does as well, but once
    began = watch.now()
    vectors = encoder.encode(few)
    return (watch.now() - began) * len(texts) / len(few), int(vectors.shape[1])


def _without_texts(spec: RunSpec, given: Preparation, seconds: float, width: int) -> Preparation:
    """The same with random vectors."""
    shape = (given.experiment.corpus.n_items, spec.encoder.pca or width)
    vectors = np.random.default_rng(0).standard_normal(shape, dtype=np.float32) / np.float32(np.sqrt(shape[1]))
    note = f"{shape[0]:,} texts are not encoded yet: steps were timed on random vectors {shape[1]} wide"
    return replace(
        given, experiment=replace(given.experiment, embeddings=vectors), encoding=seconds, notes=(*given.notes, note)
    )
