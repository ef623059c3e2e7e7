"""``harness sync``: send to the tracking store what runs have recorded while it was away."""

from harness.cli.parameters import Home, TrackingUri
from harness.console.echo import echo


def sync(tracking_uri: TrackingUri = None, home: Home = None) -> None:
    """Send what was recorded while the tracking store did not answer. Each record arrives once, however often."""

    from harness.track import open_tracker
    from harness.track.journal.journal_folder import folders_with_work
    from harness.track.journal.journal_tracker import JournalTracker

    tracker = open_tracker(tracking_uri)
    folder = None
    if isinstance(tracker, JournalTracker):
        folder = tracker.folder
        tracker.heard_by(echo)
        sent = tracker.sync()
        echo(f"{_journals(sent)} sent to {tracker.location}")
        if busy := tracker.elsewhere:
            echo(f"{_journals(busy)} in {folder}: other processes are writing or sending them")
    else:
        echo(f"{tracker.location}: a store of this kind is written to at once: nothing waits for it")
    for address, waiting in folders_with_work(folder):
        echo(f"{_journals(waiting)} for another store: harness sync --tracking-uri {address}")


def _journals(count: int) -> str:
    return f"{count} journal{'' if count == 1 else 's'}"
