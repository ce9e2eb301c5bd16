"""The parts that several requests and answers share."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from policy.model.call import DaypartChoice
from policy.model.template import is_well_formed
from policy.time.wall_time import utc

JsonObject = dict[str, Any]

_DURATION = TypeAdapter(timedelta)
_LONGEST = timedelta(days=30)
#: No two parts may take the same digits: a long text of them would be tried in every division.
_NUMBER = re.compile(r"\s*[+-]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)


class Request(BaseModel):
    """A body: camelCase, and a field we do not know is refused rather than ignored."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", str_strip_whitespace=True)

    def as_spec(self) -> JsonObject:
        """What was said, and nothing else, as it is kept in a `*_spec` column."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class View(BaseModel):
    """An answer."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )


def _duration(text: str) -> str:
    try:
        length = _DURATION.validate_python(text) if text[:1] in "Pp" else None
    except ValidationError:
        length = None
    if length is None:
        raise ValueError("must be an ISO 8601 duration such as PT4H or P1D")
    if not timedelta(seconds=1) <= length <= _LONGEST:
        raise PydanticCustomError("out_of_range", "Must be at least one second and at most 30 days")
    return text


def _time_of_day(text: str) -> str:
    match = _CLOCK.fullmatch(text)
    minutes = int(match[1]) * 60 + int(match[2]) if match else -1
    if not match or int(match[2]) > 59 or minutes > 1440:
        raise ValueError("must be a time of day such as 09:00")
    return f"{minutes // 60:02}:{minutes % 60:02}"


#: Kept as the client spelled it; `storage.tables.specs` reads it.
Duration = Annotated[
    str,
    AfterValidator(_duration),
    WithJsonSchema(
        {
            "type": "string",
            "format": "duration",
            "description": "ISO 8601, from one second to 30 days.",
            "examples": ["PT4H"],
        }
    ),
]
TimeOfDay = Annotated[
    str,
    AfterValidator(_time_of_day),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)$",
            "examples": ["09:00", "24:00"],
        }
    ),
]


def _integral(said: Any) -> Any:
    """JSON has one kind of number: 5.0 is 5."""
    return int(said) if isinstance(said, float) and said.is_integer() else said


#: Neither "5" nor true, neither "yes" nor 1: a client that sends those means something else.
WholeNumber = Annotated[int, BeforeValidator(_integral), Strict()]
YesNo = Annotated[bool, Strict()]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
#: What is more than white space, which is cut off at both ends.
NOT_BLANK = r"\S"
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NOT_BLANK)]
Zone = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    Field(
        description="A tz database name.",
        examples=["America/New_York"],
        json_schema_extra={"format": "time-zone"},
    ),
]
Country = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z]{2}$", to_upper=True),
    Field(
        description="An ISO 3166 code.", examples=["US"], json_schema_extra={"format": "country"}
    ),
]


def written(said: Any) -> Any:
    """A time is said as a text: numbers are not taken for seconds, in a text neither."""
    is_number = isinstance(said, str) and _NUMBER.fullmatch(said)
    if is_number or not isinstance(said, str | datetime | None):
        raise PydanticCustomError("datetime_type", "Must be a time such as 2027-03-05T17:00:00Z.")
    return said


def _utc_by_default(said: datetime) -> datetime:
    return utc(said.replace(tzinfo=UTC) if said.tzinfo is None else said)


#: With an offset: what it means must not depend on where it is read.
Moment = Annotated[AwareDatetime, BeforeValidator(written), AfterValidator(utc)]
#: Of a filter: without an offset it is UTC.
MomentOfFilter = Annotated[datetime, BeforeValidator(written), AfterValidator(_utc_by_default)]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NOT_BLANK)]
EndpointText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255),
    Field(
        description="E.164 (spaces, dashes and brackets tolerated) or sip:user@domain.",
        examples=["+12025550123"],
        json_schema_extra={"format": "endpoint"},
    ),
]


class Retry(Request):
    """When to try again after what; what is left out comes from the agent, then from Trunkline."""

    max_attempts: WholeNumber = Field(
        default=3, ge=1, le=20, description="One budget over all reasons, the first try included."
    )
    busy: Duration = "PT4H"
    no_answer: Duration = "PT24H"
    network_error: Duration = "PT1H"
    voicemail: Duration | None = Field(
        default=None, description="With `retry_later` only. Default: `noAnswer`."
    )
    next_number: Duration = Field(
        default="PT10M",
        description="Of a person with several numbers: how long after one was busy or not answered "
        "the next one may be called. After one that does not exist it is called at once.",
    )
    not_served: WholeNumber = Field(
        default=1,
        ge=0,
        le=5,
        description="How often again, ten minutes later, after calls that were answered while our "
        "API was away. They use up none of `maxAttempts`.",
    )
    different_time_of_day: DaypartChoice = Field(
        default=DaypartChoice.NEXT,
        description="Of the other times of day, after no answer: the next one, or the one at which "
        "the agent's calls have been answered best.",
    )


def well_formed(text: str) -> str:
    """A text in which every pair of braces is a variable."""
    if not is_well_formed(text):
        raise PydanticCustomError("malformed", "Variables are written {{name}}.")
    return text


_SPEAKS: JsonObject = {
    "if": {"properties": {"action": {"const": "leave_message"}}},
    "then": {"required": ["message"], "properties": {"message": {"type": "string"}}},
}


class Voicemail(Request):
    """What to do when a machine answers."""

    model_config = ConfigDict(json_schema_extra=_SPEAKS)

    action: Literal["leave_message", "hang_up", "retry_later"]
    message: (
        Annotated[str, StringConstraints(max_length=2000), AfterValidator(well_formed)] | None
    ) = Field(
        default=None,
        description="May use the call's context, as `{{name}}`.",
        examples=["Hello, this is Blue Clinic. Please call us back."],
    )
