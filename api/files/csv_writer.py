"""Lines of CSV that a spreadsheet can open without running anything."""

import csv
import io
from datetime import UTC, datetime


def line(*cells: object) -> str:
    """One line; None is empty, an instant RFC 3339 in UTC."""
    text = io.StringIO()
    csv.writer(text).writerow([_harmless(_text(cell)) for cell in cells])
    return text.getvalue()


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(cell)


def _harmless(cell: str) -> str:
    """What a spreadsheet would run as a formula is shown as text; a number keeps its plus."""
    return f"'{cell}" if _is_formula(cell) else cell


def restored(cell: str) -> str:
    """A cell of a line of ours as it was before it was made harmless."""
    return cell[1:] if cell[:1] == "'" and _is_formula(cell[1:]) else cell


def _is_formula(cell: str) -> bool:
    return cell[:1] in ("=", "@", "\t", "\r") or (
        cell[:1] in ("+", "-") and any(letter.isalpha() or letter in "|!(" for letter in cell)
    )
