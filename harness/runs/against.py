"""A run measured against its reference, as plain data: what is shown at its end, and kept with it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import nan
from typing import Any

from harness.base.errors import HarnessError, Unavailable
from harness.base.json_values import without_nan
from harness.domain.metric_key import MetricKey
from harness.evaluation.bootstrap_difference import BootstrapDifference
from harness.runs.kept_file import kept_file
from harness.track import Tracker

AGAINST_FILE = "against_reference.json"


@dataclass(frozen=True)
class Against:
    """The reference of a run, on the same data, split and users.

    Attributes:
        reference: its label
        run: its id
        k: the headline cut-off
        group: the grouping trained on
        differences: of the run from its reference on test data, with intervals over resampled users: NDCG first, then
            the disparities of ``group``
        utilities: what each group gets from the reference at ``k``, by name
    """

    reference: str
    run: str
    k: int
    group: str
    differences: Mapping[MetricKey, BootstrapDifference]
    utilities: Mapping[str, float]

    def of(self, name: str) -> BootstrapDifference:
        """The difference in NDCG (``ndcg``) or in a disparity."""
        return next(found for key, found in self.differences.items() if key.name == name)

    @property
    def tree(self) -> dict[str, Any]:
        """All of it, as JSON knows it; a number that is none is null."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        found: dict[str, Any] = without_nan(own | {"differences": difference_rows(self.differences)})
        return found

    def as_json(self) -> str:
        """:attr:`tree` as text."""
        return json.dumps(self.tree, indent=2, ensure_ascii=False) + "\n"


def difference_rows(differences: Mapping[MetricKey, BootstrapDifference]) -> dict[str, dict[str, float]]:
    """Differences by the keys that stores have."""
    return {str(key): asdict(found) for key, found in differences.items()}


def kept_against(tracker: Tracker, run_id: str) -> Against | None:
    """What a run has kept of it; None where it has no reference, or was made before that was kept.

    Raises:
        Unavailable: where the file is damaged.
    """
    try:
        content = kept_file(tracker, run_id, AGAINST_FILE)
    except Unavailable:
        raise
    except HarnessError:
        return None
    try:
        return _read(json.loads(content))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        where = f"run {run_id} in {tracker.location}"
        raise Unavailable(f"{where}: its file {AGAINST_FILE} is damaged: put a copy back ({error!r})") from None


def _read(tree: dict[str, Any]) -> Against:
    rows = tree["differences"].items()
    found = {MetricKey.parse(key): BootstrapDifference(**_with_nan(row)) for key, row in rows}
    return Against(**{**tree, "differences": found})


def _with_nan(row: Mapping[str, float | None]) -> dict[str, Any]:
    return {name: nan if value is None else value for name, value in row.items()}
