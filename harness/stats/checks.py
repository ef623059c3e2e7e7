"""What every statistic here asks of its numbers."""

import numpy as np
import numpy.typing as npt

from harness.domain.top_k import Values


def sample(values: npt.ArrayLike, what: str = "values") -> Values:
    """``values`` as a vector of floats, at least one.

    Raises:
        ValueError: for none, for more than one dimension, and for NaN or infinities: whether a run without a value is
            left out or ends the comparison is for the caller to decide and to say.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not array.size:
        raise ValueError(f"{what}: one number or more in a row are needed, not an array of shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{what}: {int((~np.isfinite(array)).sum())} of {array.size} are not finite numbers")
    return array


def share(value: float, what: str) -> float:
    """``value``, where it lies strictly between 0 and 1.

    Raises:
        ValueError: elsewhere.
    """
    if not 0 < value < 1:
        raise ValueError(f"{what}={value} is not between 0 and 1")
    return value
