"""The commands that make runs again, from their records."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.base.errors import BadInput
from harness.report.site.public_text import public_text, public_tree
from harness.spec.build import build_spec
from harness.spec.command_line import command_of
from harness.spec.run_spec import RunSpec
from harness.study.records import Record

SPEC_FILE = "spec.json"
SEED = "--seed"


@dataclass(frozen=True)
class MadeAgain:
    """How a run is asked for.

    Attributes:
        command: for a shell
        spec: the whole spec, as the file that ``--spec`` takes
        note: what else has to be known; empty where the command is all
    """

    command: str
    spec: str
    note: str = ""


def made_again(records: Sequence[Record]) -> list[MadeAgain]:
    """Of each run the flags that build the spec that was recorded, else the command that takes it as a file.

    Specs that differ in their seed alone, as those of an arm do, are built once: that takes most of the time.
    """
    built: dict[str, tuple[RunSpec, list[str]] | BadInput] = {}
    return [_made_again(record, built) for record in records]


def _made_again(record: Record, built: dict[str, tuple[RunSpec, list[str]] | BadInput]) -> MadeAgain:
    tree = public_tree(record.spec)
    text, threads = json.dumps(tree, indent=2, ensure_ascii=False), _threads(record)
    by_file = shlex.join(["harness", "run", "--spec", SPEC_FILE, *threads])
    save = f"Save the spec below as {SPEC_FILE}"
    if tree != record.spec:
        return MadeAgain(by_file, text, f"{save}; folders are left out of it: write in it where the named files are.")
    key = json.dumps({**tree, "seed": None}, sort_keys=True)
    if key not in built:
        built[key] = _built(tree)
    found = built[key]
    if isinstance(found, BadInput):
        told = public_text(str(found))
        return MadeAgain(by_file, text, f"{save}. The version that made this page cannot build it: {told}")
    spec, words = found[0].model_copy(update={"seed": tree["seed"]}), list(found[1])
    recorded = record.tags.get("spec", spec.digest)
    if spec.digest != recorded:
        told = f"The version that made this page reads it as {spec.digest}; recorded is {recorded}."
        return MadeAgain(by_file, text, f"{save}. {told}")
    words[words.index(SEED) + 1] = str(spec.seed)
    return MadeAgain(shlex.join([*words, *threads]), text)


def _threads(record: Record) -> list[str]:
    """The number of threads that the run had, where its spec left it to the machine: bits depend on it."""
    had = record.tags.get("threads", "")
    said = (record.spec.get("compute") or {}).get("threads")
    return ["--threads", had] if said is None and had.isdecimal() else []


def _built(tree: Mapping[str, Any]) -> tuple[RunSpec, list[str]] | BadInput:
    """The spec, and its command in words; or why it cannot be built."""
    try:
        spec = build_spec(tree)
    except BadInput as error:
        return error
    return spec, shlex.split(command_of(spec))
