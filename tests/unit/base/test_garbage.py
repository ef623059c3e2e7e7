"""How often garbage is looked for: seldom, then as before."""

import gc
import subprocess
import sys

import pytest

from harness.base.garbage import SELDOM, collect_as_usual, seldom_collected

CHILD = """
import gc, sys
from harness.base.garbage import collect_as_usual, seldom_collected
usual = gc.get_threshold()
with seldom_collected():
    seldom = gc.get_threshold()
    collect_as_usual()
    frozen = gc.get_freeze_count()
    objects = [[] for _ in range(1000)]
    assert gc.get_threshold() == usual
    collect_as_usual()
    assert gc.get_freeze_count() == frozen
print(usual < seldom, frozen > 1000, gc.get_threshold() == usual)
"""


def ends_early() -> None:
    with seldom_collected():
        assert gc.get_threshold() == SELDOM
        raise RuntimeError("ends")


def test_within_a_block_and_whatever_ends_it() -> None:
    usual = gc.get_threshold()
    with pytest.raises(RuntimeError, match="ends"):
        ends_early()
    assert gc.get_threshold() == usual
    collect_as_usual()
    assert gc.get_threshold() == usual


def test_until_something_trains_and_what_was_there_is_looked_at_no_more() -> None:
    done = subprocess.run([sys.executable, "-P", "-c", CHILD], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 3
