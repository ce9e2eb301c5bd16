"""Sheets as people send them, and whom we would call for them."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from api.files.contact_rows import contact_of_row
from api.files.layouts import Layout, layout_of
from api.files.spreadsheets import open_rows
from storage.campaigns.contacts import ContactRow


def csv_of(rows: Sequence[Sequence[Any]], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def read(
    content: bytes, phone_column: str | None = None, country: str | None = None
) -> tuple[Layout, list[ContactRow]]:
    """The layout of a file and its contacts, as an upload reads them."""
    with open_rows(io.BytesIO(content)) as rows:
        numbered = [(number, cells) for number, cells in enumerate(rows, start=1) if any(cells)]
    layout = layout_of(numbered[:200], phone_column, country)
    contacts = [
        contact_of_row(layout, cells, number, country)
        for number, cells in numbered
        if number >= layout.first_row
    ]
    return layout, contacts


def rows_by(content: bytes, layout: Layout) -> list[ContactRow]:
    """The contacts of a file, by a layout that is settled."""
    with open_rows(io.BytesIO(content)) as rows:
        return [
            contact_of_row(layout, cells, number, None)
            for number, cells in enumerate(rows, start=1)
            if number >= layout.first_row
        ]


def phone_of(content: bytes, country: str | None = None) -> tuple[str, str]:
    """Which column was taken, and why."""
    layout, _ = read(content, country=country)
    return layout.names[layout.phone], layout.reason.value
