"""/api/v1/calls"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.calls import changes, commands, submission
from api.calls.commands import CancelResult
from api.calls.filters import DATA_FILTER, Filter
from api.calls.preview import CallPreviewView, preview, preview_view
from api.calls.schemas import CallPatch, CallRequest, OutcomeRequest, RescheduleRequest
from api.calls.views import (
    CallDetail,
    CallList,
    CallView,
    QueueList,
    ReportedCall,
    Statistics,
    accepted_view,
    call_detail,
    call_view,
    queued_call_view,
)
from api.calls.workflow_link import workflow_url
from api.http.auth import InUse, KeyFirst, KeyWithin, requires
from api.http.deps import Skip, Take, Uses
from api.http.idempotency import MaybeRepeated
from api.http.json_body import of_call_size
from api.http.openapi import located, problem_responses
from api.http.problems import invalid
from api.promises.schemas import PromiseRequest, PromiseView, promise_view
from policy.promises import PromiseSource
from storage.attempts import attempts
from storage.call_lists import call_list
from storage.calls import decisions
from storage.calls.startable import startable_of
from storage.dispatch.queue_position import waits
from storage.events import event_log
from storage.tables import Account

router = APIRouter(
    prefix="/calls",
    tags=["calls"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("calls:read"))]
Writer = Annotated[Account, Depends(requires(submission.SCOPE))]
Cursor = Annotated[
    str | None, Query(max_length=200, description="`nextCursor` of the page before.")
]


async def create_call(
    body: CallRequest, account: Writer, in_use: InUse, uses: Uses, repeatable: MaybeRepeated
) -> Response:
    """Accept a call. It is committed before this answers, whatever happens afterwards.

    Of reminders the answer is the first; `sequenceId` leads to all of them.
    """
    now = uses.now()
    async with uses.db.write() as session:
        answered = await repeatable.answered(session, account.account_id, now)
        if answered is not None:
            return answered
        made = await submission.submit(session, in_use, body, uses.gatherer, now)
        view = accepted_view(made[0]).model_dump_json(by_alias=True)
        headers = {"Location": f"/api/v1/calls/{made[0]['call_id']}"}
        await repeatable.keep(session, account.account_id, 202, view, headers, now)
    for row in made:
        # A reminder that is not due yet is started when it nearly is.
        if row["next_attempt_at"] is None:
            await commands.start(uses, startable_of(row))
    return Response(view, 202, headers, media_type="application/json")


router.add_api_route(
    "",
    create_call,
    methods=["POST"],
    status_code=202,
    response_model=CallView,
    dependencies=[Depends(of_call_size)],
    responses={**located(202), **problem_responses(409, 422)},
    # The one route that is asked with every call.
    route_class_override=KeyWithin,
)


@router.post(
    "/preview", dependencies=[Depends(of_call_size)], responses=problem_responses(413, 422)
)
async def preview_call(body: CallRequest, account: Writer, uses: Uses) -> CallPreviewView:
    """What would become of a call: refused, as here, dialed, or to wait, and for what.

    Nothing is written. Of reminders it is about the first.
    """
    return preview_view(await preview(uses, account, body), uses.now())


@router.get("", responses=problem_responses(422), openapi_extra=DATA_FILTER)
async def list_calls(
    wanted: Filter,
    account: Reader,
    uses: Uses,
    skip: Skip = 0,
    take: Take = 20,
    cursor: Cursor = None,
) -> CallList:
    """Calls, newest first. Also filters by `additionalData.<key>=<value>`."""
    async with uses.db.survey() as session:
        try:
            page = await call_list.call_page(
                session, account.account_id, wanted, skip=skip, take=take, cursor=cursor
            )
        except call_list.BadCursor:
            raise _bad_cursor() from None
    return _list(page)


@router.get("/queue/list", responses=problem_responses(422), openapi_extra=DATA_FILTER)
async def list_queue(
    wanted: Filter,
    account: Reader,
    uses: Uses,
    skip: Skip = 0,
    take: Take = 20,
    cursor: Cursor = None,
) -> QueueList:
    """Calls that wait or are about to be dialed, with their places in line."""
    now = uses.now()
    async with uses.db.survey() as session:
        try:
            page = await call_list.queue_page(
                session, account.account_id, wanted, skip=skip, take=take, cursor=cursor
            )
        except call_list.BadCursor:
            raise _bad_cursor() from None
        line = await waits(session, account, now, page.rows)
    return QueueList(
        calls=[queued_call_view(row, line.get(row.call_id), now) for row in page.rows],
        total=page.total,
        next_cursor=page.next_cursor,
    )


@router.get("/statistics/statuses", responses=problem_responses(422), openapi_extra=DATA_FILTER)
async def count_statuses(wanted: Filter, account: Reader, uses: Uses) -> Statistics:
    """How many calls have each status."""
    async with uses.db.survey() as session:
        counts = await call_list.status_counts(session, account.account_id, wanted)
    return Statistics.model_validate({"statuses": counts})


@router.get("/{call_id}", responses=problem_responses(404))
async def get_call(call_id: str, account: Reader, uses: Uses) -> CallDetail:
    """One call with its attempts, its decisions and its events in order."""
    now = uses.now()
    async with uses.db.read() as session:
        call = await commands.found(session, account.account_id, call_id)
        line = await waits(session, account, now, [call])
        return call_detail(
            queued_call_view(call, line.get(call_id), now),
            await attempts.of_call(session, call_id),
            await decisions.of_call(session, call_id),
            await event_log.of_call(session, call_id),
            workflow_url(uses.settings, call_id),
        )


@router.patch(
    "/{call_id}",
    dependencies=[Depends(of_call_size)],
    responses=problem_responses(404, 409, 422),
)
async def change_call(call_id: str, body: CallPatch, account: Writer, uses: Uses) -> CallView:
    """Change a call that waits: its priority, deadline, context or pathway. 409 once it is dialed.

    Its place in line follows at once.
    """
    return call_view(await changes.change(uses, account.account_id, call_id, body))


@router.delete(
    "/{call_id}",
    responses={
        202: {"model": CallView, "description": "Will be canceled"},
        **problem_responses(404, 409),
    },
)
async def cancel_call(call_id: str, account: Writer, uses: Uses, response: Response) -> CallView:
    """Cancel a call. 202 while its phone rings, which is stopped, and while its workflow cannot be
    reached; 409 once somebody is on the line."""
    done = await commands.cancel(uses, account.account_id, call_id)
    response.status_code = 200 if done is CancelResult.NOW else 202
    return call_view(await commands.look(uses, account.account_id, call_id))


@router.post("/{call_id}/reschedule", responses=problem_responses(404, 409, 422))
async def reschedule_call(
    call_id: str, body: RescheduleRequest, account: Writer, uses: Uses
) -> CallView:
    """Give a call that waits another earliest time."""
    await commands.reschedule(uses, account.account_id, call_id, body)
    return call_view(await commands.look(uses, account.account_id, call_id))


@router.post("/{call_id}/hangup", status_code=202, responses=problem_responses(404, 409))
async def hang_up_call(call_id: str, account: Writer, uses: Uses) -> CallView:
    """Hang up a live call. Its end is recorded when the carrier confirms it."""
    await commands.hang_up(uses, account.account_id, call_id)
    return call_view(await commands.look(uses, account.account_id, call_id))


@router.post(
    "/{call_id}/promise",
    dependencies=[Depends(of_call_size)],
    responses=problem_responses(404, 409, 422),
)
async def promise_call(
    call_id: str, body: PromiseRequest, account: Writer, uses: Uses
) -> PromiseView:
    """Promise that the person is called at another time.

    It goes before retries and outlives the attempt budget by one attempt; the rules, and the
    call's deadline, go before it. Asked for again, it is the same promise; another time replaces
    it. A call that ended less than an hour ago is followed by another one.
    """
    by = PromiseSource.API
    return promise_view(await commands.promise(uses, account.account_id, call_id, body.at, by))


@router.post("/{call_id}/outcome", responses=problem_responses(404, 409, 422))
async def report_outcome(
    call_id: str, body: OutcomeRequest, account: Writer, uses: Uses
) -> ReportedCall:
    """Report what an answered call came to: during the call, or within an hour of its end.

    With `callBackAt` the person is called again then: see `POST …/promise`.
    """
    call, promise = await commands.report(uses, account.account_id, call_id, body)
    made = None if promise is None else promise_view(promise)
    return ReportedCall(**dict(call_view(call)), promise=made)


def _list(page: call_list.CallPage) -> CallList:
    return CallList(
        calls=[call_view(row) for row in page.rows],
        total=page.total,
        next_cursor=page.next_cursor,
    )


def _bad_cursor() -> Exception:
    return invalid("bad_cursor", "cursor", "This is not a cursor that a list gave.")
