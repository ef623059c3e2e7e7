"""The code of plug-ins from elsewhere, as a hash: a run is another run once they have changed."""

import hashlib
from collections.abc import Iterable, Iterator

from harness.plugins import Plugin, Use
from harness.plugins.registry import registry
from harness.plugins.source_code import Sources, foreign_sources
from harness.spec.reference import has_reference, reference_of
from harness.spec.run_spec import RunSpec


def plugin_digest(spec: RunSpec) -> str | None:
    """A hash of the sources of all plug-ins that ``spec`` uses and that are not this project's own; None without any.

    Plug-ins that other plug-ins use are among them. Of an installed package all source files count, of a ``--plugin``
    file that file; as they were when this process loaded them.
    """
    if not (sources := sources_of(spec)):
        return None
    digest = hashlib.sha256()
    for name, content in sorted(sources.values()):
        digest.update(f"{name}\0{content}\0".encode())
    return digest.hexdigest()[:16]


def sources_of(spec: RunSpec) -> Sources:
    """The files behind the foreign plug-ins that ``spec`` uses."""
    used = with_nested(used_by(spec))
    return {path: source for plugin in used for path, source in foreign_sources(plugin).items()}


def used_by(spec: RunSpec) -> Iterator[Use]:
    """The plug-ins that ``spec`` itself names."""
    yield Use("method", spec.method, spec.config)
    yield Use("dataset", spec.dataset, spec.dataset_options)
    read = [*spec.groups, *([spec.encoder.erase] if spec.encoder.erase else [])]
    yield from (Use("grouping", name, spec.groupings.get(name)) for name in read)
    yield from (Use("metric", name) for name in spec.evaluation.metrics)
    if spec.rerank.active:
        yield Use("reranker", spec.rerank.name, spec.rerank)
    if spec.encoder.name in registry.names("encoder"):
        yield Use("encoder", spec.encoder.name, spec.encoder.options)
    if spec.evaluation.origins or has_reference(spec):
        reference = reference_of(spec)
        yield Use("method", reference.method, reference.config)


def with_nested(uses: Iterable[Use]) -> Iterator[type[Plugin]]:
    """The plug-ins asked for, those that they use, and so on, each as often as it is under other options."""
    waiting, seen = list(uses), set()
    while waiting:
        kind, name, given = waiting.pop()
        plugin: type[Plugin] = registry.get(kind, name)
        config = plugin.Config() if given is None else given
        if (key := (plugin, config.model_dump_json())) not in seen:
            seen.add(key)
            yield plugin
            waiting += plugin.uses(config)
