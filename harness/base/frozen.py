"""Options that nobody changes."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, SerializerFunctionWrapHandler, model_serializer
from pydantic_core import CoreSchema

from harness.base.exact_values import exact


class Frozen(BaseModel):
    """Immutable options; an unknown key is an error, and so is ``true`` or ``"5"`` where a number is asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False, defer_build=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return exact(handler(source))


class Grown(Frozen):
    """Options that have become more: what is written, and hashed, is what it was before, until a later one is said."""

    later: ClassVar[tuple[str, ...]] = ()
    """The options that came later."""

    @model_serializer(mode="wrap")
    def _without_later_defaults(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        fields = type(self).model_fields
        unsaid = [name for name in self.later if getattr(self, name) == fields[name].get_default()]
        return {name: value for name, value in written.items() if name not in unsaid}
