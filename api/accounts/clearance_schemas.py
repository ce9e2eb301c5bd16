"""What an agent demands to be known of a number when it is dialed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from api.http.schema import Request
from policy.model.number_checks import LineType, NoData, NumberCheck
from storage.tables.specs import duration

#: An answer that is too old as soon as it is there would be paid for again and again.
_SHORTEST, _LONGEST = timedelta(hours=1), timedelta(days=366)


def _age(text: str) -> str:
    try:
        fits = _SHORTEST <= duration(text) <= _LONGEST
    except (ValueError, OverflowError):
        raise ValueError("must be an ISO 8601 duration such as P30D") from None
    if not fits:
        raise ValueError("must be an hour at least and 366 days at most")
    return text


Age = Annotated[
    str,
    StringConstraints(max_length=32),
    AfterValidator(_age),
    Field(json_schema_extra={"format": "duration", "examples": ["P30D"]}),
]
ListName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]


class ClearanceRequest(Request):
    """One check, whose answer must not be older than `maxAge` when the number is dialed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"check": "reassigned", "maxAge": "P30D"}]}
    )

    check: NumberCheck
    max_age: Age = Field(description="An hour at least, 366 days at most.")
    refuse: list[LineType] | None = Field(
        default=None, max_length=20, description="Of `line_type`: lines that are not called."
    )
    no_data: NoData | None = Field(
        default=None,
        description="Of `reassigned`: what becomes of a call whose number the database knows "
        "nothing of. `refuse` without; `dial` gives no safe harbour.",
    )
    list: ListName | None = Field(
        default=None, description="Of `list`: the imported list, as `/registries` calls it."
    )

    @model_validator(mode="after")
    def _says_what_its_check_takes(self) -> "ClearanceRequest":
        if (self.check is NumberCheck.LIST) != (self.list is not None):
            raise ValueError("the check `list`, and no other, names a list")
        if self.refuse is not None and self.check is not NumberCheck.LINE_TYPE:
            raise ValueError("only the check `line_type` refuses lines")
        if self.no_data is not None and self.check is not NumberCheck.REASSIGNED:
            raise ValueError("only the check `reassigned` says what becomes of no data")
        return self


def each_once(said: Sequence[ClearanceRequest] | None) -> Sequence[ClearanceRequest] | None:
    """Raises ValueError for a check that is demanded twice."""
    names = [(one.check, one.list) for one in said or ()]
    if len(names) != len(set(names)):
        raise ValueError("each check, and each list, may be named once")
    return said
