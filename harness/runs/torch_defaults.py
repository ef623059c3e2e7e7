"""What torch says of this machine, known without importing it: that takes a second, and a run on record needs no more.

How many threads it takes of itself depends on its build, the processors that this process may use and a dozen
variables. It is asked once, and the answer is kept with all of these; where one of them is another, it is asked again.
"""

import ast
import json
import os
import sys
from hashlib import blake2b
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from harness.base import paths
from harness.base.json_values import read_object
from harness.base.messages import silent
from harness.base.process import BOOT, HOST, SPACE, this_process
from harness.base.sealed import read_cached, write_cached

FILE = "threads-of-torch.json"
VARIABLES = ("OMP_", "MKL_", "KMP_", "GOMP_", "ATEN_", "TORCH_")
"""How the names of variables begin that may decide the number of threads."""
_answers: dict[Path, bytes] = {}
"""By the file that is to have them: those of a torch that nobody has told anything yet."""
CUDA = ("cuda", "hip")
"""What torch's own file of versions calls the libraries for which it says that CUDA is available."""


def default_threads() -> int:
    """How many threads torch has now; where it has not been imported yet, how many it would have."""
    if "torch" in sys.modules:
        return _asked()
    file, machine = paths.cache_folder() / FILE, _machine()
    known = read_object(read_cached(file, silent) or b"")
    if known is not None and known.get("machine") == machine and isinstance(known.get("threads"), int):
        return int(known["threads"])
    number = _asked()
    _answers[file] = json.dumps({"machine": machine, "threads": number}).encode()
    if file.parent.is_dir():  # nothing is made by asking
        keep_answers()
    return number


def keep_answers() -> None:
    """Keep what torch was asked for later processes, which need not import it to know."""
    while _answers:
        write_cached(*_answers.popitem(), silent, FILE)


def cuda_is_available() -> bool:
    """Torch's own answer; a build without it is not imported for it."""
    if "torch" not in sys.modules and not _may_have_cuda():
        return False
    import torch

    return torch.cuda.is_available()


def devices() -> list[str]:
    """All devices that torch has here, as a spec names them."""
    found = ["cpu"]
    if cuda_is_available():
        import torch

        found += ["cuda", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]
    if sys.platform == "darwin":
        import torch

        found += ["mps"] if torch.backends.mps.is_available() else []
    return found


def _asked() -> int:
    import torch

    return torch.get_num_threads()


def _machine() -> str:
    """A hash of all that the number of threads may depend on."""
    here = this_process()
    settings = {name: value for name, value in os.environ.items() if name.startswith(VARIABLES)}
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    told = [metadata.version("torch"), *(here.get(name) for name in (HOST, BOOT, SPACE)), allowed, settings]
    return blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=16).hexdigest()


def _may_have_cuda() -> bool:
    """Whether torch was built for it, by its file that says so; also where that cannot be read."""
    found = find_spec("torch")
    if found is None or found.origin is None:
        return True
    try:
        lines = ast.parse((Path(found.origin).parent / "version.py").read_text(encoding="utf-8")).body
    except (OSError, SyntaxError):
        return True
    without = {ast.unparse(line.target) for line in lines if isinstance(line, ast.AnnAssign) and _is_none(line.value)}
    return not without.issuperset(CUDA)


def _is_none(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is None
