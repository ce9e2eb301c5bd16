"""What an answered leg hears: the preamble and the pathway, or the way out for who wants none."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from api.callbacks.attempt_updates import CallbackLeg, UnknownToken, bound, update_of
from api.callbacks.pathway_promises import PathwayPromises
from policy.calls.attempt_lifecycle import is_left_to_machine, is_machine
from policy.calls.person_evidence import proves_person
from policy.compliance.disclosures import OPT_OUT_KEY, preamble
from policy.model.call import Outcome
from policy.model.purposes import Notice
from policy.pathways.answers import answer_of
from policy.pathways.pathway import takes_opt_out_key
from policy.pathways.private_nodes import is_confirmed
from policy.pathways.script import LONGEST_TALK
from storage.attempts import attempts, callback_legs
from storage.attempts.callback_legs import SpeakingLeg
from storage.calls import calls
from storage.compliance.opt_out import opt_out
from storage.database.changes import write_changes
from storage.facts.disclosures import identity_of
from storage.facts.gather import FactGatherer
from storage.number_hash import ERASED
from storage.tables import Agent, Attempt, Call, Pathway
from storage.tables.specs import detects_machines
from storage.transfers import transfers
from telephony.events import CarrierEvent, GatherInput
from telephony.twilio.callbacks import callback_urls
from telephony.twiml import documents as twiml
from telephony.twiml.verbs import BEGINNING, Passage

log = structlog.get_logger("trunkline.api")

#: A machine is kept on the line this long for the workflow to leave its message.
MACHINE_HOLDS = 90


@dataclass(frozen=True, slots=True)
class ToDial:
    """A warm transfer whose target nobody has dialed yet."""

    call_id: str
    transfer_id: str


@dataclass(frozen=True, slots=True)
class VoiceReply:
    """What the leg hears, and the calls that are to decide again because of what it said.

    `to_dial`: what the call's workflow is to be told after it went out.
    """

    twiml: str
    stopped: tuple[str, ...] = ()
    to_dial: ToDial | None = None


@dataclass(frozen=True, slots=True)
class VoiceResponder:
    """Where a leg hears its TwiML: the public address, and how long a callee is kept waiting."""

    public_url: str
    amd_hold_seconds: float
    gatherer: FactGatherer

    async def answer(
        self, session: AsyncSession, token: str, event: CarrierEvent, held: int, now: datetime
    ) -> VoiceReply:
        """What an answered leg hears first."""
        held_leg = await found_leg(session, token)
        leg = await bound(session, held_leg, event, now)
        waiting = self._while_unsure(leg, held)
        if not leg.may_speak:
            return HANG_UP
        if waiting is None:
            leg.attempt.served_at = leg.attempt.served_at or now
        else:
            # Silence is nothing heard, but as long as it lasts we are here.
            leg.attempt.held_seconds = max(leg.attempt.held_seconds or 0, held + 1)
            leg.attempt.held_at = now
        if event.status is not None:
            await attempts.apply_carrier_event(session, leg.attempt, update_of(event, now), now)
        if waiting is not None:
            return VoiceReply(waiting)
        return await self.speak(session, leg, held_leg, None, now)

    async def go_on(
        self,
        session: AsyncSession,
        token: str,
        heard: GatherInput,
        node: str | None,
        passage: Passage,
        now: datetime,
        *,
        step: int = 0,
    ) -> VoiceReply:
        """What a leg hears after it was asked something, or was told what had to be said.

        An answer that the carrier repeats is answered as before, and nothing is done anew.
        Whatever the pathway's circles, there is an end to it: of turns and of time.
        """
        held_leg = await found_leg(session, token)
        leg, pathway = await bound(session, held_leg, heard, now), held_leg.pathway
        definition = pathway.definition if pathway else {}
        by_key = _takes_key(leg.attempt, pathway)
        answer = answer_of(definition, node or "", heard.digits, heard.speech, by_key=by_key)
        asks_out, onward = answer.asks_out, answer.onward
        is_taken = asks_out or bool(answer.matched)
        if leg.is_bound and _is_person(leg.attempt, heard, is_taken=is_taken):
            await attempts.note_person(session, leg.attempt, now)
        taken = _take(leg.attempt, f"{step}:{node}:{OPT_OUT_KEY if asks_out else onward}")
        if not leg.may_speak or node is None:
            # Told late, perhaps after the leg's end: the call is over, the wish is not.
            late = asks_out and not taken.is_repeated
            return await _stop_later_calls(session, leg, now) if late else HANG_UP
        if asks_out and not answer.in_its_words:
            return await _opt_out(session, leg, held_leg.agent, now, taken)
        if onward is None or await _has_lasted(session, leg, passage, now):
            return HANG_UP
        await write_changes(session, leg.attempt)
        return await self.speak(session, leg, held_leg, onward, now, passage.after(node), taken)

    def _while_unsure(self, leg: CallbackLeg, held: int) -> str | None:
        """Silence until it is known whether a person listens; a machine hears only its message."""
        if not detects_machines(leg.call):
            return None
        is_person = leg.attempt.person_at is not None
        found_machine = is_left_to_machine(leg.attempt.answered_by, heard_person=is_person)
        limit = MACHINE_HOLDS if found_machine else self.amd_hold_seconds
        if (is_person or leg.attempt.answered_by is not None) and not found_machine:
            return None
        if held < limit:
            return twiml.hold(callback_urls(self.public_url, leg.attempt.token).voice, held)
        return twiml.hangup() if found_machine else None

    async def speak(
        self,
        session: AsyncSession,
        leg: CallbackLeg,
        speaks: SpeakingLeg,
        node: str | None,
        now: datetime,
        passage: Passage = BEGINNING,
        taken: "_Taken | None" = None,
        transfer: str = "",
    ) -> VoiceReply:
        """The pathway from a node on; None: from its beginning, after the preamble.

        `transfer`: what an AI agent is told of the transfer that it asked for.
        """
        pathway, agent = speaks.pathway, speaks.agent
        if pathway is None:
            log.error("pathway_missing", call_id=leg.call.call_id)
            return HANG_UP
        urls = callback_urls(self.public_url, leg.attempt.token)
        if taken is not None:
            urls = replace(urls, gather=f"{urls.gather}/{taken.number}")
        begins = replace(
            preamble(map(Notice, leg.attempt.notices), identity_of(agent)),
            # Also where no rule asks for it to be named.
            offers_opt_out=_takes_key(leg.attempt, pathway),
        )
        has_person = _is_confirmed(leg.attempt)
        render = partial(
            twiml.render,
            pathway.kind,
            pathway.definition,
            leg.call.context,
            urls=urls,
            call_id=leg.call.call_id,
            node=node,
            # What was said is not said again; the key that it named goes on to work.
            preamble=begins if node is None else replace(begins, text=""),
            passage=passage,
            is_confirmed=has_person,
            transfer=transfer,
        )
        promises = PathwayPromises(self.gatherer, leg, pathway, now, has_person)
        rendered = render(promised=promises.made)
        while rendered.asks is not None:
            await promises.make(session, rendered.asks)
            rendered = render(promised=promises.made)
        if rendered.withheld is not None:
            log.warning("private_withheld", call_id=leg.call.call_id)
        if rendered.outcome is None or (taken is not None and taken.is_repeated):
            return VoiceReply(rendered.twiml)
        stopped = await _report(session, leg.call, Outcome(rendered.outcome), now)
        return VoiceReply(rendered.twiml, stopped)


HANG_UP = VoiceReply(twiml.hangup())


async def _has_lasted(
    session: AsyncSession, leg: CallbackLeg, passage: Passage, now: datetime
) -> bool:
    """Whether a script has had its turns, or its time: that of others they were put through to
    is not its own.
    """
    if passage.is_last:
        return True
    answered, longest = leg.attempt.answered_at, timedelta(seconds=LONGEST_TALK)
    if answered is None or now - answered <= longest:
        return False
    return now - answered - await transfers.time_of_others(session, leg.attempt) > longest


@dataclass(frozen=True, slots=True)
class _Taken:
    """An answer of a leg: its number, counted from 1, and whether it came before."""

    number: int
    is_repeated: bool


def _take(attempt: Attempt, answer: str) -> _Taken:
    """Notes an answer, known by the question's number and node and by where it leads."""
    heard = attempt.heard or []
    if answer in heard:
        return _Taken(heard.index(answer) + 1, is_repeated=True)
    attempt.heard = [*heard, answer]
    return _Taken(len(attempt.heard), is_repeated=False)


