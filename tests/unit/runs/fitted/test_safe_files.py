"""Models are read as numbers and text: a pickle among their files is refused, and nothing in it is carried out."""

import io
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from harness.base.checksums import write_sums
from harness.base.errors import BadInput, Unavailable
from harness.plugins.registry import registry
from harness.runs.fitted.pyfunc_loader import model_in
from harness.runs.fitted.safe_files import is_pickle, tensors_of
from harness.testing import toy_problem
from harness.testing.toy_model import write_toy_model


class Bomb:
    """Whoever unpickles it makes a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return Path.touch, (Path(self.trace),)  # type: ignore[return-value]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound model."""
    problem, kind = toy_problem(text=False), registry.get("method", "ease")
    method = kind(kind.Config())
    method.prepare(problem)
    method.train_epoch()
    place = tmp_path / "model"
    place.mkdir()
    write_toy_model(method, problem, place)
    assert model_in(place).n_users == 60
    return place


@pytest.mark.parametrize("name", ["model.safetensors", "model.json", "items.json", "users.json", "python_model.pkl"])
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_and_not_opened(folder: Path, tmp_path: Path, name: str, protocol: int) -> None:
    trace = tmp_path / "trace"
    (folder / name).write_bytes(pickle.dumps(Bomb(trace), protocol=protocol))
    write_sums(folder)
    with pytest.raises(BadInput, match=rf"the model's file {name} is a pickle, .* refused"):
        model_in(folder)
    assert not trace.exists()
    pickle.loads((folder / name).read_bytes())  # noqa: S301 - the bomb is one
    assert trace.exists()


def test_what_torch_saves_is_refused(folder: Path) -> None:
    buffer = io.BytesIO()
    torch.save({"state/B": torch.zeros(2)}, buffer)
    (folder / "model.safetensors").write_bytes(buffer.getvalue())
    write_sums(folder)
    with pytest.raises(BadInput, match=r"model\.safetensors is a pickle"):
        model_in(folder)


@pytest.mark.parametrize("name", ["model.safetensors", "model.json", "items.json", "users.json"])
def test_a_pickle_of_the_oldest_kinds_is_no_model_either(folder: Path, tmp_path: Path, name: str) -> None:
    """They are plain text, that no one can tell from damage; no parser here carries anything out."""
    trace = tmp_path / "trace"
    for protocol in (0, 1):
        (folder / name).write_bytes(pickle.dumps(Bomb(trace), protocol=protocol))
        write_sums(folder)
        with pytest.raises(Unavailable, match="is damaged"):
            model_in(folder)
    assert not trace.exists()


def test_a_safetensors_file_that_begins_like_a_pickle_is_none() -> None:
    """Its first eight bytes are the length of its header: 0x0280 is \\x80\\x02."""
    contents = [save({"x": torch.zeros(1)}, {"filling": "x" * length}) for length in range(480, 640, 4)]
    content = next(content for content in contents if content.startswith(b"\x80\x02"))
    assert not is_pickle(content)
    assert tensors_of(content, "x").keys() == {"x"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("model.safetensors", b"", r"model\.safetensors is damaged"),
        ("model.json", b"[]", r"model\.json is damaged: it is no JSON object"),
        ("model.json", b'{"format": 99}', r"the model is of format 99, and this version reads format 1"),
        ("users.json", b"{}", "the model's files do not belong together"),
        ("items.json", b'{"item": ["1"]}', "the model's files do not belong together"),
    ],
)
def test_damage_is_one_line(folder: Path, name: str, content: bytes, message: str) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(Unavailable, match="is damaged, as the checksums beside it say"):
        model_in(folder)
    write_sums(folder)
    with pytest.raises(Unavailable, match=message):
        model_in(folder)
