"""A prepared data set in the words of Croissant 1.1, by which search engines and loaders of other projects know data.

The format: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from harness.base.hashes import file_digest
from harness.base.version import __version__
from harness.domain.card import Card
from harness.plugins import Dataset

CROISSANT_FILE = "croissant.json"
FORMAT = "http://mlcommons.org/croissant/1.1"
_OWN = (
    "annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "excludes", "extract", "field",
    "fileObject", "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
    "parentField", "path", "readLines", "recordSet", "references", "regex", "repeated", "replace", "samplingRate",
    "sdVersion", "separator", "source", "subField", "transform", "unArchive", "value",
)  # fmt: skip
CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "description": {"@container": "@language"},
    **{name: f"cr:{name}" for name in _OWN},
}
"""What the names mean: the specification's own context, and the provenance ontology beside it."""
_NUMPY = "https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html"
_ENDINGS = {".parquet": "application/x-parquet", ".json": "application/json", ".npy": _NUMPY}
_PARTS = {"training": "cr:TrainingSplit", "validation": "cr:ValidationSplit", "test": "cr:TestSplit"}
_KEYS = {"interactions": ("user", "item"), "items": ("item",), "users": ("user",)}
_REFERENCES = {"user": "users/user", "item": "items/item", "part": "parts/part"}
"""What the columns of interactions point to."""
_MEANINGS = {
    "user": "the user's id, as at the source",
    "item": "the item's id, as at the source",
    "part": "what the interaction is for: training, validation or test",
    "timestamp": "when it happened: seconds since 1970",
    "position": "its place in the user's own history",
}
_TYPES = {
    pl.Boolean: "sc:Boolean",
    pl.Date: "sc:Date",
    pl.Datetime: "sc:DateTime",
    pl.String: "sc:Text",
    pl.Categorical: "sc:Text",
    pl.Enum: "sc:Text",
}


def croissant(
    dataset: Dataset, tables: Mapping[str, pl.DataFrame], files: Mapping[str, Path], digests: Mapping[str, str]
) -> dict[str, Any]:
    """The description of an exported data set, as JSON.

    Args:
        tables: ``interactions``, ``items`` and ``users``, as they stand in ``NAME.parquet``
        files: by the names that they have beside the description, all that were written
        digests: ``data`` and ``split``: what the version is told by
    """
    card = dataset.card
    sizes = ", ".join(f"{table.height:,} {name}" for name, table in tables.items())
    prepared = f"Filtered and divided for training, validation and test: {sizes}."
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": FORMAT,
        "name": dataset.name,
        "alternateName": card.title,
        "description": f"{card.title}: {dataset.summary}. {prepared}",
        **{name: value for name, value in _said(card).items() if value},
        "version": f"1.0.0+{digests['data']}.{digests['split']}",
        **_provenance(card),
        "distribution": [_file(name, path) for name, path in files.items()],
        "recordSet": [_parts(), *(_record_set(name, table) for name, table in tables.items())],
    }


def unsaid(card: Card) -> list[str]:
    """What a description must have and ``card`` does not say, by the names of its keys."""
    names = {"url": "homepage", "license": "licence", "creator": "creators", "datePublished": "published"}
    return [names[name] for name, value in _said(card).items() if name in names and not value]


def _said(card: Card) -> dict[str, Any]:
    """What is known of the data as they were published; empty where nothing is."""
    return {
        "url": card.homepage if _is_address(card.homepage) else "",
        "license": card.licence and {"@type": "sc:CreativeWork", "name": card.licence},
        "citeAs": card.citation,
        "creator": [{"@type": f"sc:{one.kind}", "name": one.name} for one in card.creators],
        "datePublished": card.published,
    }


def _provenance(card: Card) -> dict[str, Any]:
    """What the files were made of, and by what."""
    made = {"@type": "prov:Activity", "prov:label": f"filtered and divided by bifair-harness {__version__}"}
    addresses = [file.url for source in card.sources if source.kind != "wheel" for file in source.downloads]
    found = [{"@id": address} for address in addresses or [card.homepage] if _is_address(address)]
    return {"prov:wasGeneratedBy": made} | ({"prov:wasDerivedFrom": found} if found else {})


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://"))


def _file(name: str, path: Path) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": _ENDINGS[Path(name).suffix],
        "sha256": file_digest(path),
    }


def _parts() -> dict[str, Any]:
    """The parts of the split, and which of Croissant's own each one is."""
    return {
        "@type": "cr:RecordSet",
        "@id": "parts",
        "name": "parts",
        "dataType": "cr:Split",
        "key": {"@id": "parts/part"},
        "field": [
            {"@type": "cr:Field", "@id": "parts/part", "name": "part", "dataType": "sc:Text"},
            {"@type": "cr:Field", "@id": "parts/url", "name": "url", "dataType": ["sc:URL", "cr:Split"]},
        ],
        "data": [{"parts/part": part, "parts/url": url} for part, url in _PARTS.items()],
    }


def _record_set(name: str, table: pl.DataFrame) -> dict[str, Any]:
    """A table; a column of which no type of Croissant's is true is left out."""
    keys = [{"@id": f"{name}/{column}"} for column in _KEYS[name]]
    types = {column: found for column, kind in table.schema.items() if (found := _type(kind))}
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "key": keys if len(keys) > 1 else keys[0],
        "field": [_field(name, column, found) for column, found in types.items()],
    }


def _field(table: str, column: str, found: Mapping[str, Any]) -> dict[str, Any]:
    points_to = _REFERENCES.get(column) if table == "interactions" else None
    return {
        "@type": "cr:Field",
        "@id": f"{table}/{column}",
        "name": column,
        **({"description": _MEANINGS[column]} if column in _MEANINGS else {}),
        **found,
        "source": {"fileObject": {"@id": f"{table}.parquet"}, "extract": {"column": column}},
        **({"references": {"field": {"@id": points_to}}} if points_to else {}),
    }


def _type(kind: pl.DataType) -> dict[str, Any]:
    """A column's type in Croissant's words; empty where it has none."""
    if isinstance(kind, (pl.List, pl.Array)):
        inner = _type(kind.inner)  # type: ignore[arg-type]
        return inner and {**inner, "isArray": True, "arrayShape": "-1"}
    if kind.is_integer():
        return {"dataType": "sc:Integer"}
    if kind.is_float():
        return {"dataType": "sc:Float"}
    return next(({"dataType": found} for own, found in _TYPES.items() if kind == own), {})
