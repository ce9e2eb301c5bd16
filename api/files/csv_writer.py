"""Lines of CSV that a spreadsheet can open without running anything."""

import csv
import io
import unicodedata
from datetime import UTC, datetime

#: What a spreadsheet begins a formula with, a full-width one included.
_STARTS = frozenset("=@\t\r")
_SIGNS = frozenset("+-\u2212")
#: What makes more of a signed number than a number.
_RUNS = frozenset("|!(=@")


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
    return f"'{cell}" if _is_formula(_seen(cell)) else cell


def restored(cell: str) -> str:
    """A cell of a line of ours as it was before it was made harmless."""
    return cell[1:] if cell[:1] == "'" and _is_formula(_seen(cell[1:])) else cell


def _seen(cell: str) -> str:
    """The cell as a spreadsheet may read it: without what is invisible at its beginning."""
    start = 0
    while start < len(cell) and _is_invisible(cell[start]):
        start += 1
    return unicodedata.normalize("NFKC", cell[start:])


def _is_invisible(letter: str) -> bool:
    """Zero-width and direction marks, and every space and control that begins no formula."""
    is_blank = unicodedata.category(letter) in {"Cf", "Cc", "Zs", "Zl", "Zp", "Mn"}
    return is_blank and letter not in _STARTS


def _is_formula(seen: str) -> bool:
    if seen[:1] in _STARTS:
        return bool(seen)
    is_signed = seen[:1] in _SIGNS
    return bool(seen) and is_signed and any(one.isalpha() or one in _RUNS for one in seen)
