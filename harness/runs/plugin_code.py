"""The code of plug-ins from elsewhere, as a hash: a run is another run once they have changed."""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.plugins import Plugin, Use
from harness.plugins.registry import registry
from harness.spec.reference import has_reference, reference_of
from harness.spec.run_spec import RunSpec
from harness.track.environment import SOURCE_ENDINGS


def plugin_digest(spec: RunSpec) -> str | None:
    """A hash of the sources of all plug-ins that ``spec`` uses and that are not this project's own; None without any.

    Plug-ins that other plug-ins use are among them. Of an installed package all source files count, of a ``--plugin``
    file that file.
    """
    files = {name: file for module in _modules(spec) for name, file in _sources(module).items()}
    if not files:
        return None
    digest = hashlib.sha256()
    for name, file in sorted(files.items()):
        digest.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()[:16]


def _modules(spec: RunSpec) -> set[str]:
    """The top-level modules of foreign plug-ins."""
    modules = {plugin.__module__.partition(".")[0] for plugin in with_nested(used_by(spec))}
    return modules - {"harness"}


def used_by(spec: RunSpec) -> Iterator[Use]:
    """The plug-ins that ``spec`` itself names."""
    yield Use("method", spec.method, spec.config)
    yield Use("dataset", spec.dataset, spec.dataset_options)
    yield from (Use("grouping", name, spec.groupings.get(name)) for name in spec.groups)
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


def _sources(module: str) -> dict[str, Path]:
    """The source files of a package, or the module's own, by their place in it."""
    loaded = sys.modules[module]
    if folders := getattr(loaded, "__path__", None):
        found = ((Path(folder), file) for folder in folders for file in Path(folder).rglob("*"))
        kept = {f"{module}/{file.relative_to(folder).as_posix()}": file for folder, file in found}
        return {name: file for name, file in kept.items() if file.suffix in SOURCE_ENDINGS and file.is_file()}
    return {module: Path(loaded.__file__)} if loaded.__file__ else {}
