"""/dashboard/calls/{call_id}/reschedule: another time, deadline or priority of a call."""

from dataclasses import dataclass, replace
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request, Response
from pydantic import ValidationError

from api.calls import changes, commands
from api.calls.routes import Reader, Writer
from api.calls.schemas import CallPatch, RescheduleRequest
from api.http.deps import Services, Uses
from api.http.problems import Problem, field_error, invalid, refused
from api.http.schema import JsonObject
from dashboard.calls.call_form import said_at
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import whole_number
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from policy.model.call import Refusal
from storage.tables import Account, Call

router = APIRouter(prefix="/calls", route_class=SignedIn)
_MINUTE = "%Y-%m-%dT%H:%M"
Text = Annotated[str, Form(max_length=40)]


@dataclass(frozen=True, slots=True)
class NewTimes:
    """As they are typed, on the clocks of the call's own zone."""

    when: str = "at"
    at: str = ""
    deadline: str = ""
    priority: str = "5"


@router.get("/{call_id}/reschedule")
async def reschedule_page(
    call_id: str, request: Request, account: Writer, _reader: Reader, uses: Uses
) -> Response:
    """The form, as the call is now."""
    call = await commands.look(uses, account.account_id, call_id)
    return await _form(request, call, _times_of(call), FormErrors())


@router.post("/{call_id}/reschedule")
async def reschedule_call(
    call_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    when: Text = "at",
    at: Text = "",
    deadline: Text = "",
    priority: Text = "5",
) -> Response:
    """Change what is different."""
    call = await commands.look(uses, account.account_id, call_id)
    said = NewTimes(when, at, deadline, priority)
    try:
        await _change(uses, account, call, said)
    except Problem as problem:
        if problem.status != 422:
            raise
        return await _form(request, call, said, said_at(problem))
    return await back(request, f"/dashboard/calls/{call_id}", "rescheduled")


async def _change(uses: Services, account: Account, call: Call, said: NewTimes) -> None:
    before = _times_of(call)
    try:
        patch = CallPatch.model_validate(_patch(before, said))
        later = None
        if said.when == "now":
            later = RescheduleRequest.model_validate({"notBefore": uses.now().isoformat()})
        elif said.at != before.at:
            if not said.at:
                raise invalid("required", "schedule.notBefore", "Choose a day and a time.")
            later = RescheduleRequest.model_validate({"notBefore": f"{said.at}:00"})
    except ValidationError as exc:
        raise refused([_named(field_error(error)) for error in exc.errors()]) from None
    if patch.model_fields_set:
        await changes.change(uses, account.account_id, call.call_id, patch)
    if later is not None:
        try:
            await commands.reschedule(uses, account.account_id, call.call_id, later)
        except Problem as problem:
            if problem.status == 422:
                raise refused([_named(error) for error in problem.errors]) from None
            raise


def _named(refusal: Refusal) -> Refusal:
    """A new time is one of the schedule."""
    is_time = refusal.field == "notBefore"
    return replace(refusal, field="schedule.notBefore") if is_time else refusal


def _patch(before: NewTimes, said: NewTimes) -> JsonObject:
    found: JsonObject = {}
    if said.priority != before.priority:
        found["priority"] = whole_number(said.priority)
    if said.deadline != before.deadline:
        found["callDeadline"] = f"{said.deadline}:00" if said.deadline else None
    return found


def _times_of(call: Call) -> NewTimes:
    zone = ZoneInfo(call.timezone)
    return NewTimes(
        at=f"{call.not_before.astimezone(zone):{_MINUTE}}" if call.not_before else "",
        deadline=f"{call.call_deadline.astimezone(zone):{_MINUTE}}" if call.call_deadline else "",
        priority=str(call.priority),
    )


async def _form(request: Request, call: Call, said: NewTimes, errors: FormErrors) -> Response:
    return await page(
        request,
        "calls/reschedule.html",
        422 if errors else 200,
        call=call,
        said=said,
        errors=errors,
    )
