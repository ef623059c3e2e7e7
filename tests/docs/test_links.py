"""External links of the pages: of a form that cannot be wrong without being seen; whether they answer, a command says.

``sphinx-build -b linkcheck docs OUT`` asks every one of them, where there is a network.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "CITATION.cff", ROOT / "pyproject.toml"]
LINK = re.compile(r"https?://[^\s)>\"'`|]+", re.IGNORECASE)
HOSTS = {
    "arxiv.org",
    "distributed.dask.org",
    "docs.mlcommons.org",
    "github.com",
    "kubernetes.dask.org",
    "www.contributor-covenant.org",
    "www.researchobject.org",
}
"""Those that pages link to: whoever adds one adds it here, having looked whether it is spelt right."""
EXAMPLES = {"library.example", "HOST", "SERVER"}
"""What stands for a host of the reader's."""


def links() -> list[str]:
    found = [link.rstrip(".,;:") for page in PAGES for link in LINK.findall(page.read_text(encoding="utf-8"))]
    return [link for link in found if urlsplit(link).netloc.partition(":")[0] not in EXAMPLES]


def test_links_are_safe_and_lead_to_hosts_that_somebody_has_looked_at() -> None:
    assert len(links()) >= 10
    assert {urlsplit(link).scheme for link in links()} == {"https"}
    assert {urlsplit(link).netloc for link in links()} == HOSTS


def test_one_address_is_spelt_in_one_way() -> None:
    """A slash at the end, upper case and an anchor are what copies of one address differ in."""
    spelt: dict[str, set[str]] = {}
    for link in links():
        spelt.setdefault(link.partition("#")[0].rstrip("/").lower(), set()).add(link.partition("#")[0])
    assert [ways for ways in spelt.values() if len(ways) > 1] == []
