"""/twilio/{voice,gather,status,amd,recording}/{token}: what the carrier asks and tells.

The signature is checked before a route runs: what is not from the carrier is neither parsed nor
logged. Most requests come by `direct`, past FastAPI, which describes the routes and takes the rest.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

from fastapi import APIRouter, BackgroundTasks, Depends, Path, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.background import BackgroundTask

from api.callbacks import attempt_updates, text_updates
from api.callbacks.attempt_updates import AttemptUpdate, UnknownToken
from api.callbacks.deps import Callbacks, CallbackServices
from api.callbacks.signatures import signers_of
from api.callbacks.text_updates import UnknownText
from api.callbacks.voice_response import VoiceReply
from api.http.deps import Services, Uses
from api.http.openapi import form_body, problem_responses
from api.http.problems import Problem, away, not_found
from api.replan.replan import replan_calls
from api.temporal_client import TemporalAway
from observability.metrics import CALLBACKS_REFUSED
from policy.pathways.script import MOST_TURNS
from telephony.events import (
    CarrierEvent,
    ConferenceNews,
    Form,
    GatherInput,
    InboundEvent,
    Signers,
    TargetNews,
    TextEvent,
)
from telephony.twilio.callbacks import (
    BadCallback,
    parse_amd,
    parse_gather,
    parse_recording,
    parse_status,
    parse_text_status,
)
from telephony.twiml import documents as twiml
from telephony.twiml.verbs import Passage

router = APIRouter(
    prefix="/twilio", tags=["carrier callbacks"], responses=problem_responses(400, 403, 503)
)

SIGNATURE = "X-Twilio-Signature"
#: The carrier's longest callbacks have about fifty.
MAX_FIELDS = 200
#: Of every callback; the examples of what it says besides stand with its route.
_LEG = {"CallSid": "CA" + "1" * 32}
_FORGED = CALLBACKS_REFUSED.labels("signature")
Said = TypeVar(
    "Said", CarrierEvent, ConferenceNews, GatherInput, InboundEvent, TargetNews, TextEvent
)
Write = Callable[[AsyncSession, str, CarrierEvent, datetime], Awaitable[AttemptUpdate]]


class Twiml(Response):
    """What a leg does next."""

    media_type = "text/xml"


class SignedForm(dict[str, str]):
    """What the carrier says, and whose token it signed that with."""

    signers: Signers = None


async def signed_form(uses: Services, body: bytes, address: str, signature: str) -> SignedForm:
    """The form of a request that the carrier signed; raises a 403 for anything else."""
    pairs = _pairs(body.decode("utf-8", "replace"))
    try:
        signers = await signers_of(uses, address, pairs, signature)
    except Problem:
        _FORGED.inc()
        raise
    # No database of ours keeps a NUL, and no word of the carrier's has one.
    form = SignedForm((name, value.replace("\0", "")) for name, value in pairs)
    form.signers = signers
    return form


def address_of(uses: Services, path: str, query: str) -> str:
    """What the carrier was told to ask, and has signed."""
    base = uses.settings.public_url.rstrip("/") + path
    return f"{base}?{query}" if query else base


async def verified_form(request: Request, uses: Uses) -> SignedForm:
    """`signed_form` of a request."""
    address = address_of(uses, request.url.path, request.url.query)
    signature = request.headers.get(SIGNATURE, "")
    return await signed_form(uses, await request.body(), address, signature)


Signed = Annotated[SignedForm, Depends(verified_form)]
Step = Annotated[int, Path(ge=0, le=1_000_000)]


@router.post(
    "/voice/{token}",
    response_class=Twiml,
    openapi_extra=form_body("CallSid", "CallStatus", **_LEG, CallStatus="in-progress"),
)
async def voice(
    token: str,
    form: Signed,
    uses: Uses,
    carrier: Callbacks,
    held: int = 0,
) -> Response:
    """What the leg hears. The admission gate: any leg but the bound one is hung up."""
    event = parsed(parse_status, form)
    try:
        async with uses.db.write() as session:
            said = await carrier.voice.answer(session, token, event, held, uses.now())
    except UnknownToken:
        return Twiml(twiml.hangup())
    return spoken(said, uses)


@router.post(
    "/gather/{token}",
    response_class=Twiml,
    openapi_extra=form_body("CallSid", **_LEG, Digits="1"),
)
async def gather(
    token: str,
    form: Signed,
    uses: Uses,
    carrier: Callbacks,
    node: str | None = None,
    turns: Annotated[int, Query(ge=0, le=MOST_TURNS)] = 0,
    replays: Annotated[int, Query(ge=0, le=MOST_TURNS)] = 0,
) -> Response:
    """What the leg hears after it pressed or said something."""
    return await gather_later(token, 0, form, uses, carrier, node, turns, replays)


@router.post("/gather/{token}/{step}", response_class=Twiml, include_in_schema=False)
async def gather_later(
    token: str,
    step: Step,
    form: Signed,
    uses: Uses,
    carrier: Callbacks,
    node: str | None = None,
    turns: Annotated[int, Query(ge=0, le=MOST_TURNS)] = 0,
    replays: Annotated[int, Query(ge=0, le=MOST_TURNS)] = 0,
) -> Response:
    """The same after earlier answers: `step` is their number, so that no two answers are alike."""
    heard = parsed(parse_gather, form)
    passage = Passage(turns, replays)
    try:
        async with uses.db.write() as session:
            said = await carrier.voice.go_on(
                session, token, heard, node, passage, uses.now(), step=step
            )
    except UnknownToken:
        return Twiml(twiml.hangup())
    return spoken(said, uses)


@router.post(
    "/status/{token}",
    status_code=204,
    responses=problem_responses(404),
    openapi_extra=form_body("CallSid", "CallStatus", **_LEG, CallStatus="completed"),
)
async def status(token: str, form: Signed, uses: Uses, carrier: Callbacks) -> None:
    """Progress of a leg, in any order, twice, late or never."""
    await _write(uses, carrier, attempt_updates.progress, token, parsed(parse_status, form))


@router.post(
    "/amd/{token}",
    status_code=204,
    responses=problem_responses(404),
    openapi_extra=form_body("CallSid", "AnsweredBy", **_LEG, AnsweredBy="human"),
)
async def amd(token: str, form: Signed, uses: Uses, carrier: Callbacks) -> None:
    """Whether a person or a machine answered."""
    await _write(uses, carrier, attempt_updates.verdict, token, parsed(parse_amd, form))


@router.post(
    "/recording/{token}",
    status_code=204,
    responses=problem_responses(404),
    openapi_extra=form_body(
        "CallSid",
        "RecordingSid",
        **_LEG,
        RecordingSid="RE" + "1" * 32,
        RecordingStatus="completed",
    ),
)
async def recording(token: str, form: Signed, uses: Uses, carrier: Callbacks) -> None:
    """A recording is ready."""
    await _write(uses, carrier, attempt_updates.recorded, token, parsed(parse_recording, form))


@router.post(
    "/texts/{text_id}",
    status_code=204,
    responses=problem_responses(404),
    openapi_extra=form_body(
        "MessageSid", "MessageStatus", MessageSid="SM" + "1" * 32, MessageStatus="delivered"
    ),
)
async def text_status(text_id: str, form: Signed, uses: Uses, later: BackgroundTasks) -> None:
    """What became of a text of a campaign."""
    event = parsed(parse_text_status, form)
    try:
        async with uses.db.write() as session:
            stopped = await text_updates.told(session, text_id, event, uses.now())
    except UnknownText:
        raise not_found("text") from None
    if stopped:
        later.add_task(replan_calls, uses, stopped)


async def _write(
    uses: Services, carrier: CallbackServices, write: Write, token: str, event: CarrierEvent
) -> None:
    """Ledger first; then the news. A 503 asks the carrier to repeat what could not be told."""
    try:
        async with uses.db.write() as session:
            told = await write(session, token, event, uses.now())
    except UnknownToken:
        raise not_found("attempt") from None
    try:
        await carrier.notifier.tell(told.call_id, told.news)
    except TemporalAway:
        raise away("Temporal") from None


def _pairs(body: str) -> list[tuple[str, str]]:
    """Name and value, blank ones included; a form of too many is refused unread."""
    try:
        return parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        detail = f"The form has more than {MAX_FIELDS} fields."
        raise Problem(400, "bad_callback", detail) from None


def parsed(parse: Callable[[Form], Said], form: SignedForm) -> Said:
    """What a form says; a 400 problem where it lacks what it must say."""
    try:
        said = parse(form)
        return said if form.signers is None else replace(said, signed_by=form.signers)
    except BadCallback as exc:
        raise Problem(400, "bad_callback", f"{exc}.") from None


def spoken(said: VoiceReply, uses: Services) -> Twiml:
    """The document; the calls that it stops are told after it went out."""
    later = BackgroundTask(replan_calls, uses, said.stopped) if said.stopped else None
    return Twiml(said.twiml, background=later)
