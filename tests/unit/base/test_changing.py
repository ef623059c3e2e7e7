"""What training changes is taken whole and put back in place, and what cannot be kept is named."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch

from harness.base.changing import Changing, NotKept, put_back, taken


class Inner(Changing):
    changes = ("generator", "count", "late")

    def __init__(self) -> None:
        self.generator = torch.Generator().manual_seed(1)
        self.count = 0
        self.late: torch.Tensor | None = None


class Outer(Changing):
    changes = ("weight", "optimizer", "inner", "curve", "parts")

    def __init__(self) -> None:
        self.weight = torch.zeros(3)
        self.optimizer = torch.optim.Adam([self.weight], lr=0.1)
        self.inner = Inner()
        self.curve: list[float] = []
        self.parts: Mapping[str, torch.Tensor] = {"a": torch.zeros(1)}
        self.refreshed = 0

    def resumed(self) -> None:
        self.refreshed += 1

    def step(self) -> None:
        self.weight.grad = torch.rand(3, generator=self.inner.generator)
        self.optimizer.step()
        self.inner.count += 1
        self.inner.late = self.weight * 2
        self.parts["a"].add_(1)
        self.curve.append(float(self.weight.sum()))


def numbers(of: Outer) -> list[Any]:
    assert of.inner.late is not None
    return [of.weight.tolist(), of.inner.count, of.inner.late.tolist(), of.curve, of.parts["a"].item()]


def test_what_is_put_back_goes_on_alike() -> None:
    whole, half, other = Outer(), Outer(), Outer()
    held = other.weight
    for _ in range(4):
        whole.step()
    for _ in range(2):
        half.step()
    state = taken(half)
    half.step()
    put_back(other, state)
    for _ in range(2):
        other.step()
    assert numbers(other) == numbers(whole)
    assert other.weight is held, "whoever holds the tensor sees it change"
    assert other.refreshed == 1


def test_one_state_serves_twice() -> None:
    half = Outer()
    half.step()
    state, found = taken(half), []
    for _ in range(2):
        other = Outer()
        put_back(other, state)
        other.step()
        found.append(numbers(other))
    assert found[0] == found[1]


class Silent(Outer):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = 0


class Odd(Changing):
    changes = ("where",)

    def __init__(self) -> None:
        self.where = iter([1, 2])


class Bare(Changing):
    pass


class Further(Outer):
    changes = ("more",)
    more = 1


@pytest.mark.parametrize(
    ("of", "why"), [(Silent, "Silent does not say what training changes"), (Odd, "Odd.where is a list_iterator")]
)
def test_what_cannot_be_kept_is_named(of: type[Changing], why: str) -> None:
    with pytest.raises(NotKept, match=why):
        taken(of())


def test_what_holds_nothing_has_nothing_to_say() -> None:
    assert not taken(Bare()).values


def test_a_state_of_another_kind_is_refused() -> None:
    with pytest.raises(NotKept, match=r"Further\.more is not in the checkpoint"):
        put_back(Further(), taken(Outer()))
