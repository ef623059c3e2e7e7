"""The newest runs of a local store, read from its database: MLflow's client takes seconds to begin."""

import sqlite3
from contextlib import closing

from harness.track.uri import NOWHERE, resolve_uri

MOST = 20
WAIT_SECONDS = 0.5
"""How long a database that is being written to is waited for."""
_QUESTION = """
SELECT run_uuid, name FROM runs
WHERE status = 'FINISHED' AND lifecycle_stage = 'active' AND substr(run_uuid, 1, length(:beginning)) = :beginning
  AND EXISTS (SELECT 1 FROM tags WHERE tags.run_uuid = runs.run_uuid AND tags.key = 'evaluated' AND tags.value = 'test')
ORDER BY start_time DESC LIMIT :most
"""


def recent_runs(uri: str | None, beginning: str) -> list[tuple[str, str]]:
    """Ids and names of finished runs that have been measured on test data, newest first.

    Args:
        uri: as :func:`harness.track.open_tracker` takes it
        beginning: of their ids

    Returns:
        At most :data:`MOST`; none of a store that is not a file here, or that cannot be read.

    Raises:
        BadInput: where the address is not one of a store.
    """
    file = None if uri == NOWHERE else resolve_uri(uri).file
    if file is None or not file.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=WAIT_SECONDS)) as database:
            return database.execute(_QUESTION, {"beginning": beginning, "most": MOST}).fetchall()
    except sqlite3.Error:
        return []
