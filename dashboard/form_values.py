"""What is typed into the fields of a form, as a request says it."""

from api.http.problems import invalid


def count(text: str, field: str) -> int | None:
    """A whole number; raises a Problem that names the field of the request."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):
        raise invalid("wrong_type", field, "Must be a whole number.")
    return int(text)


def delay(text: str, field: str) -> str | None:
    """Hours as an ISO 8601 duration; raises a Problem that names the field of the request."""
    if not text:
        return None
    try:
        seconds = round(float(text.replace(",", ".")) * 3600)
    except (ValueError, OverflowError):
        raise invalid("wrong_type", field, "Must be a number of hours, such as 4 or 0.5.") from None
    return f"PT{seconds}S"
