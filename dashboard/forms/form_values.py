"""What is typed into the fields of a form, as a request says it."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.http.problems import field_error, invalid, refused

Asked = TypeVar("Asked", bound=BaseModel)

#: Every column of the database holds so many; Python itself refuses to read thousands.
_MOST_DIGITS = 18
#: The largest id of a row.
LARGEST = 2**63 - 1


def texts(sent: Mapping[str, Any], form: type[Any], *but: str) -> dict[str, Any]:
    """What was typed into the fields of a form, by their names. `but`: what it reads itself."""
    return texts_named(sent, {one.name for one in fields(form)} - set(but))


def texts_named(sent: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """What was typed into these fields, as far as they were sent, without the blanks around it."""
    return {
        name: value.strip()
        for name, value in sent.items()
        if name in names and isinstance(value, str)
    }


def as_request(kind: type[Asked], said: Any) -> Asked:
    """The request that was meant; raises a Problem of 422 that names its fields."""
    try:
        return kind.model_validate(said)
    except ValidationError as exc:
        raise refused([field_error(error) for error in exc.errors()]) from None


def whole_number(text: str) -> int | str:
    """A whole number; anything else as it was typed, for the request to refuse."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else text


def clock(text: str) -> str:
    """`9` as `09:00`, `9:30` as `09:30`."""
    return f"{text if ':' in text else text + ':00':0>5}"


def count(text: str, field: str) -> int | None:
    """A whole number; raises a Problem that names the field of the request."""
    if not text:
        return None
    number = whole_number(text)
    if isinstance(number, str):
        raise invalid("wrong_type", field, "Must be a whole number.")
    return number


def delay(text: str, field: str) -> str | None:
    """Hours as an ISO 8601 duration; raises a Problem that names the field of the request."""
    if not text:
        return None
    try:
        seconds = round(float(text.replace(",", ".")) * 3600)
    except (ValueError, OverflowError):
        raise invalid("wrong_type", field, "Must be a number of hours, such as 4 or 0.5.") from None
    return f"PT{seconds}S"
