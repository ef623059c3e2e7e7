"""The user's own files that a run reads, as a hash: a run is another run once they have changed.

Downloads are not among them: they have checksums, and are refused where they no longer agree. Generated data come from
the spec.
"""

import json
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from harness.base.hashes import named_hashes
from harness.data.sources import provenance
from harness.data.sources.fetch import cached_folder, locate
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.spec.run_spec import RunSpec, dataset_of
from harness.vectors.embeddings import resolve_encoder
from harness.vectors.hub import network

NONE = "none"


def inputs_digest(spec: RunSpec, context: Context) -> str:
    """A hash of the names and contents of what ``spec`` reads from folders of the user's; ``none`` without any.

    Contents of large files are read once and known by size and times of change afterwards.

    Raises:
        BadInput, Unavailable: where a data set or an encoder names files that are not there or cannot be read, and
            where a download has changed since it was fetched.
    """
    files = [*_data_files(spec, context.data_folder), *_model_files(spec, context.offline)]
    return blake2b(json.dumps(files).encode(), digest_size=8).hexdigest() if files else NONE


def _data_files(spec: RunSpec, named: Path | None) -> Iterator[tuple[str, str]]:
    dataset = dataset_of(spec.dataset, spec.dataset_options)
    if dataset.generated and named is None:
        return
    own = named is not None or dataset.lies_in() is not None
    folder = locate(dataset, named) if own else cached_folder(dataset)
    if not dataset.recognises(folder):  # it is yet to be fetched
        return
    if not own and provenance.fetched(folder):
        provenance.check(folder)
    else:
        yield from named_hashes(dataset.files(folder), folder)


def _model_files(spec: RunSpec, offline: bool) -> Iterator[tuple[str, str]]:
    if registry.get("method", spec.method).needs_text:
        encoder = resolve_encoder(spec.encoder)
        if encoder.users_own:
            with network(allowed=not offline):
                yield "encoder", encoder.fingerprint()
