"""Options that nobody changes."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable options; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)
