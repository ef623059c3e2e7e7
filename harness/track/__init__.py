"""Where runs are recorded: nowhere, in memory (tests), or in an MLflow store."""

from harness.track.protocol import NotRecorded, RecordedRun, TrackedRun, Tracker

__all__ = ["NotRecorded", "RecordedRun", "TrackedRun", "Tracker", "open_tracker"]


def open_tracker(uri: str | None = None, experiment: str | None = None) -> Tracker:
    """The tracker for an address: ``none``, an MLflow store, or (unset) the variable's, else the user folder's store.

    Raises:
        BadInput, Unavailable: one line, before anything is computed.
    """
    from harness.track.uri import NOWHERE, resolve_uri

    if uri == NOWHERE:
        from harness.track.null import NullTracker

        return NullTracker()
    from harness.track.mlflow_tracker import EXPERIMENT, MlflowTracker

    place, name = resolve_uri(uri), experiment or EXPERIMENT
    if place.file is not None:
        return MlflowTracker(place, name)
    from harness.track.journal.journal_tracker import JournalTracker

    return JournalTracker(place, name)
