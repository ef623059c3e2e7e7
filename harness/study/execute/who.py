"""Who a worker is: its process, and what must be there as it is here."""

import os
import platform
from collections.abc import Mapping
from typing import Any

from harness.base.errors import BadInput, one_line

MUST_AGREE = ("code", "torch", "python")


def who() -> dict[str, str]:
    """This process, its machine, and the versions that decide a run's numbers."""
    from harness.base.paths import home
    from harness.track.environment import code_as_loaded, versions

    found = versions() | {"code": code_as_loaded(), "python": ".".join(platform.python_version_tuple()[:2])}
    return found | {"process": str(os.getpid()), "host": platform.node(), "home": str(home()), "devices": devices()}


def devices() -> str:
    """What can be computed on here."""
    import torch

    names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    return ", ".join(["cpu", *names])


def check_alike(workers: Mapping[str, Any]) -> None:
    """Look whether workers, who have answered :func:`who` or raised, make the runs that this process would make.

    Raises:
        BadInput: with every worker that is not, and why.
    """
    here, wrong = who(), []
    for address, answer in workers.items():
        if isinstance(answer, ModuleNotFoundError):
            wrong.append(f"{address} has no package {answer.name}")
        elif isinstance(answer, BaseException):
            wrong.append(f"{address}: {one_line(answer)}")
        else:
            differ = [
                f"{name} {answer.get(name)} instead of {here[name]}"
                for name in MUST_AGREE
                if answer.get(name) != here[name]
            ]
            wrong += [f"{address} has {', '.join(differ)}"] if differ else []
    if wrong:
        raise BadInput(f"workers must have the packages that this process has: {'; '.join(wrong)}")
