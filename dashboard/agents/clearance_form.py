"""What an agent demands to be known of numbers, as a form: ages in days, lists a line each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from api.http.problems import invalid
from api.http.schema import JsonObject
from storage.tables.specs import duration

_FIELD = "clearances"
#: For what is named without an age: a month, as registries are scrubbed.
_DEFAULT_DAYS = "31"
_LONGEST_TEXT = 8


@dataclass(frozen=True, slots=True)
class ClearanceTexts:
    line_type_days: str = ""
    line_type_refuse: str = ""
    reassigned_days: str = ""
    reassigned_no_data: str = ""
    lists: str = ""


def clearance_texts(spec: Sequence[JsonObject] | None) -> dict[str, str]:
    """The fields of the form, as the agent is."""
    texts: dict[str, str] = {}
    lists = []
    for one in spec or ():
        days = f"{duration(one['maxAge']) / timedelta(days=1):g}"
        if one["check"] == "line_type":
            texts["line_type_days"] = days
            texts["line_type_refuse"] = ", ".join(one.get("refuse") or ())
        elif one["check"] == "reassigned":
            texts["reassigned_days"] = days
            texts["reassigned_no_data"] = one.get("noData") or ""
        else:
            lists.append(f"{one['list']} {days}")
    return {**texts, "lists": "\n".join(lists)}


def read_clearances(said: ClearanceTexts) -> list[JsonObject]:
    """The request's list; raises a Problem for an age that is no number of days."""
    return [*_line_type(said), *_reassigned(said), *_lists(said.lists)]


def _line_type(said: ClearanceTexts) -> Iterator[JsonObject]:
    refused = re.findall(r"\w+", said.line_type_refuse)
    if said.line_type_days or refused:
        more = {"refuse": refused} if refused else {}
        yield {"check": "line_type", "maxAge": _age(said.line_type_days), **more}


def _reassigned(said: ClearanceTexts) -> Iterator[JsonObject]:
    if said.reassigned_days:
        more = {"noData": said.reassigned_no_data} if said.reassigned_no_data else {}
        yield {"check": "reassigned", "maxAge": _age(said.reassigned_days), **more}


def _lists(text: str) -> Iterator[JsonObject]:
    for line in text.splitlines():
        name, _, days = line.strip().partition(" ")
        if name:
            yield {"check": "list", "maxAge": _age(days.strip()), "list": name}


def _age(text: str) -> str:
    """Days, also parts of them, as an ISO 8601 duration of whole hours."""
    try:
        hours = round(float((text or _DEFAULT_DAYS)[:_LONGEST_TEXT].replace(",", ".")) * 24)
    except (ValueError, OverflowError):
        raise invalid("bad_number", _FIELD, "Ages are numbers of days.") from None
    return f"P{hours // 24}D" if hours % 24 == 0 else f"PT{hours}H"
