"""Which runs a run makes beside itself: nobody else may be making them meanwhile."""

from harness.runs.context import Context
from harness.runs.identity import find_reference
from harness.spec.reference import has_reference, reference_of
from harness.spec.run_spec import RunSpec


class ReservedRuns:
    """Which runs are made with a run, such as the one that ``fair_within`` measures it by, unless that is on record.

    Args:
        context: where runs are recorded
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._on_record: set[str] = set()

    def needed_by(self, spec: RunSpec) -> frozenset[str]:
        """Digests of the runs that nobody else may be making while ``spec`` is carried out: itself, its reference."""
        return frozenset({spec.digest, reference_of(spec).digest} if has_reference(spec) else {spec.digest})

    def made_by(self, spec: RunSpec) -> frozenset[str]:
        """Digests of the runs that carrying out ``spec`` makes: itself, and its reference unless that is on record."""
        if not has_reference(spec) or (reference := reference_of(spec).digest) in self._on_record:
            return frozenset({spec.digest})
        if find_reference(spec, self._context) is not None:
            self._on_record.add(reference)
            return frozenset({spec.digest})
        return self.needed_by(spec)
