"""Submitting calls, one or thousands: parse → build → examine → insert.

Parsed by `request_parser`, built by `call_factory`, examined by policy, inserted in one
transaction. Rows stay dictionaries from the request to the table; agents, pathways and what is on
file are looked up once for all of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.reminder_drafts import RequestedCalls, with_reminders
from api.calls.request_parser import call_spec
from api.calls.schemas import CallRequest
from api.http.auth import require_scope, unknown_key
from api.http.known_keys import KeyInUse
from api.http.problems import Problem, invalid, refused
from api.http.schema import JsonObject
from api.http.values import instant, read_endpoint, stated_country
from policy.accounts import pricing
from policy.calls.acceptance import Examiner, examine
from policy.facts import Facts
from policy.location.number_forms import person_key
from policy.model.call import Refusal
from policy.pathways import blanks
from policy.rules.book import RuleBook
from storage.accounts import agents, pathways
from storage.attempts import costs
from storage.calls import acceptance, calls, reminder_sequences
from storage.calls.acceptance import Grounds
from storage.calls.call_factory import call_columns
from storage.calls.startable import AT_ONCE
from storage.facts.caller_id import caller_id_of
from storage.facts.gather import FactGatherer, PersonRecords, own_facts
from storage.tables import Account, Agent, Pathway
from storage.tables.specs import endpoints_of

#: What a key must be allowed.
SCOPE = "calls:write"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a request may become: a call or the reminders it asks for, unless it is a duplicate."""

    index: int
    asked: RequestedCalls
    #: The columns of its call, of the first one if there are several.
    row: JsonObject
    allow_duplicate: bool

    @property
    def endpoints(self) -> list[str]:
        """All numbers that it may call: mostly the one."""
        return endpoints_of(self.row)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The agent and each number of the person: two forms of a number are one."""
        return [(self.row["agent_id"], person_key(one)) for one in self.endpoints]


@dataclass(frozen=True, slots=True)
class Submission:
    """What the calls of one request are held against."""

    account: Account
    agents: Mapping[str, Agent]
    pathways: Mapping[str, Pathway]
    gatherer: FactGatherer
    book: RuleBook
    now: datetime
    broke: Refusal | None = None
    _required: dict[str, frozenset[str]] = field(default_factory=dict)
    _examiners: dict[tuple[str, ...], Examiner] = field(default_factory=dict)

    @classmethod
    async def load(
        cls,
        session: AsyncSession,
        account: Account,
        gatherer: FactGatherer,
        now: datetime,
        *,
        agent_ids: Collection[str],
        pathway_ids: Collection[str],
    ) -> "Submission":
        """Looks up the agents and pathways that are named, and the agents' own pathways."""
        found = await agents.among(session, account.account_id, agent_ids)
        of_agents = {agent.pathway_id for agent in found.values() if agent.pathway_id}
        wanted = {*pathway_ids, *of_agents}
        known = await pathways.among(session, account.account_id, wanted)
        return await cls._of(session, account, found, known, gatherer, now)

    @classmethod
    async def on(
        cls, session: AsyncSession, grounds: Grounds, gatherer: FactGatherer, now: datetime
    ) -> "Submission":
        """For one call, of which all has been looked up."""
        agent, pathway = grounds.agent, grounds.pathway
        found = {} if agent is None else {agent.agent_id: agent}
        known = {} if pathway is None else {pathway.pathway_id: pathway}
        return await cls._of(session, grounds.account, found, known, gatherer, now)

    @classmethod
    async def _of(
        cls,
        session: AsyncSession,
        account: Account,
        found: Mapping[str, Agent],
        known: Mapping[str, Pathway],
        gatherer: FactGatherer,
        now: datetime,
    ) -> "Submission":
        broke = await balance_refusal(session, account)
        book = await gatherer.book_of(session, account)
        return cls(account, found, known, gatherer, book, now, broke)

    def draft(self, request: CallRequest, index: int = 0) -> Draft:
        """Parse and build; raises a Problem for what speaks against the request by itself."""
        agent = self.agents.get(request.agent_id)
        if agent is None:
            raise invalid("unknown_agent", "agentId", "There is no such agent.")
        spec = call_spec(request, agent, self.now, self.account.extensions)
        appointment = instant(
            request.appointment_at, spec.timezone, "earlier", "appointmentAt", self.now
        )
        columns = call_columns(spec, agent)
        asked = with_reminders(request, columns, appointment, self.now)
        self.require_balance()
        pathway_of(columns["pathway_id"], self.pathways)
        if spec.caller_id is None:
            known = self._facts_like(columns)
            for row in asked.rows:
                row["caller_id"] = caller_id_of(row, agent, known, self.now)
        return Draft(index, asked, asked.rows[0], request.allow_duplicate)

    def require_balance(self) -> None:
        """Refuses every call while the account's money is used up."""
        if self.broke is not None:
            raise refused([self.broke])

    async def people(self, session: AsyncSession, drafts: Iterable[Draft]) -> PersonRecords:
        """What is on file about everybody who is to be called."""
        endpoints = {one for draft in drafts for one in draft.endpoints}
        account_id = self.account.account_id
        return await self.gatherer.people(session, account_id, endpoints, self.book, self.now)

    def objection(self, draft: Draft, people: PersonRecords) -> Refusal | None:
        """What policy has against the call, or against one of its reminders."""
        for index, row in enumerate(draft.asked.rows):
            refusal = self._objection(row, people)
            if refusal is not None:
                return draft.asked.named(refusal, index)
        return self._blanks(draft.row)

    def _objection(self, row: JsonObject, people: PersonRecords) -> Refusal | None:
        """Of a person with several numbers: of the first one, if there is something to each."""
        if row["numbers_spec"] is None:
            return self._examiner(row)(own_facts(row), people.of(row["endpoint"]))
        known = self._facts_of(row, people)
        said = [examine(one, self.now) for one in known.at_each]
        return None if None in said else said[0]

    def facts(self, draft: Draft, people: PersonRecords) -> Facts:
        """All that policy gets to know of the call, or of the first of its reminders."""
        return self._facts_of(draft.row, people)

    def _facts_of(self, row: JsonObject, people: PersonRecords) -> Facts:
        person = people.of(row["endpoint"])
        facts = replace(self._facts_like(row), **own_facts(row), person=person)
        if row["numbers_spec"] is None:
            return facts
        return people.at_numbers_of(facts, row, self.agents[row["agent_id"]], self.now)

    def _blanks(self, row: JsonObject) -> Refusal | None:
        """What would be said with nothing in it."""
        pathway_id = row["pathway_id"]
        if pathway_id not in self._required:
            of_pathway = blanks.variables(self.pathways[pathway_id].definition)
            self._required[pathway_id] = of_pathway.wanted
        of_message = blanks.variables(None, row["voicemail_spec"]).wanted
        return blanks.refusal(self._required[pathway_id] | of_message, row["context"])

    def _examiner(self, row: JsonObject) -> Examiner:
        """Of all calls of an agent on a pathway for a purpose."""
        kind = (row["agent_id"], row["pathway_id"], row["purpose"] or "")
        if kind not in self._examiners:
            self._examiners[kind] = Examiner(self._facts_like(row), self.now)
        return self._examiners[kind]

    def _facts_like(self, row: JsonObject) -> Facts:
        agent, pathway = self.agents[row["agent_id"]], self.pathways[row["pathway_id"]]
        return self.gatherer.of_agent(agent, self.account, self.book, pathway, row["purpose"])


