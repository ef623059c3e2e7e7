"""Tags about the machine and the code."""

import sys
from importlib import metadata
from pathlib import Path

from harness.track import environment


def test_tags_name_versions_machine_and_code() -> None:
    tags = environment.environment_tags()
    assert tags["version.torch"] == metadata.version("torch")
    assert tags["version.python"] == ".".join(map(str, sys.version_info[:3]))
    assert len(tags["code"]) == 16
    assert all(isinstance(value, str) and value for value in tags.values())


def test_the_code_digest_follows_contents(tmp_path: Path) -> None:
    package = tmp_path / "harness"
    (package / "methods").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "methods" / "one.py").write_text("a = 1\n")
    wheel = environment.code_digest(package, None)
    (package / "methods" / "notes.txt").write_text("no source")
    assert environment.code_digest(package, None) == wheel
    (tmp_path / "methods").mkdir()
    (package / "methods" / "one.py").rename(tmp_path / "methods" / "one.py")
    assert environment.code_digest(package, tmp_path) == wheel
    (tmp_path / "methods" / "one.py").write_text("a = 2\n")
    assert environment.code_digest(package, tmp_path) != wheel


def test_the_processor_is_told_by_make_and_generation(tmp_path: Path) -> None:
    listing = tmp_path / "cpuinfo"
    core = "processor\t: {}\nmodel name\t: Some CPU @ 2.00GHz\ncpu family\t: 6\nmodel\t\t: 85\nflags\t\t: fpu avx2\n"
    listing.write_text(core.format(0) + "\n" + core.format(1).replace("85", "86"))
    assert environment.processor(listing) == "Some CPU @ 2.00GHz, family 6, model 85"
    listing.with_name("arm").write_text("processor\t: 0\nBogoMIPS\t: 50.00\n")
    assert environment.processor(listing.with_name("arm"))
    assert environment.processor(tmp_path / "missing")
