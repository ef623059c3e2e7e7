"""Arrays in NumPy's own format, of numbers alone: nothing that a file says is ever executed."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.base.errors import BadInput


def mapped_array(path: Path) -> npt.NDArray[Any]:
    """The array in a ``.npy`` file, mapped into memory.

    Raises:
        BadInput: where the file is missing, is no such file, or holds Python objects.
    """
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from None
    except (ValueError, EOFError) as error:
        unsafe = "pickle" in str(error) or "Python objects" in str(error)  # NumPy's own words advise to load them
        why = "Python objects (pickles) are never loaded" if unsafe else error
        raise BadInput(f"{path}: not an array of numbers in NumPy's format ({why})") from None
    if not isinstance(found, np.ndarray):
        raise BadInput(f"{path}: an archive of several arrays (.npz): save the one that is meant as .npy")
    return found
