"""The code of plug-ins from elsewhere, as a hash: a run is another run once they have changed."""

import hashlib
import sys
from pathlib import Path

from harness.plugins.registry import registry
from harness.spec.run_spec import RunSpec
from harness.track.environment import SOURCE_ENDINGS


def plugin_digest(spec: RunSpec) -> str | None:
    """A hash of the sources of all plug-ins that ``spec`` uses and that are not this project's own; None without any.

    Of an installed package all source files count, of a ``--plugin`` file that file.
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
    groupings = [registry.get("grouping", name) for name in spec.groups]
    used = [("method", spec.method), ("dataset", spec.dataset), *(("metric", name) for name in spec.evaluation.metrics)]
    used += [("disparity", name) for grouping in groupings for name in grouping.disparities]
    if spec.rerank.active:
        used.append(("reranker", spec.rerank.name))
    if spec.encoder.name in registry.names("encoder"):
        used.append(("encoder", spec.encoder.name))
    if balancer := getattr(spec.config, "balancer", None):
        used.append(("balancer", balancer))
    modules = [plugin.__module__ for plugin in (*groupings, *(registry.get(kind, name) for kind, name in used))]
    return {module.partition(".")[0] for module in modules} - {"harness"}


def _sources(module: str) -> dict[str, Path]:
    """The source files of a package, or the module's own, by their place in it."""
    loaded = sys.modules[module]
    if folders := getattr(loaded, "__path__", None):
        found = ((Path(folder), file) for folder in folders for file in Path(folder).rglob("*"))
        kept = {f"{module}/{file.relative_to(folder).as_posix()}": file for folder, file in found}
        return {name: file for name, file in kept.items() if file.suffix in SOURCE_ENDINGS and file.is_file()}
    return {module: Path(loaded.__file__)} if loaded.__file__ else {}
