"""Files of a fitted model, read as numbers and text alone: nothing in them is ever carried out."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.base.errors import BadInput, Unavailable
from harness.base.json_values import read_object

if TYPE_CHECKING:
    import torch

GetFile = Callable[[str], bytes]
"""A file's content by its name."""
_LENGTH_BYTES = 8
_PICKLE, _ZIP = b"\x80", b"PK\x03\x04"
_PROTOCOLS = range(1, 16)


def is_pickle(content: bytes) -> bool:
    """Whether a file begins as Python's pickles of protocol 2 and later do, or the zip files of them that torch saves.

    A safetensors file may begin with the same two bytes, but its header is a JSON object after the eighth.
    """
    if content[_LENGTH_BYTES : _LENGTH_BYTES + 1] == b"{":
        return False
    return content.startswith(_ZIP) or (content[:1] == _PICKLE and content[1:2] != b"" and content[1] in _PROTOCOLS)


def tensors_of(content: bytes, name: str) -> "dict[str, torch.Tensor]":
    """The tensors of a safetensors file.

    Raises:
        BadInput: for a pickle.
        Unavailable: for anything else that is no such file.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    _refuse_pickle(content, name)
    try:
        return load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise Unavailable(f"the model's file {name} is damaged: it holds no tensors ({error})") from None


def tree_of(content: bytes, name: str) -> dict[str, Any]:
    """The object of a JSON file.

    Raises:
        BadInput, Unavailable: as :func:`tensors_of`.
    """
    _refuse_pickle(content, name)
    tree = read_object(content)
    if tree is None:
        raise Unavailable(f"the model's file {name} is damaged: it is no JSON object")
    return tree


def refuse_pickles(folder: Path) -> None:
    """Look at every file in a folder.

    Raises:
        BadInput: where one of them is a pickle, also of a name that nobody reads.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                _refuse_pickle(file.read(_LENGTH_BYTES + 1), path.name)


def write_tensors(path: Path, tensors: "Mapping[str, torch.Tensor]") -> None:
    """Write a safetensors file; tensors may lie anywhere and share their memory.

    Raises:
        Unavailable: where that cannot be done.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    seen: set[int] = set()
    written = {}
    for name, tensor in tensors.items():
        plain = tensor.detach().cpu().contiguous()
        place = plain.untyped_storage().data_ptr()
        written[name] = plain.clone() if place in seen else plain  # the format knows no shared memory
        seen.add(place)
    try:
        save_file(written, path)
    except SafetensorError as error:
        raise Unavailable(f"{path.name} cannot be written: {error}") from error


def write_tree(path: Path, tree: Mapping[str, Any]) -> None:
    """Write a JSON file."""
    path.write_text(json.dumps(tree, ensure_ascii=False) + "\n", encoding="utf-8")


def _refuse_pickle(content: bytes, name: str) -> None:
    if is_pickle(content):
        raise BadInput(
            f"the model's file {name} is a pickle, which carries code out when it is read: refused; models of this "
            "project are safetensors and JSON"
        )
