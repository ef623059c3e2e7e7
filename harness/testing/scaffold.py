"""A new plug-in of the user's own: a working file of its kind and its contract test."""

import importlib.util
import keyword
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from harness.base import paths
from harness.base.errors import BadInput, folded, unknown
from harness.base.sealed import together
from harness.base.writable import written_into
from harness.plugins.registry import KINDS, registry

TEMPLATES = Path(__file__).parent / "templates"
USES = {
    "method": "--plugin {file} --method {name}",
    "dataset": "--plugin {file} --dataset {name}",
    "grouping": "--plugin {file} --group {name}",
    "encoder": "--plugin {file} --encoder {name}",
    "balancer": "--plugin {file} --method bifair --set config.balancer={name}",
    "reranker": "--plugin {file} --set rerank.name={name}",
    "metric": "--plugin {file}",
    "disparity": "--plugin {file}  (once a grouping names it among its disparities)",
    "study": "--study {file}",
}
"""What follows ``harness run`` to use a plug-in of each kind."""

TEST = '''\
"""What holds for every {kind} holds for this one; add what is special to it, such as numbers by hand."""

from pathlib import Path

{imports}

{setting}


class Test{title}({suite}Contract):
    {kind} = {value}
'''


@dataclass(frozen=True)
class Written:
    """A plug-in that has been written: its name, its file and its test's."""

    kind: str
    name: str
    file: Path
    test: Path

    @property
    def title(self) -> str:
        """The class's name."""
        return "".join(part.capitalize() for part in self.file.stem.split("_"))

    @property
    def entry_point(self) -> str:
        """What offers it in the ``pyproject.toml`` of a package called PACKAGE that holds its file."""
        kind = KINDS[self.kind]
        place = f"PACKAGE.{self.file.stem}:{self.title}" if kind.is_code else "PACKAGE"
        return f'[project.entry-points."{kind.group}"] {self.name} = "{place}"'

    @property
    def use(self) -> str:
        """The command that uses it."""
        return f"harness run {USES[self.kind].format(file=self.file, name=self.name)}"


def write_plugin(kind: str, name: str, folder: Path) -> Written:
    """Write a small working plug-in and its contract test; nothing that exists is changed.

    Args:
        kind: one of :data:`KINDS`, or its plural
        name: letters, digits, - and _; data sets and encoders are spelt with -, all others and all files with _
        folder: made where it is not there

    Raises:
        BadInput: for an unknown kind, a name that cannot be used, files that exist already or cannot be written.
    """
    kind = _kind(kind)
    stem = _stem(name, kind)
    spelt = KINDS[kind].spelt(stem)
    if registry.knows(kind, spelt):
        raise BadInput(f"there is a {kind} called '{spelt}' already: choose another name")
    ending = ".py" if KINDS[kind].is_code else ".toml"
    folder = paths.expanded(folder, "--folder")
    written = Written(kind, spelt, folder / f"{stem}{ending}", folder / f"test_{stem}.py")
    contents = {
        written.file: _named((TEMPLATES / f"{kind}{ending}").read_text(encoding="utf-8"), written),
        written.test: _test(written),
    }
    for file in contents:
        if file.exists():
            raise BadInput(f"{file} exists already: nothing was written; choose another name or --folder")
    with written_into(folder), together() as new:
        for file, content in contents.items():
            new(file).write_text(content, encoding="utf-8")
    return written


def _kind(given: str) -> str:
    singular = {kind.plural: kind.name for kind in KINDS.values()}
    plain = folded(given).replace("-", "")
    kind = singular.get(plain, plain)
    if kind not in KINDS:
        raise unknown("kind of plug-in", given, KINDS)
    return kind


def _stem(name: str, kind: str) -> str:
    """The file's name for a plug-in called ``name``: one that can be imported and hides nothing else.

    Raises:
        BadInput: where there is none.
    """
    stem = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,99}", stem) or keyword.iskeyword(stem):
        raise BadInput(f"'{name}' cannot be a plug-in's name: use small letters, digits, - and _, such as 'my_{kind}'")
    if stem in sys.stdlib_module_names or importlib.util.find_spec(stem) is not None:
        raise BadInput(f"'{name}' is the name of an installed Python module, which the file {stem}.py would hide")
    return stem


def _named(template: str, written: Written) -> str:
    """The template with the plug-in's own name in it."""
    titled = re.sub(r"\bExample(?=Config\b|\b)", written.title, template)
    return titled.replace('"example"', f'"{written.name}"')


def _test(written: Written) -> str:
    """The contract's test of the plug-in, which stands beside it."""
    place = f'Path(__file__).with_name("{written.file.name}")'
    suite = written.kind.capitalize()
    imports = f"from harness.testing import {suite}Contract"
    setting, value = f"registry.add_file({place})", f'"{written.name}"'
    if KINDS[written.kind].is_code:
        imports = f"from harness.plugins.registry import registry\n{imports}"
    else:
        setting, value = f"FILE = {place}", "str(FILE)"
    return TEST.format(
        kind=written.kind, imports=imports, setting=setting, title=written.title, suite=suite, value=value
    )
