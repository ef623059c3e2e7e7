"""What training changes of an object, taken as tensors and JSON-able values and put back into another like it.

A class names the attributes in ``changes``; one state then holds parameters, optimisers, random streams and counters of
a whole tree of objects, with no code for it in any of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from harness.base.errors import HarnessError

if TYPE_CHECKING:
    import torch

PLAIN = (bool, int, float, str, type(None))


class NotKept(HarnessError):
    """Something holds what no checkpoint can keep, or does not say what training changes of it."""


@dataclass
class ChangedState:
    """What training has changed of an object, by the path of attributes that leads there (``batches/_order``).

    Attributes:
        tensors: copies
        values: numbers, text, None, and lists of these
    """

    tensors: "dict[str, torch.Tensor]" = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


class Changing:
    """An object that training changes."""

    changes: ClassVar[tuple[str, ...]] = ()
    """Names of the attributes that training changes, beside those that the classes derived from name.

    Their values are tensors, ``torch.Generator``, optimisers, numbers, text, None, lists of numbers or text, other
    objects of this kind, and dictionaries of all these by name. A class that names none says so with ``()``: where one
    in the line of descent says nothing, nothing of the object can be kept.
    """

    def resumed(self) -> None:
        """Everything that changes has been put back: work out afresh what depends on it."""


def taken(of: Changing) -> ChangedState:
    """A copy of all that training changes of an object.

    Raises:
        NotKept: where that is not known, or is of a kind that cannot be kept.
    """
    state = ChangedState()
    for name in changing(of):
        _take(getattr(of, name, None), name, f"{type(of).__name__}.{name}", state)
    return state


def put_back(into: Changing, state: ChangedState) -> None:
    """Give an object that was made in the same way, and not trained, all that ``state`` was taken with.

    Raises:
        NotKept: where ``state`` is of another kind of object.
    """
    _put(into, "", state)


def changing(of: Changing) -> Iterator[str]:
    """Names of the attributes that training changes.

    Raises:
        NotKept: where a class of the object does not say.
    """
    if set(vars(of) if hasattr(of, "__dict__") else ()) <= {"config"}:
        return  # nothing but its options: there is nothing to change
    line = type(of).__mro__
    for kind in reversed(line[: line.index(Changing)]):
        if "changes" not in vars(kind):
            raise NotKept(f"{kind.__name__} does not say what training changes of it (attribute 'changes')")
        yield from vars(kind)["changes"]


def _take(value: Any, path: str, where: str, state: ChangedState) -> None:
    import torch

    if isinstance(value, torch.Tensor):
        state.tensors[path] = value.detach().clone().contiguous()
    elif isinstance(value, torch.Generator):
        state.tensors[path] = value.get_state().clone()
    elif isinstance(value, torch.optim.Optimizer):
        for place, parameter in enumerate(_parameters(value)):
            for key, entry in value.state.get(parameter, {}).items():
                _take(entry, f"{path}/{place}/{key}", f"{where}: {key}", state)
    elif isinstance(value, Changing):
        for name in changing(value):
            _take(getattr(value, name, None), f"{path}/{name}", f"{type(value).__name__}.{name}", state)
    elif isinstance(value, dict):
        for key, entry in value.items():
            _take(entry, f"{path}/{key}", f"{where}[{key!r}]", state)
    elif isinstance(value, PLAIN) or (isinstance(value, list) and all(isinstance(entry, PLAIN) for entry in value)):
        state.values[path] = list(value) if isinstance(value, list) else value
    else:
        raise NotKept(f"{where} is a {type(value).__name__}, which cannot be kept")


def _put(into: Changing, prefix: str, state: ChangedState) -> None:
    for name in changing(into):
        path = f"{prefix}{name}"
        value = getattr(into, name, None)
        if not _put_into(value, path, state):
            if path in state.tensors:
                setattr(into, name, state.tensors[path].clone())
            elif path in state.values:
                kept = state.values[path]
                setattr(into, name, list(kept) if isinstance(kept, list) else kept)
            else:
                raise NotKept(f"{type(into).__name__}.{name} is not in the checkpoint")
    into.resumed()


def _put_into(value: Any, path: str, state: ChangedState) -> bool:
    """Change what is there in place, so that whoever else holds it sees it too; False where that cannot be."""
    import torch

    if isinstance(value, torch.Tensor):
        kept = state.tensors.get(path)
        if kept is None or kept.shape != value.shape or kept.dtype != value.dtype:
            return False
        with torch.no_grad():
            value.copy_(kept)
    elif isinstance(value, torch.Generator):
        value.set_state(state.tensors[path].cpu())
    elif isinstance(value, torch.optim.Optimizer):
        for place, parameter in enumerate(_parameters(value)):
            if own := dict(_below(f"{path}/{place}/", state)):
                value.state[parameter] = own
    elif isinstance(value, Changing):
        _put(value, f"{path}/", state)
    elif isinstance(value, dict):
        for key, entry in value.items():
            if not _put_into(entry, f"{path}/{key}", state):
                raise NotKept(f"{path}/{key} is of another kind in the checkpoint")
    else:
        return False
    return True


def _parameters(optimizer: "torch.optim.Optimizer") -> "Iterable[torch.Tensor]":
    return (parameter for group in optimizer.param_groups for parameter in group["params"])


def _below(prefix: str, state: ChangedState) -> Iterator[tuple[str, Any]]:
    """An optimiser's own entries of one parameter."""
    for path, tensor in state.tensors.items():
        if path.startswith(prefix):
            yield path.removeprefix(prefix), tensor.clone()
    for path, value in state.values.items():
        if path.startswith(prefix):
            yield path.removeprefix(prefix), value
