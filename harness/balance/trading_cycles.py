"""Top trading cycles (Shapley & Scarf 1974): people who envy each other in a circle swap what they have."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Order = npt.NDArray[np.int64]


def trade(values: npt.NDArray[np.floating]) -> tuple[Order, Order]:
    """Swap along circles of envy until there are none; nobody ends with less than they had.

    Everybody points at who has what they like best of what has not been settled, and keeps their own where nothing is
    better. A circle of pointers gets what it points at and is settled. Whoever is settled envies nobody who is settled
    later.

    Args:
        values: what ``[u, v]`` u thinks of v's things, shape (m, m)

    Returns:
        Whose things everybody has in the end, and people in the order in which they were settled, each shape (m,).
    """
    m = len(values)
    wanted = [_envied(row, own) for own, row in enumerate(values)]
    at, holds, settled = [0] * m, np.arange(m), np.zeros(m, dtype=bool)
    order: list[int] = []
    path: list[int] = []
    on_path: dict[int, int] = {}
    for start in range(m):
        while not settled[start]:
            here = path[-1] if path else start
            if not path:
                path.append(here)
                on_path[here] = 0
            likes = wanted[here]
            while at[here] < len(likes) and settled[likes[at[here]]]:
                at[here] += 1
            best = int(likes[at[here]]) if at[here] < len(likes) else here
            if best not in on_path:
                on_path[best] = len(path)
                path.append(best)
                continue
            circle = path[on_path[best] :]
            for person in circle:
                holds[person] = wanted[person][at[person]] if at[person] < len(wanted[person]) else person
            settled[circle] = True
            order += circle
            for person in circle:
                del on_path[person]
            del path[len(path) - len(circle) :]
    return holds, np.array(order, dtype=np.int64)


def _envied(row: npt.NDArray[np.floating], own: int) -> Order:
    """Whose things are better than one's own, the best first."""
    better = np.flatnonzero(row > row[own])
    return better[np.argsort(-row[better], kind="stable")]
