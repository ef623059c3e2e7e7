"""No run stays open for ever: those whose process has died are ended by the next command on their store."""

from harness.base import interrupts
from harness.base.errors import HarnessError
from harness.base.messages import Say
from harness.base.process import HOST, is_gone, this_process
from harness.track import Tracker
from harness.track.protocol import FAILURE_TAG

WHY = "its process died"


def end_dead_runs(tracker: Tracker, say: Say) -> int:
    """End the open runs of this machine's dead processes as KILLED, say so in one line, and count them.

    Where the store does not let itself be asked, nothing is done: it is not what the command is about.
    """
    host = this_process().get(HOST)
    if host is None:
        return 0
    try:
        dead = [run.id for run in tracker.unended({HOST: host}) if is_gone(run.tags)]
        for run_id in dead:
            with interrupts.deferred():
                if (run := tracker.resume(run_id)) is not None:
                    run.set_tags({FAILURE_TAG: WHY})
                    run.end("KILLED")
    except HarnessError as error:
        say(f"warning: runs that died could not be ended: {error}")
        return 0
    if dead:
        several = "runs whose processes" if len(dead) > 1 else "run whose process"
        say(f"{len(dead)} {several} had died ended as KILLED: {', '.join(run_id[:8] for run_id in dead)}")
    return len(dead)
