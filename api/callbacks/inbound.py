"""People who call or write to an agent's number: opting out, and the call that waits for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.callbacks.senders import sender_of
from policy.compliance.disclosures import OPT_OUT_KEY
from policy.compliance.opt_out_phrases import Wish, wish_of
from policy.location.endpoints import Endpoint
from policy.model.person import Returned, Review
from storage import inbound
from storage.compliance import text_reviews
from storage.compliance.opt_out import opt_out, waiting_for
from storage.database.locks import lock_account
from storage.facts.disclosures import identity_of
from storage.tables import Agent, Call, Inbound
from telephony.events import InboundEvent
from telephony.twiml import documents as twiml
from telephony.twiml.verbs import printable

#: A text has no more; what nobody has to read is not kept at all.
_LONGEST_TEXT = 1600
_WITHHELD = "We cannot see your number. Call again without hiding it, and we will stop calling it."
_OFFER = f"To stop our calls, press {OPT_OUT_KEY}."


#: `OptOutType` of a number with advanced opt-out.
_VERDICTS = {"STOP": Wish.STOP, "START": Wish.NONE, "HELP": Wish.NONE}


@dataclass(frozen=True, slots=True)
class InboundReply:
    """What goes back to the carrier, and the calls that are to decide again."""

    twiml: str
    stopped: tuple[str, ...] = ()


async def voice(
    session: AsyncSession, event: InboundEvent, menu_url: str, now: datetime
) -> InboundReply:
    """Somebody calls: told whom they reached and how to opt out; their waiting call is linked."""
    agents = await _agents_at(session, event)
    if not agents:
        return InboundReply(twiml.say_and_hang_up("This number does not take calls. Goodbye."))
    to_tell = await _link(session, event, agents, now)
    agent = await _host(session, event, agents)
    spec = agent.inbound_spec or {}
    greeting = _greeting(agent, spec.get("say"))
    return InboundReply(twiml.inbound_menu(greeting, menu_url, spec.get("transferTo")), to_tell)


async def menu(
    session: AsyncSession, event: InboundEvent, digits: str | None, now: datetime
) -> InboundReply:
    """What the caller pressed."""
    agents = await _agents_at(session, event)
    if not agents:
        return InboundReply(twiml.inbound_end(None))
    host = await _host(session, event, agents)
    if digits != OPT_OUT_KEY:
        return InboundReply(twiml.inbound_end((host.inbound_spec or {}).get("transferTo")))
    person = _person(event)
    if person is None:
        return InboundReply(twiml.say_and_hang_up(_WITHHELD))
    accounts = await _accounts_at(session, event, person)
    asked = [
        account_id
        for account_id in accounts
        if await inbound.note_opt_out(session, _row(event, account_id, "call", now))
    ]
    stopped = await _opt_out(session, person, asked, "inbound_call", now)
    return InboundReply(twiml.say_and_hang_up(identity_of(host).goodbye), stopped)


async def text(
    session: AsyncSession,
    event: InboundEvent,
    body: str,
    opt_out_type: str | None,
    now: datetime,
    *,
    holds: bool,
) -> InboundReply:
    """Somebody writes. A wish not to be called is done; what may be one, a person has to read.

    `opt_out_type` is the carrier's own verdict, in any language. `holds`: meanwhile nobody dials
    whoever wrote what is unclear. A text that is delivered again changes nothing.
    """
    person = _person(event)
    accounts = await _accounts_at(session, event, person)
    wish = _wish(body, opt_out_type) if person is not None else Wish.NONE
    stopped: list[str] = []
    for account_id in accounts:
        row = _row(event, account_id, "text", now)
        row.opted_out = wish is Wish.STOP
        if wish is Wish.UNCLEAR:
            row.review, row.holds = Review.PENDING, holds
            row.text = printable(body)[:_LONGEST_TEXT]
        if await inbound.note(session, row) and person is not None:
            stopped += await _act(session, row, person, wish, now)
    return InboundReply(twiml.nothing(), tuple(stopped))


async def _agents_at(session: AsyncSession, event: InboundEvent) -> list[Agent]:
    """Those that call from the number, of whoever's account at the carrier it came in by."""
    agents = await inbound.agents_at(session, event.to)
    return [agent for agent in agents if _concerns(event, agent.account_id)]


