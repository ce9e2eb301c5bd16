"""/api/v1/calls/bulk"""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from pydantic_core import to_json

from api.calls import bulk
from api.calls.bulk import BulkBatch
from api.calls.bulk_schemas import MAX_ROWS, BulkRequest, BulkResult, body_schema
from api.http.auth import KeyFirst, requires
from api.http.body_limits import MAX_BULK
from api.http.deps import Uses
from api.http.idempotency import IdempotentRequest, KeyHeader
from api.http.json_body import fingerprint_of, holds_nul, storable_text, text_of
from api.http.openapi import problem_responses
from api.http.problems import field_error, invalid, refused
from api.http.schema import JsonObject
from api.http.values import stated_country
from storage.tables import Account

router = APIRouter(
    prefix="/calls",
    tags=["calls"],
    responses=problem_responses(401, 403, 503),
    route_class=KeyFirst,
)

Writer = Annotated[Account, Depends(requires("calls:write"))]

_CONTENT = {"application/json": {"schema": body_schema()}}


@router.post(
    "/bulk",
    status_code=202,
    max_body_size=MAX_BULK,
    openapi_extra={"requestBody": {"required": True, "content": _CONTENT}},
    responses={
        202: {"model": BulkResult, "description": "All rows are accepted"},
        207: {"model": BulkResult, "description": "Some or all rows are refused"},
        **problem_responses(409, 413, 422),
    },
)
async def create_calls(
    request: Request, account: Writer, uses: Uses, key: KeyHeader = None
) -> Response:
    """Accept up to 10,000 calls. A row that is refused does not keep the others from being made.

    The accepted rows are committed before this answers; their workflows are started right after.
    """
    body = await request.body()
    sent = _parsed(body)
    text = text_of(sent)
    batch = _batch(sent, is_storable=text is not None and not holds_nul(text))
    now = uses.now()
    repeatable = IdempotentRequest(key, fingerprint_of(body, text))
    async with uses.db.read() as session:
        answered = await repeatable.answered(session, account.account_id, now)
        if answered is not None:
            return answered
        submission = await bulk.load(session, account, batch, uses.gatherer, now)
    found = await bulk.draft_rows(batch, submission)
    async with uses.db.read() as session:
        people = await submission.people(session, found.drafts)
    await bulk.examine(found, submission, people)
    async with uses.db.write() as session:
        answered = await repeatable.answered(session, account.account_id, now)
        if answered is not None:
            return answered
        await bulk.store(session, found, now)
        view = bulk.answer(batch, found, now)
        status = 207 if view["rejected"] else 202
        await repeatable.keep(session, account.account_id, status, view, {}, now)
    # Thousands of rows: Python's own encoder would take six times as long.
    return Response(to_json(view), status, media_type="application/json")


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise invalid("invalid_json", "", "The body is not JSON.") from None


def _batch(sent: Any, *, is_storable: bool) -> BulkBatch:
    if isinstance(sent, list):
        _require_some(len(sent))
        return BulkBatch(sent, {}, is_storable)
    if isinstance(sent, dict) and isinstance(sent.get("calls"), list):
        _require_some(len(sent["calls"]))
    try:
        said = BulkRequest.model_validate(sent)
    except ValidationError as exc:
        raise refused([field_error(error) for error in exc.errors(include_url=False)]) from None
    return BulkBatch(said.calls, _defaults(said, sent), is_storable)


def _require_some(rows: int) -> None:
    if rows == 0:
        raise invalid("required", "calls", "There are no calls.")
    if rows > MAX_ROWS:
        raise invalid("too_many_rows", "calls", f"There are more than {MAX_ROWS} calls.")


def _defaults(said: BulkRequest, sent: JsonObject) -> JsonObject:
    """As they were sent: what they mean is worked out with each row."""
    found: JsonObject = {**sent.get("defaults", {})}
    if said.agent_id is not None:
        found["agentId"] = said.agent_id
    if said.default_country is not None:
        found["defaultCountry"] = stated_country(said.default_country)
    if said.allow_duplicate:
        found["allowDuplicate"] = True
    try:
        storable_text(found)
    except (ValueError, RecursionError):
        raise invalid("invalid_json", "defaults", "This is not JSON that can be stored.") from None
    return found
