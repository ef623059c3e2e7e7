"""Runs handed out to workers in virtual time, in the order and with the waits of a real study."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Chain:
    """Runs of one kind.

    Attributes:
        seconds: of each
        runs: how many
        at_once: so many need not wait for each other; those after them come one by one, each after all before it
    """

    seconds: float
    runs: int
    at_once: int


def independent(seconds: float, runs: int = 1) -> Chain:
    """Runs that wait for no other."""
    return Chain(seconds, runs, runs)


def makespan(chains: Sequence[Chain], workers: int) -> float:
    """Seconds until all runs have been made: whoever is free takes the next run of the first chain that has one ready.

    A search hands its trials out like that: it draws the first ones, and learns from all before each of the others.
    """
    handed_out, under_way = [0] * len(chains), [0] * len(chains)
    busy: list[tuple[float, int]] = []
    now = 0.0
    while True:
        while len(busy) < workers and (ready := _ready(chains, handed_out, under_way)) is not None:
            handed_out[ready] += 1
            under_way[ready] += 1
            heapq.heappush(busy, (now + chains[ready].seconds, ready))
        if not busy:
            return now
        now, ended = heapq.heappop(busy)
        under_way[ended] -= 1


def _ready(chains: Sequence[Chain], handed_out: Sequence[int], under_way: Sequence[int]) -> int | None:
    for number, chain in enumerate(chains):
        waits = handed_out[number] >= chain.at_once and under_way[number]
        if handed_out[number] < chain.runs and not waits:
            return number
    return None
