"""The TOML card of a data set: what must stand in it, and one line about whatever is wrong with it."""

import re
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator, model_validator

from harness.base.errors import BadInput
from harness.base.frozen import Grown
from harness.base.trees import read_tree
from harness.base.validation_message import complaints
from harness.data.table.card_checks import complaint, group_names, refuse
from harness.domain.card import Creators, Published
from harness.plugins.configured import configured
from harness.plugins.registry import registry

Side = Literal["item", "user"]
Text = Annotated[str, Field(min_length=1)]

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class FileSpec(Grown):
    """One file of the data set and how its rows become fields."""

    later: ClassVar[tuple[str, ...]] = ("decimal", "whole_ids")

    file: str = Field(min_length=1, description="its name, relative to the folder")
    format: Literal["csv", "tsv", "lines", "parquet"] | None = Field(
        None, description="csv: quotes have a meaning; tsv, lines: they have none; unset: by the file's ending"
    )
    separator: str | None = Field(None, min_length=1, description="between fields; unset: comma (csv) or tab (tsv)")
    header: bool = Field(True, description="whether the first line names the fields")
    fields: tuple[Text, ...] = Field((), description="the fields' names, with header = false")
    encoding: str = Field("utf8", description="of a text file, such as latin-1")
    missing: tuple[str, ...] = Field((), description="what stands for a missing value, besides nothing at all")
    decimal: Literal[".", ","] = Field(".", description="what numbers have before their fraction: 3.5 or 3,5")
    whole_ids: bool = Field(False, description="whether ids such as 12.0 stand for 12, as pandas writes them")

    @field_validator("file")
    @classmethod
    def _file_lies_in_the_folder(cls, file: str) -> str:
        path = PurePosixPath(file)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError("a name relative to the card's folder is needed, without '..'")
        return file

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, encoding: str) -> str:
        try:
            "".encode(encoding)
        except LookupError:
            raise ValueError("no such encoding: use for example utf8 or latin-1") from None
        return encoding

    @model_validator(mode="after")
    def _layout_is_complete(self) -> "FileSpec":
        wrong = []
        if self.layout == "lines" and self.separator is None:
            wrong.append(f"how are the fields of {self.file} separated? Add separator = '…' or format = '…'")
        if self.layout == "csv" and len(self.separator or ",") > 1:
            wrong.append("a csv file's separator is one character; use format = 'lines' for a longer one")
        if self.layout != "parquet" and self.header is bool(self.fields):
            wrong.append("either header = true, or header = false and fields = ['…', …]")
        if repeated := sorted({name for name in self.fields if self.fields.count(name) > 1}):
            wrong.append(f"fields: two are called '{repeated[0]}'")
        refuse(wrong)
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """The names of all files that are read like this."""
        return (self.file,)

    @property
    def layout(self) -> Literal["csv", "tsv", "lines", "parquet"]:
        """The format: as declared, else by the file's ending."""
        if self.format is not None:
            return self.format
        ending = PurePosixPath(self.file.removesuffix(".gz")).suffix
        known: dict[str, Literal["csv", "tsv", "parquet"]] = {".csv": "csv", ".tsv": "tsv", ".parquet": "parquet"}
        return known.get(ending, "lines")


class InteractionColumns(Grown):
    """Which field of the file is what."""

    later: ClassVar[tuple[str, ...]] = ("part",)

    user: Text
    item: Text
    rating: Text | None = None
    timestamp: Text | None = Field(None, description="when it happened; see time_unit")
    position: Text | None = Field(None, description="its place in the user's own history, where times are not known")
    part: Text | None = Field(None, description="train, valid or test, for data.split = 'given'")


class InteractionSpec(FileSpec):
    """The file of interactions, or the three that they come divided into."""

    later: ClassVar[tuple[str, ...]] = (*FileSpec.later, "validation", "test")
    validation: Text | None = Field(None, description="the file of validation data; 'file' is then of training data")
    test: Text | None = Field(None, description="the file of test data, likewise")
    columns: InteractionColumns
    time_unit: Literal["s", "ms", "us", "ns", "iso", "dmy", "mdy"] = Field(
        "s",
        description="of numbers since 1970; iso: dates such as 2024-03-01 or 2024-03-01T10:00:00, UTC unless said; "
        "dmy: 31.12.2024; mdy: 12/31/2024",
    )

    @field_validator("validation", "test")
    @classmethod
    def _part_lies_in_the_folder(cls, file: str | None) -> str | None:
        return file if file is None else cls._file_lies_in_the_folder(file)

    @model_validator(mode="after")
    def _parts_are_complete(self) -> "InteractionSpec":
        if (self.validation is None) is not (self.test is None):
            raise ValueError("validation and test go together: 'file' is the training data then")
        if self.test is not None and self.columns.part is not None:
            raise ValueError("either files of parts (validation, test) or a column that tells them (columns.part)")
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """Training, validation and test, or the one file."""
        return tuple(name for name in (self.file, self.validation, self.test) if name is not None)


