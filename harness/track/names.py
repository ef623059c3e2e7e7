"""Names and values as every tracking store takes them, written the same way for all of them."""

import re
from collections.abc import Mapping
from typing import Any

from harness.base.trees import as_assigned

MAX_NAME = 250
MAX_PARAM = 6000
MAX_TAG = 5000
CUT_TAG = "params_cut"


def clean_name(name: str) -> str:
    """``name`` with what stores refuse replaced by ``_`` (``@`` and ``'``, say); slashes make folders and stay."""
    parts = [re.sub(r"[^\w.\- :]", "_", part) for part in name.split("/")]
    return "/".join("_" if part in ("", ".", "..") else part for part in parts)[:MAX_NAME]


def param_texts(params: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Parameters as text (as ``--set`` would take it), and tags that name those too long to be kept whole."""
    texts = {clean_name(key): as_assigned(value) for key, value in params.items()}
    cut = sorted(key for key, text in texts.items() if len(text) > MAX_PARAM)
    tags = {CUT_TAG: f"cut at {MAX_PARAM} characters: {', '.join(cut)}"} if cut else {}
    return {key: text[:MAX_PARAM] for key, text in texts.items()}, tags


def tag_texts(tags: Mapping[str, Any]) -> dict[str, str]:
    """Tags with clean names and values of a length that stores take."""
    return {clean_name(key): str(value)[:MAX_TAG] for key, value in tags.items()}
