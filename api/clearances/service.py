"""Clearances of a call and of a campaign: shown, summed up, and asked ahead."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls import commands
from api.campaigns.lookup import found as campaign_found
from api.clearances.schemas import (
    CallClearances,
    ClearanceFigures,
    ClearancesWanted,
    LastWordView,
    LookupView,
    RequirementView,
)
from api.http.deps import Services
from api.http.problems import conflict
from policy.compliance.number_checks import (
    CheckFinding,
    CheckStanding,
    ask_at,
    findings,
    questions,
)
from policy.facts import Facts
from storage.accounts import agents
from storage.campaigns.call_from_contact import call_of
from storage.campaigns.contacts import staged_after
from storage.clearances import answers, last_words, requests
from storage.clearances.answers import Wanted, WantedFor
from storage.tables import Account, CheckRequest, Contact, LastWordRow
from storage.tables.specs import endpoints_of

#: Contacts looked through in one request, and in one transaction.
_MOST, _AT_ONCE = 5000, 250


async def of_call(uses: Services, account: Account, call_id: str) -> CallClearances:
    """Raises a 404 Problem if the account has no such call."""
    now = uses.now()
    async with uses.db.read() as session:
        call = await commands.found(session, account.account_id, call_id)
        facts = await uses.gatherer.gather(session, call, now)
        words = await last_words.of_call(session, call_id)
        sent = [
            row
            for one in endpoints_of(call.__dict__)
            for row in await requests.of_number(session, account.account_id, one)
        ]
    own = [one for one in sent if one.call_id == call_id]
    said = findings(facts, now)
    return CallClearances(
        call_id=call_id,
        standing=_standing(facts, said),
        requirements=[_requirement(one) for one in said],
        requests=[_lookup(one) for one in sent],
        cost=sum(one.cost for one in own),
        last_words=[_last_word(one) for one in words],
    )


def _standing(facts: Facts, said: Sequence[CheckFinding]) -> CheckStanding | None:
    if facts.number_file is None:
        return None
    stands = {one.standing for one in said}
    worst = (CheckStanding.REFUSED, CheckStanding.MISSING)
    return next((one for one in worst if one in stands), CheckStanding.CLEARED)


def _requirement(one: CheckFinding) -> RequirementView:
    return RequirementView(
        rule=one.requirement.rule,
        standing=one.standing,
        verdict=one.word,
        detail=one.detail,
        fresh_until=one.until,
    )


def _lookup(row: CheckRequest) -> LookupView:
    return LookupView(
        check=row.number_check,
        parameter=row.parameter,
        asked_time=row.asked_at,
        ended_time=row.ended_at,
        answer=row.answer,
        carrier=row.carrier,
        error=row.error,
        cost=row.cost,
        call_id=row.call_id,
    )


def _last_word(row: LastWordRow) -> LastWordView:
    same = ("request_id", "attempt_number", "tries", "verdict", "reason", "until", "changed")
    return LastWordView(
        **{name: getattr(row, name) for name in (*same, "milliseconds", "error")},
        asked_time=row.asked_at,
    )


async def figures(
    uses: Services, account: Account, campaign_id: str | None = None
) -> ClearanceFigures:
    """Of the account, or of one campaign; raises a 404 Problem."""
    async with uses.db.survey() as session:
        if campaign_id is not None:
            await campaign_found(session, account.account_id, campaign_id)
        of = None if campaign_id is None else [campaign_id]
        found = await requests.figures(session, account.account_id, of)
    return ClearanceFigures(requests=found.requests, answered=found.answered, cost=found.cost)


async def ask_ahead(
    uses: Services, account: Account, campaign_id: str, after: int
) -> ClearancesWanted:
    """Has everything asked that contacts behind `after` will need, a few thousand at a time."""
    looked_at, news = 0, 0
    while looked_at < _MOST:
        async with uses.db.write() as session:
            rows = await staged_after(session, campaign_id, after, _AT_ONCE)
            if rows:
                news += await _want(session, uses, account, campaign_id, rows)
        looked_at += len(rows)
        if len(rows) < _AT_ONCE:
            return ClearancesWanted(contacts=looked_at, wanted=news, next=None)
        after = rows[-1].contact_id or after
    return ClearancesWanted(contacts=looked_at, wanted=news, next=after)


async def _want(
    session: AsyncSession,
    uses: Services,
    account: Account,
    campaign_id: str,
    rows: Sequence[Contact],
) -> int:
    now = uses.now()
    campaign = await campaign_found(session, account.account_id, campaign_id)
    agent = await agents.get(session, account.account_id, campaign.agent_id)
    if agent is None or not agent.clearance_spec or not agent.caller_ids:
        raise conflict("no_clearances", "The campaign's agent demands no clearances.")
    calls = [call_of(campaign, row, agent, now) for row in rows]
    known = await uses.gatherer.gather_many(session, account, calls, now)
    by = WantedFor(account.account_id, agent.caller_ids[0], campaign_id=campaign_id)
    wanted = [one for call in calls for one in _wanted(known[call.call_id], now)]
    return await answers.want(session, by, wanted)


def _wanted(facts: Facts, now: datetime) -> list[Wanted]:
    return [
        Wanted(
            at.endpoint,
            one.check,
            one.parameter,
            ask_at(one, now, now),
            now - one.max_age,
            next(iter(at.caller_ids), None),
        )
        for at in facts.at_each
        for one in questions(at, now)
    ]
