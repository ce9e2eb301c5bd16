"""/twilio/transfer/{token}…: what the carrier asks while a callee is put through to somebody."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.background import BackgroundTask

from api.callbacks.attempt_updates import UnknownToken
from api.callbacks.deps import Callbacks
from api.callbacks.routes import Signed, Twiml, parsed, spoken
from api.http.deps import Services, Uses
from api.http.openapi import form_body, problem_responses
from policy.pathways.script import MOST_TURNS
from telephony.events import TargetNews
from telephony.twilio.callbacks import (
    parse_conference,
    parse_dialed,
    parse_status,
    parse_target,
    parse_target_status,
)
from telephony.twiml import documents as twiml
from telephony.twiml.verbs import Passage

router = APIRouter(
    prefix="/twilio/transfer/{token}",
    tags=["carrier callbacks"],
    responses=problem_responses(400, 403, 404, 503),
)
_LEG = {"CallSid": "CA" + "1" * 32}
_TARGET = {"CallSid": "CA" + "2" * 32, "ParentCallSid": "CA" + "1" * 32}
_ROOM = {"ConferenceSid": "CF" + "1" * 32, "StatusCallbackEvent": "conference-start"}
Turns = Annotated[int, Query(ge=0, le=MOST_TURNS)]
#: How many documents somebody has waited through.
Held = Annotated[int, Query(ge=0, le=10_000)]
Step = Callable[[AsyncSession, str, str, TargetNews, datetime], Awaitable[str]]


@router.post(
    "",
    response_class=Twiml,
    openapi_extra=form_body("CallSid", "CallStatus", **_LEG, CallStatus="in-progress"),
)
async def transfer(
    token: str,
    form: Signed,
    uses: Uses,
    carrier: Callbacks,
    node: str = "",
    turns: Turns = 0,
    replays: Turns = 0,
) -> Twiml:
    """The callee is put through, or hears why not."""
    event = parsed(parse_status, form)
    try:
        async with uses.db.write() as session:
            said = await carrier.transfers.begin(
                session, token, event, node, Passage(turns, replays), uses.now()
            )
    except UnknownToken:
        return Twiml(twiml.hangup())
    return spoken(said, uses)


@router.post(
    "/{transfer_id}/over",
    response_class=Twiml,
    openapi_extra=form_body("CallSid", "DialCallStatus", **_LEG, DialCallStatus="completed"),
)
async def transfer_over(
    token: str, transfer_id: str, form: Signed, uses: Uses, carrier: Callbacks, turns: Turns = 0
) -> Twiml:
    """The target's leg is over: what the callee hears next."""
    news = parsed(parse_dialed, form)
    try:
        async with uses.db.write() as session:
            said = await carrier.transfers.over(
                session, token, transfer_id, news, Passage(turns), uses.now()
            )
    except UnknownToken:
        return Twiml(twiml.hangup())
    return spoken(said, uses)


@router.post(
    "/{transfer_id}/whisper", response_class=Twiml, openapi_extra=form_body("CallSid", **_TARGET)
)
async def transfer_whisper(
    token: str, transfer_id: str, form: Signed, uses: Uses, carrier: Callbacks
) -> Twiml:
    """What whoever answers for the target is told before the callee is there."""
    return await _to_target(uses, carrier.transfers.whisper, token, transfer_id, form)


@router.post(
    "/{transfer_id}/taken",
    response_class=Twiml,
    openapi_extra=form_body("CallSid", **_TARGET, Digits="1"),
)
async def transfer_taken(
    token: str, transfer_id: str, form: Signed, uses: Uses, carrier: Callbacks
) -> Twiml:
    """They take the call, or they are let go."""
    return await _to_target(uses, carrier.transfers.taken, token, transfer_id, form)


@router.post(
    "/{transfer_id}/target",
    status_code=204,
    openapi_extra=form_body("CallSid", "CallStatus", **_TARGET, CallStatus="completed"),
)
async def transfer_target_status(
    token: str, transfer_id: str, form: Signed, uses: Uses, carrier: Callbacks
) -> None:
    """How the target's own leg fares, in any order, twice, late or never."""
    news = parsed(parse_target_status, form)
    try:
        async with uses.db.write() as session:
            await carrier.transfers.target_ended(session, token, transfer_id, news, uses.now())
    except UnknownToken:
        return


@router.post(
    "/{transfer_id}/hold",
    response_class=Twiml,
    openapi_extra=form_body("CallSid", "CallStatus", **_LEG, CallStatus="in-progress"),
)
async def transfer_hold(
    token: str, transfer_id: str, form: Signed, uses: Uses, carrier: Callbacks, held: Held = 0
) -> Twiml:
    """Of a warm transfer: the callee waits, meets the target, or goes on without."""
    event = parsed(parse_status, form)
    try:
        async with uses.db.write() as session:
            said = await carrier.warm.hold(session, token, transfer_id, event, held, uses.now())
    except UnknownToken:
        return Twiml(twiml.hangup())
    if said.to_dial is None:
        return spoken(said, uses)
    dial = said.to_dial
    tell = BackgroundTask(carrier.notifier.put_through, dial.call_id, dial.transfer_id)
    return Twiml(said.twiml, background=tell)


@router.post(
    "/{transfer_id}/enter", response_class=Twiml, openapi_extra=form_body("CallSid", **_TARGET)
)
async def transfer_enter(
    token: str, transfer_id: str, form: Signed, uses: Uses, carrier: Callbacks
) -> Twiml:
    """Of a warm transfer: whoever took the call goes to the callee, once they are there."""
    return await _to_target(uses, carrier.warm.enter, token, transfer_id, form)


@router.post(
    "/{transfer_id}/wait", response_class=Twiml, openapi_extra=form_body("CallSid", **_LEG)
)
async def transfer_wait(token: str, transfer_id: str, form: Signed, carrier: Callbacks) -> Twiml:
    """Of a warm transfer: who is first in the conference hears this."""
    parsed(parse_target, form)
    return Twiml(carrier.warm.waiting_room(token, transfer_id))


@router.post(
    "/{transfer_id}/conference",
    status_code=204,
    openapi_extra=form_body("ConferenceSid", "StatusCallbackEvent", **_ROOM),
)
async def transfer_conference(
    token: str, transfer_id: str, form: Signed, uses: Uses, carrier: Callbacks
) -> None:
    """Of a warm transfer: callee and target have met."""
    news = parsed(parse_conference, form)
    try:
        async with uses.db.write() as session:
            await carrier.warm.met(session, token, transfer_id, news, uses.now())
    except UnknownToken:
        return


async def _to_target(
    uses: Services, step: Step, token: str, transfer_id: str, form: Signed
) -> Twiml:
    """The target's leg is heard only while its transfer is under way; any other is hung up."""
    news = parsed(parse_target, form)
    try:
        async with uses.db.write() as session:
            return Twiml(await step(session, token, transfer_id, news, uses.now()))
    except UnknownToken:
        return Twiml(twiml.hangup())
