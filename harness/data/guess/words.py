"""What columns and files are called, in the words that exports use for users, items, ratings and times."""

import re
from collections.abc import Iterable


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


USER = _set(
    "user usr uid customer cust client member reader borrower patron visitor account person people buyer "
    "listener viewer reviewer player student subscriber profile username who session kunde kunden nutzer benutzer "
    "leser mitglied"
)
ITEM = _set(
    "item iid product article asin isbn sku book movie film song track artist game app business venue poi "
    "place restaurant recipe news video course hotel stock anime beer joke podcast show paper ean gtin what "
    "artikel produkt buch medium"
)
RATING = _set(
    "rating star score rate grade mark overall vote like liked preference bewertung sterne punkte note stimme"
)
COUNT = _set("count play plays listen quantity qty amount view click weight anzahl menge")
TIME = _set("time timestamp date datetime ts at when created day datum zeit zeitpunkt unix tstamp on am uhrzeit")
POSITION = _set("position pos order sequence seq step rank")
PART = _set("part split set subset fold partition")
TITLE = _set("title titel name bezeichnung headline label")
CALLED = {
    "genres": "genre genres",
    "category": "category categorie categories kategorie",
    "year": "year jahr",
    "gender": "gender sex geschlecht",
    "age": "age alter",
    "occupation": "occupation job beruf profession",
    "author": "author autor writer",
    "publisher": "publisher verlag",
    "brand": "brand marke",
}
"""Columns that definitions of groups look for, and the words for them."""
SEVERAL = _set("genre category categorie tag shelve shelf subject keyword author actor director theme")
"""What things have several of."""
_KEYS = _set("id ids nr no num number code key isbn asin sku ean gtin iid uid token hash")
_BESIDES = _set("of the release released publication published")
_SUFFIX = re.compile(r"^(.{3,})(?:ids?|nummer|nr)$")


def words(name: str) -> tuple[str, ...]:
    """The words in a name, in lower case and the singular: ``CustomerIDs`` has ``customer`` and ``id``."""
    spaced = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])", " ", name)
    parts = re.findall(r"[^\W_]+", spaced.lower())
    split = (piece for part in parts for piece in _SUFFIX.sub(r"\1 id", part).split())
    return tuple(piece[:-1] if len(piece) > 3 and piece.endswith("s") and piece != "news" else piece for piece in split)


def likeness(name: str, vocabulary: Iterable[str]) -> int:
    """How much a column is called like something: 0 not at all, 3 for the word alone or the word and ``id``."""
    said = words(name)
    if not set(said) & set(vocabulary):
        return 0
    others = set(said) - set(vocabulary) - _KEYS - _BESIDES
    return max(1, 3 - len(others))


def plain_name(name: str, taken: Iterable[str]) -> str:
    """A name for a column as cards have them, unlike those ``taken``: a-z, 0-9 and _."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    base = plain if re.match(r"[a-z]", plain) else f"column_{plain}".rstrip("_")
    known = set(taken)
    numbered = (f"{base}_{number}" for number in range(2, len(known) + 3))
    return base if base not in known else next(each for each in numbered if each not in known)