class Column(Grown):
    """A column made from one field of the file."""

    later: ClassVar[tuple[str, ...]] = ("brackets",)
    source: str = Field(alias="from", min_length=1)
    type: Literal["text", "integer", "number", "list"] = "text"
    separator: str | None = Field(None, min_length=1, description="between the values of a list")
    brackets: bool = Field(False, description="whether lists are written as Python and JSON do: ['a', 'b']")
    labels: dict[str, str] = Field({}, description="what codes mean; a code without a label stays as it is")

    @model_validator(mode="after")
    def _options_fit_the_type(self) -> "Column":
        if self.separator is not None and self.type != "list":
            raise ValueError("a separator belongs to type = 'list'")
        if self.brackets and (self.type != "list" or self.separator is not None):
            raise ValueError("brackets belong to type = 'list', without a separator")
        if self.labels and self.type not in ("text", "list"):
            raise ValueError(f"labels are text: type = '{self.type}' has none")
        return self


def _column(given: Any) -> Any:
    """A field's name alone stands for a column of text."""
    return {"from": given} if isinstance(given, str) else given


class DescriptionSpec(FileSpec):
    """The file that describes items, or users."""

    columns: dict[str, Annotated[Column, BeforeValidator(_column)]]
    split: dict[str, str] = Field({}, description="field = regular expression; its named groups are further fields")

    @field_validator("columns")
    @classmethod
    def _names_fit_templates(cls, columns: dict[str, Column]) -> dict[str, Column]:
        refuse(f"'{name}' is no name for a column: use a-z, 0-9 and _" for name in columns if not _NAME.fullmatch(name))
        return columns

    @field_validator("split")
    @classmethod
    def _patterns_have_names(cls, split: dict[str, str]) -> dict[str, str]:
        for field in split:
            group_names(split[field])
        return split


class TableCard(Grown):
    """A whole card."""

    later: ClassVar[tuple[str, ...]] = ("creators", "published")

    name: str = Field(description="what --dataset calls it; the file is called NAME.toml")
    title: Text = Field(description="the full name; unset: the name")
    summary: Text = Field(description="one line for 'harness list datasets'; unset: the title")
    homepage: str = Field("", description="where the data come from")
    licence: str = Field("", description="what may be done with the data")
    citation: str = Field("", description="what publications must cite")
    folder: str = Field(
        ".", min_length=1, description="where the files lie, relative to the card; ${VARIABLE} is known"
    )
    groupings: tuple[str, ...] = Field(("popularity",), min_length=1, description="the groupings that are reported")
    default_group: str = Field(description="the one that is trained on unless --group says otherwise; unset: the first")
    further_groupings: tuple[str, ...] = Field((), description="others that the tables have the columns for")
    grouping_options: dict[str, dict[str, Any]] = Field({}, description="by grouping, its options on these data")
    creators: Creators = Field((), description="who made the data: names, or { name = '…', kind = 'Organization' }")
    published: Published = Field("", description="when the data were published: a year, a month or a day")
    interactions: InteractionSpec
    items: DescriptionSpec | None = None
    users: DescriptionSpec | None = None

    @model_validator(mode="before")
    @classmethod
    def _unset_keys_follow_from_others(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        groupings = given.get("groupings", cls.model_fields["groupings"].default)
        first = {"default_group": groupings[0]} if isinstance(groupings, (list, tuple)) and groupings else {}
        title = given.get("title", given.get("name"))
        return {**({"title": title, "summary": title} if isinstance(title, str) else {}), **first, **given}

    @field_validator("groupings", "default_group", "further_groupings", "grouping_options")
    @classmethod
    def _groupings_are_known(cls, given: Any, info: ValidationInfo) -> Any:
        names = (given,) if isinstance(given, str) else given
        wrong = [complaint(registry.check, "grouping", name) for name in names]
        if isinstance(given, dict) and not any(wrong):
            place = str(info.field_name)
            wrong = [complaint(configured, "grouping", name, given[name], f"{place}.{name}") for name in given]
        refuse(wrong)
        return given

    @field_validator("default_group")
    @classmethod
    def _default_is_reported(cls, name: str, info: ValidationInfo) -> str:
        if name not in info.data.get("groupings", (name,)):
            raise ValueError(f"default_group = '{name}' is not among the groupings")
        return name

    @field_validator("items", "users")
    @classmethod
    def _ids_are_text(cls, table: DescriptionSpec | None, info: ValidationInfo) -> DescriptionSpec | None:
        side = str(info.field_name).removesuffix("s")
        if table is None:
            return None
        if side not in table.columns:
            raise ValueError(f"{side}s.columns: add {side} = '…', the field with the {side}s' ids")
        if table.columns[side].type != "text":
            raise ValueError(f"{side}s.columns.{side}: ids are text")
        return table

    @field_validator("name")
    @classmethod
    def _name_fits_a_file(cls, name: str) -> str:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
            raise ValueError("a name is made of a-z, 0-9 and -")
        return name

    @property
    def tables(self) -> dict[str, FileSpec]:
        """The tables that the card declares, by name."""
        given = {"interactions": self.interactions, "items": self.items, "users": self.users}
        return {name: table for name, table in given.items() if table is not None}


def read_card(path: Path) -> TableCard:
    """The card in the file ``path``.

    Raises:
        BadInput: one line with the file and, of everything that is wrong, the key and how to mend it.
    """
    tree = {"name": path.stem, **read_tree(path)}
    name = tree["name"]
    wrong = [] if name == path.stem else [f"name = '{name}', but the file is called {path.name}: rename one of them"]
    try:
        card = TableCard.model_validate(tree)
    except ValidationError as error:
        wrong = [*complaints(error, TableCard), *(wrong if isinstance(name, str) else [])]
    if wrong:
        raise BadInput(f"{path}: {'; '.join(wrong)}")
    return card
