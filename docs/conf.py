"""How the site is built: ``sphinx-build -W docs OUT``, with the package installed with its extra ``docs``."""

import sys
from pathlib import Path

import harness

sys.path.append(str(Path(__file__).parent / "_ext"))

project = "bifair-harness"
author = "the authors of bifair-harness"
version = release = harness.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "registry_pages"]
exclude_patterns = ["_ext"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["misc.highlighting_failure"]  # output of commands is no program

# What the interpreter shows of types is enough: annotations stay in signatures, as they are written.
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_use_ivar = False

html_theme = "furo"
html_title = f"bifair-harness {release}"
html_copy_source = False

# sphinx-build -b linkcheck docs OUT asks every external link but those that stand for a host of the reader's.
linkcheck_ignore = [r"https?://(library\.example|HOST|SERVER)\b"]
