"""Which calls a list shows: what stands in its address, and what was sought, which does not."""

from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query

from api.calls import commands
from api.http.deps import Services
from api.http.problems import invalid
from policy.location.endpoints import Endpoint, parse_endpoint
from policy.model.call import FINAL_STATUSES, CallStatus, Outcome
from storage.call_lists.call_list import CallOrder
from storage.call_lists.filters import CallFilter
from storage.call_lists.queue_list import QUEUE_STATUSES

SCHEDULED, PAST, EVERY = "scheduled", "past", ""
_OF_TAB = {
    SCHEDULED: list(QUEUE_STATUSES),
    PAST: [one for one in CallStatus if one in FINAL_STATUSES],
    EVERY: list(CallStatus),
}
_FEWEST_DIGITS = 3
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class CallChoice:
    """Each as the address says it; empty: nothing is said. Dates are days of the viewer's zone.

    `like` names a call instead of a number: no number stands in an address.
    """

    tab: str = EVERY
    status: str = ""
    outcome: str = ""
    agent: str = ""
    campaign: str = ""
    like: str = ""
    since: str = ""
    until: str = ""
    sort: str = ""

    @property
    def said(self) -> dict[str, str]:
        """What is said, by name."""
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in named.items() if value}

    @property
    def is_filtered(self) -> bool:
        return bool(self.said.keys() - {"tab", "sort"})

    @property
    def statuses(self) -> list[CallStatus]:
        """Those that may be chosen here."""
        return _OF_TAB[self.tab]

    @property
    def order(self) -> CallOrder:
        return CallOrder(self.sort) if self.sort else CallOrder.NEWEST

    def address(self, **changes: str) -> str:
        """The page of this choice with something else said."""
        said = {**self.said, **changes}
        query = urlencode({name: value for name, value in said.items() if value})
        return f"/dashboard/calls?{query}" if query else "/dashboard/calls"


Chosen = Annotated[str, Query(max_length=_LONGEST)]


async def _choice(
    tab: Chosen = EVERY,
    status: Chosen = "",
    outcome: Chosen = "",
    agent: Chosen = "",
    campaign: Chosen = "",
    like: Chosen = "",
    since: Chosen = "",
    until: Chosen = "",
    sort: Chosen = "",
) -> CallChoice:
    return read_choice(CallChoice(tab, status, outcome, agent, campaign, like, since, until, sort))


def read_choice(said: CallChoice) -> CallChoice:
    """The choice, unless it names something that there is not: then a 422 Problem."""
    if said.tab not in _OF_TAB:
        raise invalid("unknown_value", "tab", "There is no such list.")
    if said.status and said.status not in set(CallStatus):
        raise invalid("unknown_value", "status", "There is no such status.")
    if said.outcome and said.outcome not in set(Outcome):
        raise invalid("unknown_value", "outcome", "There is no such outcome.")
    if said.sort and said.sort not in set(CallOrder):
        raise invalid("unknown_value", "sort", "There is no such order.")
    if said.status and said.status not in said.statuses:
        return replace(said, status="")
    return said


Choice = Annotated[CallChoice, Depends(_choice)]


async def filter_of(
    uses: Services, account_id: str, said: CallChoice, zone: tzinfo, sought: str = ""
) -> CallFilter:
    """The filter for the choice and for what was sought; raises Problems of 404 and 422."""
    endpoint = None
    if said.like:
        endpoint = (await commands.look(uses, account_id, said.like)).endpoint
    statuses = [CallStatus(said.status)] if said.status else said.statuses
    found = CallFilter(
        agent_id=said.agent or None,
        statuses=[] if len(statuses) == len(CallStatus) else statuses,
        endpoint=endpoint,
        campaign_id=said.campaign or None,
        outcome=Outcome(said.outcome) if said.outcome else None,
        from_date=_begin(said.since, "since", zone),
        to_date=_end(said.until, zone),
    )
    return replace(found, **_sought(sought)) if sought else found


def _sought(text: str) -> dict[str, Any]:
    """A whole number, a part of one where there are digits only, else a name."""
    whole = parse_endpoint(text) if text[:1] == "+" or text[:4].lower() == "sip:" else None
    if isinstance(whole, Endpoint):
        return {"endpoint": whole.value}
    digits = "".join(one for one in text if one.isascii() and one.isdigit())
    if not digits or any(one.isalpha() for one in text):
        return {"name": text}
    if len(digits) < _FEWEST_DIGITS:
        raise invalid("too_short", "sought", "Of a number it takes at least 3 digits.")
    return {"endpoint_part": digits}


def _begin(text: str, field: str, zone: tzinfo) -> datetime | None:
    return _midnight(text, field, zone, timedelta())


def _end(text: str, zone: tzinfo) -> datetime | None:
    """The day itself is meant, too."""
    return _midnight(text, "until", zone, timedelta(days=1))


def _midnight(text: str, field: str, zone: tzinfo, later: timedelta) -> datetime | None:
    """When a day begins on the clocks of a zone, or one some days later."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise invalid("malformed", field, "Must be a day such as 2027-03-05.") from None
    try:
        begin = datetime.combine(day, time(), zone) + later
        # The first and the last of all days are none in UTC.
        begin.astimezone(UTC)
    except OverflowError:
        raise invalid("out_of_range", field, "There is no such day.") from None
    return begin