def _is_person(attempt: Attempt, heard: GatherInput, *, is_taken: bool) -> bool:
    found_machine = is_machine(attempt.answered_by)
    return proves_person(heard.digits, heard.speech, is_taken=is_taken, found_machine=found_machine)


def _is_confirmed(attempt: Attempt) -> bool:
    """Whether it is known that a person listens, as private nodes ask for."""
    return is_confirmed(attempt.answered_by, heard_person=attempt.person_at is not None)


def _takes_key(attempt: Attempt, pathway: Pathway | None) -> bool:
    """Whether the key opts out of this call."""
    announced = Notice.OPT_OUT.value in attempt.notices
    if pathway is None:
        return announced
    return takes_opt_out_key(pathway.kind, pathway.definition, announced=announced)


async def found_leg(session: AsyncSession, token: str) -> SpeakingLeg:
    """The leg of a token, held; raises UnknownToken."""
    held = await callback_legs.with_speaker(session, token)
    if held is None:
        raise UnknownToken
    return held


async def _opt_out(
    session: AsyncSession, leg: CallbackLeg, agent: Agent, now: datetime, taken: _Taken
) -> VoiceReply:
    """The person asks not to be called again: said, and done at once."""
    stopped: tuple[str, ...] = ()
    if not taken.is_repeated:
        stopped = await _report(session, leg.call, Outcome.OPTED_OUT, now)
    return VoiceReply(twiml.say_and_hang_up(identity_of(agent).goodbye), stopped)


async def _stop_later_calls(session: AsyncSession, leg: CallbackLeg, now: datetime) -> VoiceReply:
    """The person asks not to be called again in a call of which nothing more is to be said."""
    call = leg.call
    if call.endpoint.startswith(ERASED):
        return HANG_UP
    done = await opt_out(
        session, call.account_id, call.endpoint, "pathway", now, call_id=call.call_id
    )
    return VoiceReply(twiml.hangup(), done.call_ids)


async def _report(
    session: AsyncSession, call: Call, outcome: Outcome, now: datetime
) -> tuple[str, ...]:
    """Notes the outcome; an opt-out takes effect at once. Ids of the calls that it stops."""
    await calls.report(
        session,
        call,
        outcome=outcome,
        summary=None,
        transcript=None,
        structured=None,
        now=now,
    )
    if outcome is not Outcome.OPTED_OUT:
        return ()
    call_id = call.call_id
    done = await opt_out(session, call.account_id, call.endpoint, "pathway", now, call_id=call_id)
    return tuple(one for one in done.call_ids if one != call_id)
