"""/twilio/inbound/{voice,menu,sms}: calls and texts to an agent's caller IDs.

Point the voice and messaging webhooks of your numbers here. Signed by the carrier, like all of
its requests.
"""

from fastapi import APIRouter, BackgroundTasks, Response

from api.callbacks import inbound
from api.callbacks.inbound import InboundReply
from api.callbacks.routes import Signed, Twiml, parsed
from api.http.deps import Services, Uses
from api.http.openapi import form_body, problem_responses
from api.replan.replan import replan_calls
from telephony.twilio.callbacks import parse_inbound

router = APIRouter(
    prefix="/twilio/inbound", tags=["carrier callbacks"], responses=problem_responses(400, 403, 503)
)

_CALL = {"CallSid": "CA" + "1" * 32, "From": "+12025550123", "To": "+12025550100"}
_NEEDED = ("CallSid", "To")
_TEXT = {"MessageSid": "SM" + "1" * 32, "From": "+12025550123", "To": "+12025550100"}


@router.post("/voice", response_class=Twiml, openapi_extra=form_body(*_NEEDED, **_CALL))
async def voice(form: Signed, uses: Uses, later: BackgroundTasks) -> Response:
    """Somebody calls back. A call that waits for them is linked, completed or paused."""
    event = parsed(parse_inbound, form)
    menu_url = uses.settings.public_url.rstrip("/") + "/twilio/inbound/menu"
    async with uses.db.write() as session:
        answer = await inbound.voice(session, event, menu_url, uses.now())
    return _answered(answer, uses, later)


@router.post("/menu", response_class=Twiml, openapi_extra=form_body(*_NEEDED, **_CALL, Digits="9"))
async def menu(form: Signed, uses: Uses, later: BackgroundTasks) -> Response:
    """What somebody who called back pressed."""
    event = parsed(parse_inbound, form)
    async with uses.db.write() as session:
        answer = await inbound.menu(session, event, form.get("Digits"), uses.now())
    return _answered(answer, uses, later)


@router.post(
    "/sms", response_class=Twiml, openapi_extra=form_body("MessageSid", "To", **_TEXT, Body="STOP")
)
async def sms(form: Signed, uses: Uses, later: BackgroundTasks) -> Response:
    """Somebody writes: STOP and words like it take effect at once, unclear ones are reviewed."""
    event = parsed(parse_inbound, form)
    async with uses.db.write() as session:
        answer = await inbound.text(
            session,
            event,
            form.get("Body", ""),
            form.get("OptOutType"),
            uses.now(),
            holds=uses.settings.hold_unclear_texts,
        )
    return _answered(answer, uses, later)


def _answered(answer: InboundReply, uses: Services, later: BackgroundTasks) -> Twiml:
    if answer.stopped:
        later.add_task(replan_calls, uses, answer.stopped)
    return Twiml(answer.twiml)
