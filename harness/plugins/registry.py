"""Names to plug-ins: the project's own folders, entry points of installed packages, and ``--plugin FILE.py``.

A plug-in is one file and the file's name is its name, so names are known without importing anything; a plug-in is
loaded when it is first asked for. A broken one breaks only its own use, and so do two with one name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from harness.base.errors import BadInput, as_given, folded, one_line, unknown
from harness.base.paths import CARD_ENDING, expanded
from harness.plugins.entry import Entry, twins
from harness.plugins.kinds import KINDS, Kind
from harness.plugins.loading import built_in, in_file, installed, member
from harness.plugins.source_code import changed_since, foreign_sources
from harness.plugins.toml_plugins import built_in_files, declared, installed_files, own_files

if TYPE_CHECKING:
    from harness.plugins import Balancer, Dataset, Disparity, Encoder, Grouping, Method, Metric, Reranker

__all__ = ["KINDS", "Entry", "Kind", "Registry", "registry"]


class Registry:
    """All plug-ins of all kinds, discovered once per process."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Entry]] = {}
        self._files: dict[Path, list[str]] = {}
        self._lent: dict[tuple[str, str], Entry] = {}

    def names(self, kind: str) -> list[str]:
        """The names of one kind, sorted; nothing is imported."""
        return sorted(entry.name for entry in self._of(kind).values())

    def entries(self, kind: str) -> list[Entry]:
        """The entries of one kind, sorted by name."""
        return sorted(self._of(kind).values(), key=lambda entry: entry.name)

    @overload
    def get(self, kind: Literal["method"], name: str) -> "type[Method]": ...
    @overload
    def get(self, kind: Literal["dataset"], name: str) -> "type[Dataset]": ...
    @overload
    def get(self, kind: Literal["grouping"], name: str) -> "type[Grouping]": ...
    @overload
    def get(self, kind: Literal["encoder"], name: str) -> "type[Encoder]": ...
    @overload
    def get(self, kind: Literal["balancer"], name: str) -> "type[Balancer]": ...
    @overload
    def get(self, kind: Literal["reranker"], name: str) -> "type[Reranker]": ...
    @overload
    def get(self, kind: Literal["metric"], name: str) -> "type[Metric]": ...
    @overload
    def get(self, kind: Literal["disparity"], name: str) -> "type[Disparity]": ...
    @overload
    def get(self, kind: str, name: str) -> Any: ...
    def get(self, kind: str, name: str) -> Any:
        """The plug-in called ``name`` (case, - and _ do not matter), or in the TOML file that it is the path of.

        That is a class; a study is what its file declares.

        Raises:
            BadInput: where there is none (with the nearest name), there are two, or it cannot be loaded.
        """
        return self._entry(kind, name).load()

    def knows(self, kind: str, name: str) -> bool:
        """Whether there is one called ``name``, usable or not."""
        return folded(name) in self._of(kind) or member(KINDS[kind], name) is not None

    def check(self, kind: str, name: str) -> str:
        """The name as its owner spells it, without importing anything.

        Raises:
            BadInput: where there is none, with the nearest name.
        """
        return self._entry(kind, name).name

    def origin(self, kind: str, name: str) -> str:
        """Where the plug-in comes from: a module, an entry point or a file."""
        return self._entry(kind, name).origin

    def set_aside(self, kind: str, name: str) -> str:
        """The origin of the project's own plug-in, where the user's card of that name is used instead; else empty."""
        return self._entry(kind, name).instead_of

    def broken(self, kind: str) -> dict[str, str]:
        """The plug-ins of one kind that cannot be used, each with the reason in one line; all others are imported."""
        found = {}
        for entry in self.entries(kind):
            try:
                entry.load()
            except BadInput as error:
                found[entry.name] = one_line(error)
        return found

    def add_file(self, path: Path) -> list[str]:
        """Register every plug-in class that a Python file defines; returns "kind name" of each.

        One that is registered already is loaded again where it has changed since.

        Raises:
            BadInput: where the file cannot be used, or a name is taken; then nothing of it is registered.
        """
        path = expanded(path, "plug-in").resolve()
        if path in self._files and not self._has_changed(path):
            return self._files[path]
        found = in_file(path)
        kinds = {*self._entries, *(kind.name for kind, _ in found)}
        changed = {kind: _without(str(path), self._lasting(kind)) for kind in kinds}
        for kind, entry in found:
            entries = changed[kind.name]
            if other := entries.get(folded(entry.name)) or member(kind, entry.name):
                twins(kind, other, entry).load()
            entries[folded(entry.name)] = entry
        self._entries |= changed
        self._files[path] = [f"{kind.name} {entry.name}" for kind, entry in found]
        return self._files[path]

    def lend(self, kind: str, name: str, plugin: type) -> None:
        """Let ``plugin`` be what ``name``, which may be a path on another machine, stands for in this process."""
        self._lent[kind, folded(name)] = Entry(name, "another machine", lambda: plugin)

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """Inside, everything is found anew and no file has been added; at the end all is as it was before."""
        kept, self._entries, self._files = (self._entries, self._files), {}, {}
        try:
            yield
        finally:
            self._entries, self._files = kept

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that were added, for processes that need the same plug-ins."""
        return tuple(self._files)

    def _has_changed(self, path: Path) -> bool:
        """Whether an added file is no longer what was loaded."""
        kind, name = self._files[path][0].split(" ", 1)
        return bool(changed_since(foreign_sources(self.get(kind, name))))

    def _entry(self, kind: str, name: str) -> Entry:
        if not isinstance(name, str):  # a spec is anybody's JSON or TOML
            raise BadInput(f"{kind}: a name is needed, not {as_given(name)}")
        entries = self._of(kind)
        if lent := self._lent.get((kind, folded(name))):
            return lent
        if KINDS[kind].declared and name.endswith(CARD_ENDING):
            path = expanded(Path(name), "plug-in").resolve()
            return declared(KINDS[kind], path, str(path))
        entry = entries.get(folded(name)) or member(KINDS[kind], name)
        if entry is None:
            raise unknown(kind, name, (entry.name for entry in entries.values()))
        return entry

    def _of(self, kind: str) -> dict[str, Entry]:
        """All entries of a kind by their folded names.

        The cards in the home folder are looked for each time: the user may choose another home, or add one. A card
        comes before what the project ships under its name: it may have been added before that was shipped, and the
        runs on it go on.
        """
        entries = dict(self._lasting(kind))
        for entry in own_files(KINDS[kind]):
            name = folded(entry.name)
            if name in entries and entries[name].origin.startswith(f"{KINDS[kind].package}."):
                entries[name] = replace(entry, instead_of=entries[name].origin)
            else:
                _add(entries, KINDS[kind], entry)
        return entries

    def _lasting(self, kind: str) -> dict[str, Entry]:
        """Those that stay for as long as the process lives: all but cards."""
        if kind not in KINDS:
            raise unknown("kind of plug-in", kind, KINDS)
        if kind not in self._entries:
            code = KINDS[kind].is_code
            here = built_in(KINDS[kind]) if code else built_in_files(KINDS[kind])
            entries = {folded(entry.name): entry for entry in here}
            for entry in installed(KINDS[kind]) if code else installed_files(KINDS[kind]):
                _add(entries, KINDS[kind], entry)
            self._entries[kind] = entries
        return self._entries[kind]


def _without(origin: str, entries: dict[str, Entry]) -> dict[str, Entry]:
    """A copy of ``entries`` but for those of one origin."""
    return {name: entry for name, entry in entries.items() if entry.origin != origin}


def _add(entries: dict[str, Entry], kind: Kind, entry: Entry) -> None:
    """Add ``entry``; where its name is taken, that name cannot be used any more, and all others can."""
    other = entries.get(folded(entry.name)) or member(kind, entry.name)
    entries[folded(entry.name)] = entry if other is None else twins(kind, other, entry)


registry = Registry()
