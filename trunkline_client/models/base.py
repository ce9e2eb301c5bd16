"""What all models share."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

_SHARED = ConfigDict(
    alias_generator=to_camel,
    validate_by_name=True,
    validate_by_alias=True,
    serialize_by_alias=True,
    # Built when it is first used: of all models a program needs a few.
    defer_build=True,
    protected_namespaces=(),
)


class Said(BaseModel):
    """Part of a request. What is not named is not sent; an unknown field is refused."""

    model_config = ConfigDict(**_SHARED, extra="forbid")


class Answer(BaseModel):
    """Part of an answer. Fields that came after this client are kept in `model_extra`."""

    model_config = ConfigDict(**_SHARED, extra="allow")
