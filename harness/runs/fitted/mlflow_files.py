"""What makes a kept model one of MLflow's: MLmodel, which names code of this project as its loader, and an example.

No code lies beside the model, so none is carried out that whoever wrote the files has chosen: MLflow imports
:mod:`harness.runs.fitted.pyfunc_loader` of the project that is installed. Written by hand, as MLflow's own function
imports half of it and looks at every package that is installed, which takes longer than a small run.
"""

import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.base.version import __version__
from harness.runs.fitted.safe_files import write_tree

if TYPE_CHECKING:
    from harness.runs.fitted.contents import Contents

LOADER = "harness.runs.fitted.pyfunc_loader"
MLMODEL, EXAMPLE, SERVED_EXAMPLE = "MLmodel", "input_example.json", "serving_input_example.json"
DEFAULT_K = 10


def write_mlflow_files(folder: Path, contents: "Contents") -> None:
    """Write MLmodel (JSON, which is YAML too), what it must be given, and what must be installed."""
    rows = {"columns": ["user"], "data": [[raw] for raw in contents.users[:2]]}
    write_tree(folder / EXAMPLE, rows)
    write_tree(folder / SERVED_EXAMPLE, {"dataframe_split": rows, "params": {"k": DEFAULT_K}})
    needed = [f"bifair-harness=={__version__}", f"torch=={contents.about['versions']['torch'].partition('+')[0]}"]
    (folder / "requirements.txt").write_text("".join(f"{line}\n" for line in needed))
    python = platform.python_version()
    write_tree(folder / "python_env.yaml", {"python": python, "dependencies": ["-r requirements.txt"]})
    data = contents.about["data"]
    tree = {
        "flavors": {
            "python_function": {
                "loader_module": LOADER,
                "python_version": python,
                "env": {"virtualenv": "python_env.yaml"},
            }
        },
        "signature": {name: json.dumps(part) for name, part in _signature(contents).items()},
        "saved_input_example_info": {
            "artifact_path": EXAMPLE,
            "serving_input_path": SERVED_EXAMPLE,
            "type": "dataframe",
            "pandas_orient": "split",
        },
        "metadata": {"title": contents.about["title"], **{f"data_{name}": data[name] for name in ("name", "licence")}},
    }
    write_tree(folder / MLMODEL, tree)


def _signature(contents: "Contents") -> dict[str, Any]:
    """What comes in (a known user, or what a new one took), what goes out, and how long lists are."""
    text: dict[str, Any] = {"type": "string"}
    texts = {"type": "array", "items": {"type": "string"}}
    given = {"user": text, "items": texts}
    answered = {"row": {"type": "long"}, "user": text, "rank": {"type": "long"}, "item": text}
    answered |= {"title": text} if "title" in contents.items else {}
    answered |= {"groups": texts} if any(part.side == "item" for part in contents.membership.sides) else {}
    answered |= {"score": {"type": "double"}}
    return {
        "inputs": [{"name": name, **kind, "required": False} for name, kind in given.items()],
        "outputs": [{"name": name, **kind, "required": name != "user"} for name, kind in answered.items()],
        "params": [{"name": "k", "type": "long", "default": DEFAULT_K, "shape": None}],
    }
