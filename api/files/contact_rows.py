"""From a row of a list, or an object of a request, to a contact: checked one by one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from api.files.csv_writer import restored
from api.files.layouts import Layout
from api.files.limits import MAX_COLUMNS
from api.files.spreadsheets import Row
from policy.location.endpoints import Endpoint, parse_endpoint
from policy.location.number_forms import person_key
from policy.model.call import NumberType, Refusal
from policy.model.reasons import RefusalCode
from policy.time.wall_time import is_zone
from storage.campaigns.contacts import ContactRow
from storage.tables import JsonObject

#: The field of an object with the person's further numbers; `api.campaigns` reads what is in it.
OTHER_NUMBERS = "otherNumbers"
MAX_CONTEXT = 16 * 1024
#: Of a refused row, so that it can be mended; where it has more, its longest values are cut.
MAX_KEPT = 256 * 1024
_SPELLINGS = {"phone": "endpoint", "to": "endpoint", "client_token": "clientToken"}
#: With the shape of each, also in words.
_FIELDS: Mapping[str, tuple[type, str]] = {
    "endpoint": (str, "a text"),
    "clientToken": (str, "a text"),
    "timezone": (str, "a text"),
    "context": (dict, "an object"),
    OTHER_NUMBERS: (list, "a list"),
}
_LONGEST_TEXT = 255


def contact_of_row(layout: Layout, cells: Row, number: int, country: str | None) -> ContactRow:
    """One row of a table; what is wrong with it is its `error`. No cell of a bad row is lost."""
    names = layout.names
    if layout.left_out:
        cells = [restored(cell) for cell in cells]
    padded = [*cells, *[""] * (len(names) - len(cells))]
    special = {layout.phone, layout.timezone, *layout.left_out}
    context = {name: padded[index] for index, name in enumerate(names) if index not in special}
    zone = padded[layout.timezone] if layout.timezone is not None else ""
    token = padded[layout.client_token] if layout.client_token is not None else ""
    row = ContactRow(
        number,
        padded[layout.phone],
        client_token=token or None,
        timezone=zone or None,
        context=context,
    )
    more = {f"column{n}": cell for n, cell in enumerate(cells, 1) if n > len(names) and cell}
    if more:
        row = replace(row, context={**context, **more})
        return _refused(row, "invalid_field", "", "The row has more cells than the header.")
    row = checked(row, country)
    if not layout.others:
        return row
    others = [(names[one.index], padded[one.index], one.type) for one in layout.others]
    return _with_others(row, others, country)


def _with_others(
    row: ContactRow, others: Sequence[tuple[str, str, NumberType | None]], country: str | None
) -> ContactRow:
    """The row with all numbers of its person; empty cells, and a number again, are left out.

    Also where the first is wrong: so the others are there once that is corrected. Where one of them
    is wrong, too, that is what is said: to correct the first would not bring them back.
    """
    first = Endpoint(row.endpoint_kind, row.endpoint or "", row.extension)
    key = "" if row.error else person_key(first.value)
    found: dict[str, JsonObject] = {key: _entry(first, None)}
    for name, cell, kind in others:
        read = parse_endpoint(cell, country, with_extension=True) if cell else None
        if isinstance(read, Refusal):
            return _refused(row, read.code, OTHER_NUMBERS, f"{name}: {read.message}")
        if read is not None:
            found.setdefault(person_key(read.value), _entry(read, kind))
    taken = {name for name, _, _ in others}
    context = {name: value for name, value in row.context.items() if name not in taken}
    numbers = list(found.values()) if len(found) > 1 else None
    return replace(row, context=context, numbers_spec=numbers)


def with_first(row: ContactRow) -> ContactRow:
    """The row with its endpoint as the first of its numbers, also where it was corrected."""
    if row.numbers_spec is None or row.endpoint is None:
        return row
    first = _entry(Endpoint(row.endpoint_kind, row.endpoint, row.extension), None)
    key = person_key(row.endpoint)
    others = [one for one in row.numbers_spec[1:] if person_key(one["endpoint"]) != key]
    return replace(row, numbers_spec=[first, *others] if others else None)


def _entry(found: Endpoint, kind: NumberType | None) -> JsonObject:
    """As `storage.tables.specs` says of `numbers_spec`."""
    said = {"extension": found.extension, "type": kind.value if kind else None}
    told = {name: value for name, value in said.items() if value is not None}
    return {"endpoint": found.value, "kind": found.kind.value, **told}


def contact_of_object(item: Any, number: int, country: str | None) -> ContactRow:
    """One object of a JSON list; of a person's numbers the first."""
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
    return checked(row, country)


def _misshapen(said: dict[str, Any]) -> Refusal | None:
    for name, value in said.items():
        if name not in _FIELDS:
            return Refusal("invalid_field", name[:64], "There is no such field.")
        kind, words = _FIELDS[name]
        if not isinstance(value, kind | None):
            return Refusal("invalid_field", name, f"This must be {words}.")
    return None


def checked(row: ContactRow, country: str | None) -> ContactRow:
    """The row with its endpoint as it is dialed; or with its `error`, and what can be kept."""
    if not row.endpoint:
        message = "There is no phone number."
        return _refused(row, RefusalCode.INVALID_NUMBER, "endpoint", message)
    found = parse_endpoint(row.endpoint, country, with_extension=True)
    if isinstance(found, Refusal):
        return replace(_shortened(row), error=found)
    if row.client_token is not None and len(row.client_token) > _LONGEST_TEXT:
        return _refused(row, "invalid_field", "clientToken", "This is longer than 255 characters.")
    if row.timezone is not None and not is_zone(row.timezone):
        message = "This is not a name in the tz database, like America/New_York."
        return _refused(row, RefusalCode.UNKNOWN_TIMEZONE, "timezone", message)
    if _size_of(row.context) > MAX_CONTEXT:
        return _refused(row, "invalid_field", "context", "The context is larger than 16 KiB.")
    return replace(row, endpoint=found.value, endpoint_kind=found.kind, extension=found.extension)


def _refused(row: ContactRow, code: str, field: str, message: str) -> ContactRow:
    return replace(_shortened(row), error=Refusal(code, field, message))


def _shortened(row: ContactRow) -> ContactRow:
    """What is kept of an invalid row must not be as large as a mistake can make it."""
    return replace(
        row,
        endpoint=row.endpoint[:_LONGEST_TEXT] if row.endpoint else row.endpoint,
        client_token=row.client_token[:_LONGEST_TEXT] if row.client_token else None,
        timezone=row.timezone[:64] if row.timezone else None,
        context=_kept(row.context),
    )


def _size_of(context: JsonObject) -> int:
    return len(json.dumps(context, ensure_ascii=False).encode())


def _kept(context: JsonObject) -> JsonObject:
    """Every column that a sheet may have, and as much of each as there is room for."""
    if _size_of(context) <= MAX_KEPT:
        return context
    named = islice(context.items(), MAX_COLUMNS)
    # A letter may take six bytes of JSON, and the names want room, too.
    most = MAX_KEPT // (12 * min(len(context), MAX_COLUMNS))
    return {name[:_LONGEST_TEXT]: _cut(value, most) for name, value in named}


def _cut(value: Any, most: int) -> Any:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= most else text[:most]
