"""The command that makes a run again, from its record."""

import json
import shlex
from dataclasses import dataclass

from harness.base.errors import BadInput
from harness.report.site.public_text import public_text, public_tree
from harness.spec.build import build_spec
from harness.spec.command_line import command_of
from harness.study.records import Record

SPEC_FILE = "spec.json"


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


def made_again(record: Record) -> MadeAgain:
    """The flags that build the spec that was recorded, else the command that takes it as a file."""
    tree = public_tree(record.spec)
    text, by_file = json.dumps(tree, indent=2, ensure_ascii=False), shlex.join(["harness", "run", "--spec", SPEC_FILE])
    save = f"Save the spec below as {SPEC_FILE}"
    if tree != record.spec:
        return MadeAgain(by_file, text, f"{save}; folders are left out of it: write in it where the named files are.")
    try:
        spec = build_spec(tree)
    except BadInput as error:
        return MadeAgain(by_file, text, f"{save}. The version that made this page cannot build it: {public_text(str(error))}")
    recorded = record.tags.get("spec", spec.digest)
    if spec.digest != recorded:
        return MadeAgain(
            by_file, text, f"{save}. The version that made this page reads it as {spec.digest}; recorded is {recorded}."
        )
    return MadeAgain(command_of(spec), text)
