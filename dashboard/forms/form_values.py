"""What is typed into the fields of a form, as a request says it."""

from api.http.problems import invalid

#: Every column of the database holds so many; Python itself refuses to read thousands.
_MOST_DIGITS = 18
#: The largest id of a row.
LARGEST = 2**63 - 1


def whole_number(text: str) -> int | str:
    """A whole number; anything else as it was typed, for the request to refuse."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else text


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
