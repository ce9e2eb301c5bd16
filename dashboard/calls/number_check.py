"""What is known of a number while it is typed: where its owner may be, when it may be called."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from api.compliance.explain import HypotheticalCall, explain
from api.compliance.rule_schemas import Explanation
from api.http.deps import Services
from api.http.problems import Problem
from dashboard.calls.call_form import CallForm
from policy.location.endpoints import Endpoint, candidate_zones, parse_endpoint
from policy.model.call import Refusal
from policy.model.purposes import ConsentTier, Purpose
from policy.time.wall_time import is_zone
from storage.tables import Account


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """`wrong`: why it is no number. `zones` with what their clocks show now.

    `verdict` is None while it is not said who would call.
    """

    wrong: str = ""
    endpoint: str = ""
    extension: str = ""
    zones: tuple[tuple[str, datetime], ...] = ()
    verdict: Explanation | None = None
    #: By which clock a time of the verdict is told.
    there: tzinfo | None = None


def zones_of_number(form: CallForm) -> tuple[str, ...]:
    """Where the owner of the number may be, the likeliest first; none if it is no number."""
    found = _read(form)
    zone = form.recipient_zone if is_zone(form.recipient_zone) else None
    if isinstance(found, Refusal):
        return (zone,) if zone else ()
    return candidate_zones(found.value, found.kind, zone, None, None)


def _read(form: CallForm) -> Endpoint | Refusal:
    return parse_endpoint(form.number, with_extension=True)


async def check_number(
    uses: Services, account: Account, form: CallForm, agent_id: str | None
) -> NumberCheck:
    """What is known, for a call by this agent at once."""
    found = _read(form)
    if isinstance(found, Refusal):
        return NumberCheck(wrong=found.message)
    now = uses.now()
    zones = tuple((zone, now.astimezone(ZoneInfo(zone))) for zone in zones_of_number(form))
    verdict = await _verdict(uses, account, form, found, agent_id) if agent_id else None
    there = ZoneInfo(zones[0][0]) if zones else None
    return NumberCheck("", found.value, found.extension or "", zones, verdict, there)


async def _verdict(
    uses: Services, account: Account, form: CallForm, found: Endpoint, agent_id: str
) -> Explanation | None:
    asked = HypotheticalCall(
        endpoint=found.value,
        endpoint_kind=found.kind,
        agent_id=agent_id,
        at=uses.now(),
        purpose=Purpose(form.purpose) if form.purpose in set(Purpose) else None,
        timezone=form.recipient_zone if is_zone(form.recipient_zone) else None,
        consent=ConsentTier(form.consent) if form.consent in set(ConsentTier) else None,
    )
    try:
        return await explain(uses, account, asked)
    except Problem:
        return None