async def _accounts_at(
    session: AsyncSession, event: InboundEvent, person: Endpoint | None
) -> list[str]:
    found = await inbound.accounts_at(session, event.to, person.value if person else None)
    return [account_id for account_id in found if _concerns(event, account_id)]


def _concerns(event: InboundEvent, account_id: str) -> bool:
    return event.signed_by is None or account_id in event.signed_by.values()


async def _act(
    session: AsyncSession, row: Inbound, person: Endpoint, wish: Wish, now: datetime
) -> tuple[str, ...]:
    """What a text asks of one account; the calls that are to decide again."""
    if wish is Wish.STOP:
        return await _opt_out(session, person, [row.account_id], "inbound_text", now)
    if wish is Wish.UNCLEAR:
        # Once this is committed, no dial of the account passes the gate.
        await lock_account(session, row.account_id)
        await text_reviews.tell(session, row, now)
        return await waiting_for(session, row.account_id, person.value)
    return ()


def _wish(body: str, opt_out_type: str | None) -> Wish:
    """Twilio's verdict is one: STOP is a wish, START and HELP are others."""
    said = (opt_out_type or "").strip().upper()
    if said in _VERDICTS:
        return _VERDICTS[said]
    return wish_of(body)


def _greeting(agent: Agent, say: str | None) -> str:
    name = identity_of(agent).name
    parts = [f"You have reached {name}." if name else "", say or "", _OFFER]
    return " ".join(part for part in parts if part)


async def _link(
    session: AsyncSession, event: InboundEvent, agents: list[Agent], now: datetime
) -> tuple[str, ...]:
    """Each account's waiting call to this person, done with as its agent says."""
    person = _person(event)
    to_tell: list[str] = []
    for account_id in _accounts(agents):
        row = _row(event, account_id, "call", now)
        call = person and await inbound.waiting_call(session, account_id, person.value)
        if call:
            row.call_id, row.action = call.call_id, await _wanted(session, call)
        if await inbound.note(session, row) and call and row.action is not None:
            await inbound.link(session, call, row.action, now)
            to_tell += [call.call_id] if row.action is not Returned.KEEP else []
    return tuple(to_tell)


async def _wanted(session: AsyncSession, call: Call) -> Returned:
    """What the agent of a waiting call says is to become of it."""
    agent = await session.get(Agent, call.agent_id)
    spec = (agent and agent.inbound_spec) or {}
    return Returned(spec.get("waitingCall", Returned.KEEP))


async def _host(session: AsyncSession, event: InboundEvent, agents: list[Agent]) -> Agent:
    """Of the agents that share the number the one that speaks: whose call it was, most likely."""
    person = _person(event)
    sids = [_sid(event, account_id) for account_id in _accounts(agents)]
    known = person and await inbound.known_from(session, event.to, person.value, sids)
    return next((one for id_ in known or () for one in agents if one.agent_id == id_), agents[0])


async def _opt_out(
    session: AsyncSession, person: Endpoint, accounts: Iterable[str], source: str, now: datetime
) -> tuple[str, ...]:
    """For every account at the number: whoever of them called, it was asked to stop."""
    stopped: list[str] = []
    for account_id in accounts:
        done = await opt_out(session, account_id, person.value, source, now)
        stopped += done.call_ids
    return tuple(stopped)


def _person(event: InboundEvent) -> Endpoint | None:
    """Who calls; None for a withheld number."""
    return sender_of(event.from_, event.to)


def _accounts(agents: list[Agent]) -> list[str]:
    return list(dict.fromkeys(agent.account_id for agent in agents))


def _sid(event: InboundEvent, account_id: str) -> str:
    return f"{event.sid}:{account_id}"


def _row(event: InboundEvent, account_id: str, kind: str, now: datetime) -> Inbound:
    person = _person(event)
    return Inbound(
        account_id=account_id,
        kind=kind,
        carrier_sid=_sid(event, account_id),
        from_endpoint=None if person is None else person.value,
        to_endpoint=event.to,
        at=now,
    )
