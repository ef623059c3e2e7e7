"""Specs from files."""

from os import PathLike

from harness.api.asked import path_of
from harness.spec.build import build_spec, read_spec_file
from harness.spec.run_spec import RunSpec


def load_spec(file: str | PathLike[str]) -> RunSpec:
    """The spec in a TOML or JSON file, as ``harness run --spec`` takes it; what it leaves out is at its default.

    Raises:
        BadInput: where the file cannot be read or a key is wrong; one line with the nearest valid choice.

    >>> import harness as h
    >>> _ = open("mine.toml", "w").write('method = "ease"\\nseed = 1\\n[data]\\nsplit_seed = 0\\n')
    >>> spec = h.load_spec("mine.toml")
    >>> spec.method, spec.seed, spec.data.split_seed
    ('ease', 1, 0)
    """
    return build_spec(read_spec_file(path_of(file, "load_spec")))
