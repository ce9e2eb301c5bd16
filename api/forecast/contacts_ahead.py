"""Everybody a campaign has yet to call, read a page at a time and put into groups."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from api.campaigns.outlook import Prospect, prospect_of
from api.forecast.altered import AlteredCampaign
from api.http.deps import Services
from api.http.problems import conflict
from policy.calls.decide import judge
from policy.calls.retry import conclusion, next_attempt
from policy.facts import Facts
from policy.forecast.callee_groups import NOTHING_YET, CalleeGroup, Course
from policy.forecast.campaign_plan import Callee
from policy.forecast.likeness import CalleeGroups
from policy.forecast.retry_book import UNTRIED, terms_of
from policy.forecast.ticks import tick_of
from policy.model.call import CallStatus, DaypartChoice
from policy.pathways.row_demands import RowDemands
from storage.campaigns import contacts, forecast_calls
from storage.campaigns.contacts import StagedContact
from storage.campaigns.row_demands import demands_of
from storage.facts import daypart_rates
from storage.tables import Account, Call

#: More would take too long to be waited for.
MOST_CONTACTS = 100_000
_PAGE = 2000
_IN_FLIGHT = (CallStatus.PENDING, CallStatus.IN_PROGRESS)


@dataclass(slots=True)
class ContactsAhead:
    """`lacking`: contacts that become no call for what their rows lack, by (code, message)."""

    groups: CalleeGroups
    callees: list[Callee] = field(default_factory=list)
    staged: Counter[CalleeGroup] = field(default_factory=Counter)
    lacking: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        return len(self.callees) + sum(self.lacking.values())


async def contacts_ahead(
    uses: Services, account: Account, altered: AlteredCampaign, groups: CalleeGroups
) -> ContactsAhead:
    """Raises a 409 Problem for a campaign with too many contacts."""
    found = ContactsAhead(groups)
    await _add_calls(uses, account, altered, found)
    await _add_contacts(uses, account, altered, found)
    return found


def _require_few(found: ContactsAhead) -> None:
    if found.count > MOST_CONTACTS:
        detail = f"A forecast is made of at most {MOST_CONTACTS} contacts."
        raise conflict("too_many_contacts", detail)


# -- contacts


async def _add_contacts(
    uses: Services, account: Account, altered: AlteredCampaign, found: ContactsAhead
) -> None:
    campaign, now = altered.campaign, uses.now()
    async with uses.db.read() as session:
        demands = await demands_of(session, campaign, altered.agent)
    after = 0
    while True:
        async with uses.db.browse() as session:
            page = await contacts.scan(
                session,
                campaign.campaign_id,
                after,
                _PAGE,
                with_context=bool(demands.variables.wanted),
            )
            if not page:
                return
            ahead = await prospect_of(session, uses, account, campaign, altered.agent, page, now)
            if ahead.known.retry.daypart is DaypartChoice.BEST:
                rates = await daypart_rates.dayparts(
                    session, account.account_id, altered.agent.agent_id, now
                )
                ahead = replace(ahead, known=replace(ahead.known, dayparts=rates))
        await asyncio.to_thread(_group, found, page, ahead, demands)
        _require_few(found)
        after = page[-1].contact_id


def _group(
    found: ContactsAhead, page: list[StagedContact], ahead: Prospect, demands: RowDemands
) -> None:
    for contact in page:
        refusal = demands.refusal(contact.context, contact.any_extension)
        if refusal is not None:
            found.lacking[str(refusal.code), refusal.message] += 1
            continue
        facts = ahead.facts(contact)
        common = None if facts.numbers else ahead.known
        group = found.groups.of(_at_first(facts, ahead.now), common)
        found.staged[group] += 1
        dials = facts.person.dials
        course = Course(dials=dials) if dials else NOTHING_YET
        found.callees.append(Callee(contact.contact_id, group, course))


def _at_first(facts: Facts, now: datetime) -> Facts:
    """Of a person with several numbers, at the one to which the next dial would go.

    Whose hours, lists and consents are looked at from then on; that the others have their turns
    between is in the plan of retries.
    """
    return judge(facts, now).facts if facts.numbers else facts


# -- calls that have not ended


async def _add_calls(
    uses: Services, account: Account, altered: AlteredCampaign, found: ContactsAhead
) -> None:
    after = 0
    while True:
        async with uses.db.browse() as session:
            page = await forecast_calls.open_calls(
                session, altered.campaign.campaign_id, after, _PAGE
            )
            if not page:
                return
            calls = [call for call, _ in page]
            facts = await uses.gatherer.gather_many(session, account, calls, uses.now())
        for call, contact_id in page:
            told = _at_first(altered.facts(facts[call.call_id]), uses.now())
            found.callees.append(_callee(call, contact_id, told, found.groups))
        _require_few(found)
        after = page[-1][1]


def _callee(call: Call, contact_id: int, facts: Facts, groups: CalleeGroups) -> Callee:
    tried = facts.attempts
    slot = None if not tried or conclusion(facts) else next_attempt(facts)
    course = Course(
        terms_of(facts, slot, tried[-1].settled_at) if tried else UNTRIED,
        0 if slot is None else tick_of(slot.earliest),
        facts.person.dials,
    )
    return Callee(
        contact_id,
        groups.of(facts),
        course,
        is_staged=False,
        results=tuple(one.result for one in tried),
        in_flight=call.status in _IN_FLIGHT,
    )
