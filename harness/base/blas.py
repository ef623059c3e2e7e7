"""How many threads linear algebra in NumPy and SciPy has: last bits of products and decompositions depend on it."""

from contextlib import AbstractContextManager


def blas_threads(number: int) -> AbstractContextManager[object]:
    """So many from now on; as a context manager, until its end. Torch has a number of its own."""
    import scipy.linalg  # noqa: F401 - it and NumPy bring a library each, which can be told once they are loaded
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(number, user_api="blas")
    return limits
