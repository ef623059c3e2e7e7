"""MLflow's client, each of whose calls is gone through to its end before a request to stop is heard.

MLflow rolls a database's session back on errors, not on KeyboardInterrupt: the database would stay locked by the
traceback, and the end of the run could not be recorded.
"""

from typing import Any

from harness.base import interrupts


class UnbrokenClient:
    """``client``, unbroken."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return interrupts.unbroken()(found) if callable(found) else found
