"""From a row of a list, or an object of a request, to a contact: checked one by one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from api.files.spreadsheets import Row
from api.http.problems import invalid
from policy.location.endpoints import parse_endpoint
from policy.model.call import Refusal
from policy.model.reasons import RefusalCode
from policy.time.wall_time import is_zone
from storage.campaigns.contacts import ContactRow

MAX_CONTEXT = 16 * 1024
#: A column is taken for the phone numbers if at least this share of its cells are some.
_LEAST_SHARE = 0.5
_TIMEZONE = "timezone"
_PHONE_NAMES = frozenset({"phone", "phonenumber", "endpoint", "to", "mobile", "cell", "tel"})
_SPELLINGS = {"phone": "endpoint", "to": "endpoint", "client_token": "clientToken"}
_FIELDS = frozenset({"endpoint", "clientToken", "timezone", "context"})
_LONGEST_TEXT = 255


@dataclass(frozen=True, slots=True)
class Layout:
    """What the columns of a table are; all that have no meaning of their own are context."""

    names: tuple[str, ...]
    phone: int
    timezone: int | None
    has_header: bool


def layout_of(sample: Sequence[Row], phone_column: str | None, country: str | None) -> Layout:
    """Reads it off the first rows. Raises a Problem if no column holds phone numbers."""
    if not sample:
        raise invalid("unreadable_file", "", "The file has no rows.")
    has_header = not any(_is_endpoint(cell, country) for cell in sample[0])
    names = _names(sample[0] if has_header else [""] * max(len(row) for row in sample))
    body = sample[1:] if has_header else sample
    if phone_column is not None:
        phone = _named(names, phone_column)
    else:
        phone = _by_content(names, body, country)
    plain = [_plain(name) for name in names]
    return Layout(names, phone, plain.index(_TIMEZONE) if _TIMEZONE in plain else None, has_header)


def _names(header: Sequence[str]) -> tuple[str, ...]:
    """Every column has a name, and no two have the same."""
    names: list[str] = []
    for number, cell in enumerate(header, start=1):
        name = wanted = cell[:_LONGEST_TEXT] or f"column{number}"
        copies = 1
        while name in names:
            copies += 1
            name = f"{wanted}_{copies}"
        names.append(name)
    return tuple(names)


def _named(names: Sequence[str], wanted: str) -> int:
    plain = [_plain(name) for name in names]
    if wanted in names:
        return names.index(wanted)
    if _plain(wanted) in plain:
        return plain.index(_plain(wanted))
    raise invalid("no_phone_column", "phoneColumn", "The file has no column of this name.")


def _by_content(names: Sequence[str], body: Sequence[Row], country: str | None) -> int:
    """The column with the most phone numbers; its name only decides among nearly equal ones."""
    shares = [_share(body, index, country) for index in range(len(names))]
    best = max(
        range(len(names)),
        key=lambda index: (round(shares[index], 1), _plain(names[index]) in _PHONE_NAMES, -index),
    )
    if shares[best] < _LEAST_SHARE:
        message = (
            "No column holds phone numbers for the most part. Name it with phoneColumn; numbers "
            "without + need a defaultCountry."
        )
        raise invalid("no_phone_column", "phoneColumn", message)
    return best


def _share(body: Sequence[Row], index: int, country: str | None) -> float:
    cells = [row[index] for row in body if index < len(row) and row[index]]
    return sum(_is_endpoint(cell, country) for cell in cells) / len(cells) if cells else 0.0


def _is_endpoint(cell: str, country: str | None) -> bool:
    return bool(cell) and not isinstance(parse_endpoint(cell, country), Refusal)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def contact_of_row(layout: Layout, cells: Row, number: int, country: str | None) -> ContactRow:
    """One row of a table; what is wrong with it is its `error`."""
    padded = [*cells, *[""] * (len(layout.names) - len(cells))]
    special = {layout.phone, layout.timezone}
    context = {
        name: padded[index] for index, name in enumerate(layout.names) if index not in special
    }
    zone = padded[layout.timezone] if layout.timezone is not None else ""
    row = ContactRow(number, padded[layout.phone], timezone=zone or None, context=context)
    if any(cells[len(layout.names) :]):
        return _refused(row, "invalid_field", "", "The row has more cells than the header.")
    return _checked(row, country)


def contact_of_object(item: Any, number: int, country: str | None) -> ContactRow:
    """One object of a JSON list."""
    row = ContactRow(number, None)
    if not isinstance(item, dict):
        return _refused(row, "invalid_field", "", "A contact must be an object.")
    said: dict[str, Any] = {
        _SPELLINGS.get(str(name), str(name)): value for name, value in item.items()
    }
    wrong = _misshapen(said)
    if wrong is not None:
        return replace(row, error=wrong)
    row = replace(
        row,
        endpoint=said.get("endpoint"),
        client_token=said.get("clientToken") or None,
        timezone=said.get("timezone") or None,
        context=said.get("context") or {},
    )
    return _checked(row, country)


def _misshapen(said: dict[str, Any]) -> Refusal | None:
    for name, value in said.items():
        if name not in _FIELDS:
            return Refusal("invalid_field", name[:64], "There is no such field.")
        if not isinstance(value, (dict if name == "context" else str) | None):
            kind = "an object" if name == "context" else "a text"
            return Refusal("invalid_field", name, f"This must be {kind}.")
    return None


def _checked(row: ContactRow, country: str | None) -> ContactRow:
    if not row.endpoint:
        message = "There is no phone number."
        return _refused(row, RefusalCode.INVALID_NUMBER, "endpoint", message)
    found = parse_endpoint(row.endpoint, country)
    if isinstance(found, Refusal):
        return replace(_shortened(row), error=found)
    if row.client_token is not None and len(row.client_token) > _LONGEST_TEXT:
        return _refused(row, "invalid_field", "clientToken", "This is longer than 255 characters.")
    if row.timezone is not None and not is_zone(row.timezone):
        message = "This is not a name in the tz database, like America/New_York."
        return _refused(row, RefusalCode.UNKNOWN_TIMEZONE, "timezone", message)
    if len(json.dumps(row.context, ensure_ascii=False).encode()) > MAX_CONTEXT:
        row = replace(row, context={})
        return _refused(row, "invalid_field", "context", "The context is larger than 16 KiB.")
    return replace(row, endpoint=found.value, endpoint_kind=found.kind)


def _refused(row: ContactRow, code: str, field: str, message: str) -> ContactRow:
    return replace(_shortened(row), error=Refusal(code, field, message))


def _shortened(row: ContactRow) -> ContactRow:
    """What is kept of an invalid row must not be as large as a mistake can make it."""
    return replace(
        row,
        endpoint=row.endpoint[:_LONGEST_TEXT] if row.endpoint else row.endpoint,
        client_token=row.client_token[:_LONGEST_TEXT] if row.client_token else None,
        timezone=row.timezone[:64] if row.timezone else None,
    )
