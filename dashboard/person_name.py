"""Who is called, by the name that calls usually give in their context."""

from collections.abc import Mapping

from storage.call_lists.filters import FIRST_NAMES, LAST_NAMES, WHOLE_NAMES

_LONGEST = 80


def name_of(context: Mapping[str, object]) -> str:
    """The person's name, or nothing."""
    whole = _first(context, WHOLE_NAMES)
    parts = [whole] if whole else [_first(context, FIRST_NAMES), _first(context, LAST_NAMES)]
    return " ".join(part for part in parts if part)[:_LONGEST]


def _first(context: Mapping[str, object], names: tuple[str, ...]) -> str:
    said = (context.get(name) for name in names)
    return next((one.strip() for one in said if isinstance(one, str) and one.strip()), "")
