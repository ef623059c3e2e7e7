"""Data sets that are a few files with fixed names."""

from pathlib import Path
from typing import ClassVar

from harness.base.errors import BadInput
from harness.plugins import Dataset


class NamedFiles(Dataset):
    """A data set whose reader needs the files called :attr:`names`, all of them and no others."""

    names: ClassVar[tuple[str, ...]]

    def recognises(self, folder: Path) -> bool:
        """Whether ``folder`` holds the files."""
        return all(path.is_file() for path in self.files(folder))

    def files(self, folder: Path) -> list[Path]:
        """The files."""
        return [folder / name for name in self.names]

    def require(self, folder: Path) -> None:
        """Raise BadInput where ``folder`` lacks one of the files."""
        if missing := [path.name for path in self.files(folder) if not path.is_file()]:
            raise BadInput(f"{folder}: missing {', '.join(missing)}")
