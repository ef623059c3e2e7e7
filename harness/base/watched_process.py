"""A program that runs a command for as long as somebody holds the other end of its standard input, and no longer.

Whoever starts it as the leader of a group of processes and dies, in whatever way, leaves nothing behind: the system
closes the pipe, and the command ends with all that it has started. Nothing but the standard library is imported, so
that it can be run by its path.
"""

import os
import signal
import subprocess
import sys
import threading
import time

TERM_SECONDS = 5.0
POLL_SECONDS = 0.1


def command_of(command: list[str]) -> list[str]:
    """What is to be started instead of ``command``, with a pipe as its standard input."""
    return [sys.executable, "-P", __file__, *command]


def main(command: list[str]) -> int:
    """Run the command; its exit code."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # meant for the group: this process ends after the command
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_listen if os.name == "posix" else None)
    threading.Thread(target=_end_with_stdin, args=(child,), daemon=True).start()
    while child.poll() is None:
        time.sleep(POLL_SECONDS)
    return child.returncode


def _listen() -> None:
    """What this process does not hear its command does."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end_with_stdin(child: "subprocess.Popen[bytes]") -> None:
    while sys.stdin.buffer.read(4096):
        pass
    if os.name != "posix":
        child.terminate()
        return
    os.killpg(0, signal.SIGTERM)
    time.sleep(TERM_SECONDS if child.poll() is None else POLL_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
