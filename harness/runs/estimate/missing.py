"""What a run would fetch over the network before it could begin."""

from dataclasses import dataclass
from typing import Any

from harness.base.errors import Unavailable
from harness.data.sources.fetch import cached_folder
from harness.plugins import Dataset
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.spec.run_spec import RunSpec, dataset_of
from harness.vectors.embeddings import resolve_encoder
from harness.vectors.hub import network


@dataclass(frozen=True)
class Missing:
    """Something that is not on this machine.

    Attributes:
        kind: "dataset" or "encoder"
        name: what it is called
        places: where it would be fetched from, one after the other; empty: wherever the encoder finds it
    """

    kind: str
    name: str
    places: tuple[str, ...] = ()

    @property
    def tree(self) -> dict[str, Any]:
        """As JSON knows it."""
        return {"kind": self.kind, "name": self.name, "places": list(self.places)}

    @property
    def line(self) -> str:
        """For people."""
        what = "data set" if self.kind == "dataset" else self.kind
        return f"{what} {self.name}" + (f" from {', else '.join(self.places)}" if self.places else "")


def missing_of(spec: RunSpec, context: Context) -> tuple[Missing, ...]:
    """What ``spec`` would fetch; nothing where the context is offline, whose runs say by themselves what they lack.

    No host is asked.
    """
    if context.offline:
        return ()
    return (*_data(spec, context), *_encoder(spec, context))


def _data(spec: RunSpec, context: Context) -> tuple[Missing, ...]:
    dataset = dataset_of(spec.dataset, spec.dataset_options)
    is_here = dataset.generated or context.data_folder is not None or dataset.lies_in() is not None
    if is_here or dataset.recognises(cached_folder(dataset)):
        return ()
    return (Missing("dataset", dataset.name, tuple(source.place for source in dataset.card.sources)),)


def _encoder(spec: RunSpec, context: Context) -> tuple[Missing, ...]:
    """The language model, where the method reads texts and the data set can have no vectors of its own."""
    dataset = dataset_of(spec.dataset, spec.dataset_options)
    if not registry.get("method", spec.method).needs_text or type(dataset).vectors is not Dataset.vectors:
        return ()
    with network(allowed=False):
        try:
            resolve_encoder(spec.encoder).fingerprint()
        except Unavailable:
            return (Missing("encoder", spec.encoder.name),)
    return ()
