"""What a carrier's callback does: the ledger first, in one transaction; then the TwiML or news.

Every function may run twice, late or in any order: `storage.attempts` is monotone.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.calls import CarrierNews, NewsKind
from policy.call import Outcome
from policy.lifecycle import FINAL_STATES, is_machine
from policy.pathway import choose_branch
from storage import attempts, calls, pathways
from storage.attempts import CarrierUpdate
from storage.specs import detects_machines
from storage.tables import Attempt, Call
from telephony import twiml
from telephony.events import CarrierEvent, GatherInput
from telephony.twilio_wire import callback_urls

log = structlog.get_logger("trunkline.api")

#: A machine is kept on the line this long for the workflow to leave its message.
MACHINE_HOLDS = 90


class UnknownToken(Exception):
    """No attempt has this token."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A callback's attempt, locked, and whether the callback's sid is its own."""

    call: Call
    attempt: Attempt
    is_bound: bool

    @property
    def may_speak(self) -> bool:
        """The admission gate: the bound leg of an attempt that is still open."""
        is_open = self.attempt.settled_at is None and self.attempt.state not in FINAL_STATES
        return self.is_bound and is_open and not self.call.status.is_final

    def news(self, kind: NewsKind) -> CarrierNews:
        return CarrierNews(self.attempt.number, kind)


@dataclass(frozen=True, slots=True)
class Told:
    """What is left to tell the workflow after a callback was written down."""

    call_id: str
    news: list[CarrierNews]


async def locate(session: AsyncSession, token: str, sid: str, now: datetime) -> Leg:
    """The attempt of a token, bound to `sid` if it has no leg yet; raises UnknownToken."""
    seen = await attempts.by_token(session, token)
    if seen is None:
        raise UnknownToken
    attempt = await attempts.reload(session, seen)
    is_bound = await attempts.bind(session, attempt, sid, now)
    call = await calls.load(session, attempt.call_id)
    assert call is not None
    if not is_bound:
        log.warning("second_leg", call_id=call.call_id, attempt=attempt.number)
    return Leg(call, attempt, is_bound)


async def progress(session: AsyncSession, token: str, event: CarrierEvent, now: datetime) -> Told:
    """A status callback."""
    leg = await locate(session, token, event.sid, now)
    if not leg.is_bound or event.status is None:
        return Told(leg.call.call_id, [])
    change = await attempts.apply_carrier_event(session, leg.attempt, _update(event), now)
    ended = [leg.news(NewsKind.ENDED)] if change.ended else []
    return Told(leg.call.call_id, ended)


async def verdict(session: AsyncSession, token: str, event: CarrierEvent, now: datetime) -> Told:
    """Machine detection's answer; it may come after the call has ended."""
    leg = await locate(session, token, event.sid, now)
    if not leg.is_bound or event.answered_by is None:
        return Told(leg.call.call_id, [])
    is_first = await attempts.apply_answered_by(session, leg.attempt, event.answered_by, now)
    machine = [leg.news(NewsKind.MACHINE)] if is_first and leg.may_speak else []
    return Told(leg.call.call_id, machine)


async def recorded(session: AsyncSession, token: str, event: CarrierEvent, now: datetime) -> Told:
    """A recording is there, or will not be."""
    leg = await locate(session, token, event.sid, now)
    if leg.is_bound and event.recording_url is not None:
        leg.attempt.recording_sid = event.recording_sid
        leg.attempt.recording_url = event.recording_url
        session.add(leg.attempt)
    return Told(leg.call.call_id, [])


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a leg hears its TwiML: the public address, and how long a callee is kept waiting."""

    public_url: str
    amd_hold_seconds: float

    async def answer(
        self, session: AsyncSession, token: str, event: CarrierEvent, held: int, now: datetime
    ) -> str:
        """What an answered leg hears first."""
        leg = await locate(session, token, event.sid, now)
        if leg.may_speak and event.status is not None:
            await attempts.apply_carrier_event(session, leg.attempt, _update(event), now)
        if not leg.may_speak:
            return twiml.hangup()
        return self._while_unsure(leg, held) or await self._speak(session, leg, None, now)

    async def go_on(
        self,
        session: AsyncSession,
        token: str,
        heard: GatherInput,
        node: str | None,
        now: datetime,
    ) -> str:
        """What a leg hears after it was asked something at `node`."""
        leg = await locate(session, token, heard.sid, now)
        if not leg.may_speak or node is None:
            return twiml.hangup()
        return await self._speak(session, leg, (node, heard), now)

    def _while_unsure(self, leg: Leg, held: int) -> str | None:
        """Silence until it is known whether a person listens; a machine hears only its message."""
        if not detects_machines(leg.call):
            return None
        found_machine = is_machine(leg.attempt.answered_by)
        limit = MACHINE_HOLDS if found_machine else self.amd_hold_seconds
        if leg.attempt.answered_by is not None and not found_machine:
            return None
        if held < limit:
            return twiml.hold(callback_urls(self.public_url, leg.attempt.token).voice, held)
        return twiml.hangup() if found_machine else None

    async def _speak(
        self,
        session: AsyncSession,
        leg: Leg,
        reply: tuple[str, GatherInput] | None,
        now: datetime,
    ) -> str:
        pathway_id = leg.call.pathway_id
        pathway = pathway_id and await pathways.get(session, leg.call.account_id, pathway_id)
        if not pathway:
            log.error("pathway_missing", call_id=leg.call.call_id)
            return twiml.hangup()
        node = None
        if reply is not None:
            node = _next_node(pathway.definition, *reply)
            if node is None:
                return twiml.hangup()
        rendered = twiml.render(
            pathway.kind,
            pathway.definition,
            leg.call.context,
            urls=callback_urls(self.public_url, leg.attempt.token),
            call_id=leg.call.call_id,
            node=node,
        )
        if rendered.outcome is not None:
            await _report(session, leg.call, Outcome(rendered.outcome), now)
        return rendered.twiml


def _next_node(definition: dict[str, object], node: str, heard: GatherInput) -> str | None:
    """None when the pathway was changed under the call and the node is gone."""
    nodes = definition.get("nodes")
    step = nodes.get(node) if isinstance(nodes, dict) else None
    if not isinstance(step, dict) or step.get("kind") != "gather":
        return None
    return choose_branch(step, heard.digits, heard.speech)


async def _report(session: AsyncSession, call: Call, outcome: Outcome, now: datetime) -> None:
    await calls.report(
        session,
        call,
        outcome=outcome,
        summary=None,
        transcript=None,
        structured=None,
        now=now,
    )


def _update(event: CarrierEvent) -> CarrierUpdate:
    assert event.status is not None
    return CarrierUpdate(
        status=event.status.value,
        answered_by=event.answered_by,
        duration=event.duration,
        at=event.at,
    )
