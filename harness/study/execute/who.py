"""Who a worker is: its process, and what must be there as it is here."""

import os
import platform
from collections.abc import Mapping
from typing import Any

from harness.base.errors import BadInput, one_line
from harness.runs.torch_defaults import devices

MUST_AGREE = ("code", "torch", "python")
DEVICES, NANNY = "devices", "nanny"


def who() -> dict[str, str]:
    """This process, its machine, and the versions that decide a run's numbers."""
    from harness.base.paths import home
    from harness.base.process import this_process
    from harness.track.environment import code_as_loaded, versions

    found = versions() | {"code": code_as_loaded(), "python": ".".join(platform.python_version_tuple()[:2])}
    return found | this_process() | {NANNY: str(os.getppid()), "home": str(home()), DEVICES: " ".join(devices())}


def check_alike(workers: Mapping[str, Any]) -> None:
    """Look whether workers, who have answered :func:`who` or raised, make the runs that this process would make.

    Raises:
        BadInput: with every worker that does not, and why.
    """
    here = who()
    found = {address: differences(answer, here) for address, answer in workers.items()}
    if wrong := [f"{address} {', '.join(differ)}" for address, differ in sorted(found.items()) if differ]:
        raise BadInput(f"workers must have the packages that this process has: {'; '.join(wrong)}")


def differences(answer: Any, here: Mapping[str, str]) -> list[str]:
    """What must be there and is not, or is another than ``here``; of an error: what it says."""
    if isinstance(answer, ModuleNotFoundError):
        return [f"has no package {answer.name}"]
    if isinstance(answer, BaseException):
        return [one_line(answer)]
    return [
        f"has {name} {answer.get(name)} instead of {here[name]}"
        for name in MUST_AGREE
        if answer.get(name) != here[name]
    ]
