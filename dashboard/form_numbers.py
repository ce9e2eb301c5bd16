"""Numbers as they are typed into forms."""

#: Every column of the database holds so many; Python itself refuses to read thousands.
_MOST_DIGITS = 18
#: The largest id of a row.
LARGEST = 2**63 - 1


def whole_number(text: str) -> int | str:
    """A whole number; anything else as it was typed, for the request to refuse."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else text
