"""Shared fixtures. The repository root leaves ``sys.path``: its folder ``datasets/`` would shadow Hugging Face's."""

import sys
from pathlib import Path

_root = str(Path(__file__).resolve().parent.parent)
sys.path[:] = [entry for entry in sys.path if entry not in ("", _root)]
