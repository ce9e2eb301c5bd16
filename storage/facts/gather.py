"""All that policy may know about a call, gathered in two queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.caller_ids.pool import is_barred
from policy.facts import AttemptFact, Facts
from policy.model.call import EndpointKind
from policy.model.last_word import DEFAULT_TRIES, LastWordFile
from policy.model.number_checks import NumberFile
from policy.model.person import NOBODY, Person, together
from policy.model.purposes import Purpose
from policy.rules import STANDARD
from policy.rules.book import RuleBook
from policy.time.best_times import BestTimes
from storage.accounts import agents, pathways
from storage.calls import reminder_sequences
from storage.clearances import answers, last_words
from storage.compliance import acknowledgements, overlays, waivers
from storage.database.locks import note_read
from storage.facts import daypart_rates, person_records
from storage.facts.case_file import Owner
from storage.facts.disclosures import can_say
from storage.facts.number_files import number_file, with_number_files
from storage.facts.several_numbers import at_numbers
from storage.number_hash import Hasher
from storage.tables import Account, Agent, Attempt, Call, JsonObject, Pathway
from storage.tables.specs import (
    endpoints_of,
    places_of,
    promised,
    retry_plan,
    stated_consent,
    voicemail_action,
    weekly_from_days_spec,
    weekly_from_hours_spec,
)

NONE_BARRED: frozenset[str] = frozenset()
#: No leg rings and talks for longer: a call talks for four hours at most.
LONGEST_LEG = timedelta(hours=5)


@dataclass(frozen=True, slots=True)
class FactGatherer:
    """Where facts come from besides the call: the rules, the privacy key, what waivers hold.

    `simulated`: no real phone can ring, so what is waived for a simulator is waived.
    """

    book: RuleBook = STANDARD
    hasher: Hasher = field(default_factory=Hasher)
    simulated: bool = False
    _overlays: overlays.RuleBookCache = field(default_factory=overlays.RuleBookCache)

    async def gather(
        self, session: AsyncSession, call: Call, now: datetime, owner: Owner | None = None
    ) -> Facts:
        """The facts of a call as they are now. `owner`: as read in this transaction."""
        agent, account, pathway = owner or await _owner(session, call)
        book = await self.book_of(session, account)
        known = self.of_agent(agent, account, book, pathway, call.purpose)
        related = await reminder_sequences.siblings(session, [call])
        known = replace(known, siblings=related.get(call.call_id, ()))
        if call.numbers_spec is None:
            facts = await self._at_the_number(session, call, known, agent, now)
        else:
            facts = await self._at_each_number(session, call, known, agent, now)
        if agent.last_word_spec:
            word = await last_words.newest(session, call.call_id)
            tries = int(agent.last_word_spec.get("tries") or DEFAULT_TRIES)
            facts = replace(facts, last_word=LastWordFile(tries, word))
        return await daypart_rates.told(session, account.account_id, facts, now)

    async def _at_the_number(
        self, session: AsyncSession, call: Call, known: Facts, agent: Agent, now: datetime
    ) -> Facts:
        since = now - known.book.longest_cap
        found = await person_records.about(
            session,
            call.account_id,
            call.endpoint,
            since,
            self.hasher,
            call_id=call.call_id,
            up_since=now - LONGEST_LEG,
        )
        facts = facts_of(replace(known, attempts=found.attempts), call, found.person)
        if agent.clearance_spec:
            given = await answers.of_number(session, call.account_id, call.endpoint)
            facts = replace(facts, number_file=number_file(agent, given))
        return facts

    async def _at_each_number(
        self, session: AsyncSession, call: Call, known: Facts, agent: Agent, now: datetime
    ) -> Facts:
        """Of a person with several: no statement more."""
        since, endpoints = now - known.book.longest_cap, endpoints_of(call.__dict__)
        found = await person_records.about_several(
            session,
            call.account_id,
            endpoints,
            since,
            self.hasher,
            call_id=call.call_id,
            up_since=now - LONGEST_LEG,
        )
        facts = facts_of(replace(known, attempts=found.attempts), call, NOBODY)
        files: Mapping[str, NumberFile] = {}
        if agent.clearance_spec:
            given = await answers.of_numbers(session, call.account_id, set(endpoints))
            files = {one: number_file(agent, given.get(one, ())) for one in endpoints}
        return at_numbers(facts, call.__dict__, agent, found.people, files, now)

    async def of_only_dial(
        self, session: AsyncSession, call: Call, attempt: Attempt, owner: Owner
    ) -> Facts:
        """The facts of a call whose only attempt so far was settled, but nothing about the person.

        Enough to see whether the call is over: see `policy.calls.ends.over`.
        """
        assert attempt.settled_at is not None
        assert attempt.result is not None
        agent, account, pathway = owner
        book = await self.book_of(session, account)
        known = self.of_agent(agent, account, book, pathway, call.purpose)
        related = await reminder_sequences.siblings(session, [call])
        dial = AttemptFact(
            attempt.number,
            attempt.dialed_at,
            attempt.settled_at,
            attempt.result,
            attempt.duration_seconds,
        )
        known = replace(known, attempts=(dial,), siblings=related.get(call.call_id, ()))
        return facts_of(known, call, NOBODY)

    async def gather_many(
        self,
        session: AsyncSession,
        account: Account,
        calls: Sequence[Call],
        now: datetime,
        *,
        book: RuleBook | None = None,
        instead: Agent | None = None,
    ) -> dict[str, Facts]:
        """The facts of many calls of one account, in a few queries for all of them.

        For what-if questions: another book, or an agent as it would be after a change.
        """
        book = book or await self.book_of(session, account)
        account_id = account.account_id
        found = await agents.every(session, {call.agent_id for call in calls})
        if instead is not None:
            found[instead.agent_id] = instead
        wanted = {call.pathway_id for call in calls if call.pathway_id is not None}
        spoken = await pathways.among(session, account_id, wanted)
        endpoints = {one for call in calls for one in endpoints_of(call.__dict__)}
        known_people = await self.people(session, account_id, endpoints, book, now)
        places = {call.call_id: places_of(spec) for call in calls if (spec := call.numbers_spec)}
        settled = await person_records.settled(session, [call.call_id for call in calls], places)
        related = await reminder_sequences.siblings(session, calls)

        @cache
        def alike(agent_id: str, pathway_id: str | None, purpose: Purpose | None) -> Facts:
            pathway = spoken.get(pathway_id or "")
            return self.of_agent(found[agent_id], account, book, pathway, purpose)

        gathered = {
            call.call_id: replace(
                facts_of(
                    alike(call.agent_id, call.pathway_id, call.purpose),
                    call,
                    known_people.of(call.endpoint),
                ),
                attempts=settled.get(call.call_id, ()),
                siblings=related.get(call.call_id, ()),
            )
            for call in calls
        }
        for call in calls:
            if call.numbers_spec is not None:
                gathered[call.call_id] = known_people.at_numbers_of(
                    gathered[call.call_id], call.__dict__, found[call.agent_id], now
                )
        gathered = await with_number_files(session, account_id, found, calls, gathered)
        return await daypart_rates.told_many(session, account_id, gathered, now)

    async def book_of(self, session: AsyncSession, account: Account) -> RuleBook:
        """The rules an account is held to."""
        return await self._overlays.over(session, self.book, account)

    def of_agent(
        self,
        agent: Agent,
        account: Account,
        book: RuleBook,
        pathway: Pathway | None,
        purpose: Purpose | None = None,
    ) -> Facts:
        """What is the same for every new call of an agent on a pathway for a purpose."""
        purpose = purpose or agent.purpose
        return Facts(
            endpoint="",
            endpoint_kind=EndpointKind.PHONE,
            agent_enabled=agent.is_enabled and agent.deleted_time is None,
            agent_zone=agent.timezone,
            agent_id=agent.agent_id,
            business_hours=weekly_from_hours_spec(agent.business_hours_spec),
            redial_unknown=account.redial_unknown,
            dialing_paused=account.pause_cause,
            hung_up_early_seconds=_early_seconds(agent, account),
            best_times=BestTimes(agent.best_times) if agent.best_times else None,
            agent_deleted=agent.deleted_time is not None,
            barred_caller_ids=_barred(agent),
            purpose=purpose,
            voice=agent.voice,
            can_say=can_say(agent, pathway),
            caller_ids=tuple(agent.caller_ids),
            sector=account.sector,
            acknowledgements=acknowledgements.in_force(account),
            waived_rules=waivers.in_force(account, purpose, simulated=self.simulated),
            book=book,
        )

    async def people(
        self,
        session: AsyncSession,
        account_id: str,
        endpoints: Collection[str],
        book: RuleBook,
        now: datetime,
    ) -> "PersonRecords":
        """What is on file about the people at these endpoints."""
        since = now - book.longest_cap
        found, stranger = await person_records.known_among(
            session, account_id, endpoints, since, self.hasher, now - LONGEST_LEG
        )
        return PersonRecords(found, stranger)


@dataclass(frozen=True, slots=True)
class PersonRecords:
    """Persons by their endpoints; of most of them nothing is on file."""

    known: Mapping[str, Person]
    stranger: Person

    def of(self, endpoint: str) -> Person:
        return self.known.get(endpoint, self.stranger)

    def at_numbers_of(
        self, facts: Facts, row: Mapping[str, Any], agent: Agent, now: datetime
    ) -> Facts:
        """The facts of a call, by its columns, at all numbers of its person."""
        people = together([self.of(one) for one in endpoints_of(row)], row.get("call_id") or "")
        return at_numbers(facts, row, agent, people, {}, now)


def _barred(agent: Agent) -> frozenset[str]:
    """Of most agents none is, and nothing is looked at."""
    marks = agent.caller_id_marks
    return frozenset(one for one in marks if is_barred(marks, one)) if marks else NONE_BARRED


def _early_seconds(agent: Agent, account: Account) -> int:
    own = agent.hung_up_early_seconds
    return account.hung_up_early_seconds if own is None else own


async def _owner(session: AsyncSession, call: Call) -> Owner:
    key = {"agent": call.agent_id, "pathway": call.pathway_id}
    agent, account, pathway = (await session.exec(_OWNER, params=key)).one()
    note_read(session, account.account_id, account)
    return Owner(agent, account, pathway)


_OWNER = (
    select(Agent, Account, Pathway)
    .join(Account, col(Account.account_id) == col(Agent.account_id))
    .outerjoin(Pathway, col(Pathway.pathway_id) == bindparam("pathway"))
    .where(col(Agent.agent_id) == bindparam("agent"))
)


def facts_of(known: Facts, call: Call, person: Person) -> Facts:
    """The facts of a call, over those of its agent and account."""
    return replace(
        known,
        **own_facts(call.__dict__),
        person=person,
        retry=retry_plan(call.retry_spec),
        promise=promised(call.retry_spec),
        voicemail_action=voicemail_action(call.voicemail_spec),
        reported_outcome=call.reported_outcome,
        cancel_requested=call.cancel_requested,
        returned=call.returned,
    )


def own_facts(row: Mapping[str, Any]) -> JsonObject:
    """What a new call says itself, from its columns; for `replace` over those of its agent.

    All that acceptance looks at; the retry plan and the voicemail matter only after a dial.
    """
    recipient = row["recipient_spec"]
    return {
        "endpoint": row["endpoint"],
        "endpoint_kind": row["endpoint_kind"],
        "caller_ids": (row["caller_id"],),
        "campaign_id": row.get("campaign_id"),
        "call_window": weekly_from_days_spec(row["window_spec"]),
        "recipient_zone": recipient.get("timezone"),
        "recipient_country": recipient.get("country"),
        "recipient_postal_code": recipient.get("postalCode"),
        "not_before": row["not_before"],
        "deadline": row["call_deadline"],
        "ring_timeout": row["ring_timeout"],
        "recorded": row["recording"],
        "subject": row["subject"],
        "stated_consent": stated_consent(row["consent_spec"]),
    }
