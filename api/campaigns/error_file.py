"""`errors.csv`: the rows that were refused, with all that they had, to be mended and sent again.

An upload knows the file by its first columns, and takes the others for the contact's context.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

from api.files.csv_writer import line
from api.files.layouts import ERROR_COLUMNS, FURTHER_NUMBER
from api.http.deps import Services
from storage.campaigns import contacts
from storage.tables import Contact, JsonObject

_PAGE = 1000


async def lines(uses: Services, campaign_id: str) -> AsyncIterator[str]:
    """The header, then a page of rows at a time. The columns take a reading of their own."""
    names: dict[str, None] = {}
    async for page in _pages(uses, campaign_id):
        for contact in page:
            names.update(dict.fromkeys(_cells(contact)))
    columns = list(names)
    yield line(*ERROR_COLUMNS, *columns)
    async for page in _pages(uses, campaign_id):
        yield "".join(_line(contact, columns) for contact in page)


def _cells(contact: Contact) -> JsonObject:
    """All that it has besides, by column: further numbers, and its context."""
    further = enumerate((contact.numbers_spec or [])[1:], start=1)
    numbers = {f"{FURTHER_NUMBER}{nth}": _both(one) for nth, one in further}
    return {**numbers, **contact.context}


async def _pages(uses: Services, campaign_id: str) -> AsyncIterator[list[Contact]]:
    after = 0
    while True:
        async with uses.db.browse() as session:
            page = await contacts.errors(session, campaign_id, after, _PAGE)
        if not page:
            return
        yield page
        after = page[-1].contact_id or 0


def _line(contact: Contact, columns: list[str]) -> str:
    cells = _cells(contact)
    return line(
        contact.row_number,
        contact.error_code,
        contact.error_field,
        contact.error,
        _both({"endpoint": contact.endpoint, "extension": contact.extension}),
        contact.client_token,
        contact.timezone,
        *(_cell(cells.get(name)) for name in columns),
    )


def _both(number: JsonObject) -> str | None:
    """As an upload reads it."""
    extension: str | None = number.get("extension")
    endpoint: str | None = number["endpoint"]
    return endpoint if extension is None else f"{endpoint} ext. {extension}"


def _cell(value: Any) -> Any:
    """Texts as they are; what a JSON contact had besides, as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value)