async def submit(
    session: AsyncSession,
    in_use: KeyInUse,
    request: CallRequest,
    gatherer: FactGatherer,
    now: datetime,
) -> list[JsonObject]:
    """One call, or its reminders, all the way, as columns.

    Raises a Problem if one of the calls is refused, or the key was revoked.
    """
    endpoints = [] if request.allow_duplicate else _dialed(request)
    grounds = await acceptance.look_up(
        session, in_use.key.api_key_id, request.agent_id, request.pathway_id, endpoints, now
    )
    if grounds is None:
        raise unknown_key()
    in_use.is_asked = True
    require_scope(grounds.key, SCOPE)
    submission = await Submission.on(session, grounds, gatherer, now)
    draft = submission.draft(request)
    people = await submission.people(session, [draft])
    refusal = submission.objection(draft, people)
    if refusal is not None:
        raise refused([refusal])
    if grounds.duplicate is not None:
        raise invalid("duplicate", "endpoint", duplicate_of(grounds.duplicate, "Send"))
    if draft.asked.sequence is None:
        # The route starts its workflow, however late it is to be made.
        draft.row.update(AT_ONCE)
    await insert(session, [draft.asked], now)
    return draft.asked.rows


def _dialed(request: CallRequest) -> list[str]:
    """Whom a request is to reach; none where it cannot be said, which is refused in its turn."""
    written = [request.endpoint, *(one.endpoint for one in request.other_numbers or ())]
    try:
        country = stated_country(request.default_country)
        return [
            read_endpoint(one, "endpoint", country, with_extension=True).value for one in written
        ]
    except Problem:
        return []


async def insert(session: AsyncSession, accepted: Sequence[RequestedCalls], now: datetime) -> None:
    """All that was accepted, in one transaction of the caller's."""
    sequences = [one.sequence for one in accepted if one.sequence is not None]
    await reminder_sequences.insert_rows(session, sequences)
    await calls.insert_rows(session, [row for one in accepted for row in one.rows], now)


async def balance_refusal(session: AsyncSession, account: Account) -> Refusal | None:
    """Why the account's money lets no new call in; asks the database only where there is a limit.

    A campaign's own limit refuses no contacts: its calls wait until it is raised.
    """
    if account.spend_limit is None:
        return None
    spent = await costs.of_account(session, account.account_id)
    return pricing.refusal(account.spend_limit, spent)


def pathway_of(pathway_id: str | None, known: Mapping[str, Pathway]) -> Pathway:
    """One of those that are known; refuses another one, and none at all."""
    if pathway_id is None:
        message = "Neither the request nor the agent names a pathway."
        raise invalid("required", "pathwayId", message)
    if pathway_id not in known:
        raise invalid("unknown_pathway", "pathwayId", "There is no such pathway.")
    return known[pathway_id]


async def require_pathway(
    session: AsyncSession, account_id: str, pathway_id: str | None
) -> Pathway:
    """The account's pathway; refuses one that does not exist, and none at all."""
    named = [] if pathway_id is None else [pathway_id]
    return pathway_of(pathway_id, await pathways.among(session, account_id, named))


def duplicate_of(call_id: str, verb: str = "Set") -> str:
    """What is told of a duplicate: a row is set, a request is sent once more."""
    return (
        f"Call {call_id} of this agent to this endpoint is open or not a minute old. "
        f"{verb} allowDuplicate to call all the same."
    )
