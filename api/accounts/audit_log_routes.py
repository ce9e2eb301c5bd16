"""/api/v1/audit-log: who changed what, and when."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ConfigDict, Field

from api.files.csv_writer import line
from api.http.auth import KeyFirst, requires
from api.http.deps import Services, Take, Uses
from api.http.openapi import problem_responses
from api.http.problems import invalid
from api.http.schema import Identifier, JsonObject, MomentOfFilter, View
from storage.accounts import audit_log
from storage.accounts.audit_log import AuditFilter
from storage.database.pagination import BadCursor, decode, encode
from storage.tables import Account, AuditEntry

router = APIRouter(
    prefix="/audit-log",
    tags=["audit log"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("audit_log:read"))]
Cursor = Annotated[
    str | None, Query(max_length=200, description="`nextCursor` of the page before.")
]
#: As many as a file holds; the rest is had with `until`.
MOST_LINES = 50_000
_LARGEST = 2**63 - 1
_ENTRY: JsonObject = {
    "entryId": 1017,
    "at": "2027-03-01T09:00:00Z",
    "actorKind": "key",
    "actorId": "0f8a1c52-6f0e-4a38-9a5b-3d0b8f6f1a77",
    "actor": "key nightly import",
    "via": "api",
    "action": "change_agent",
    "objectId": "7f0a3a0e-2f0b-4a6e-9a0e-6b7f0f9f2a10",
    "fields": ["maxConcurrent", "name"],
}


class AuditEntryView(View):
    """One change. It names fields and never says what they hold."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENTRY]})

    entry_id: int
    at: datetime
    actor_kind: str = Field(description="`key` or `person`.")
    actor_id: str
    actor: str = Field(description="How the actor was called then.")
    via: str = Field(description="`api` or `page`.")
    action: str = Field(description="The operation as this document names it, or a page's own.")
    object_id: str | None
    fields: list[str] = Field(description="What the request named at its top.")


class AuditLog(View):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"entries": [_ENTRY], "total": 1, "nextCursor": None}]}
    )

    entries: list[AuditEntryView]
    total: int
    next_cursor: str | None


async def _wanted(
    actor_id: Annotated[
        Identifier | None,
        Query(alias="actorId", description="The id of a key, or of a person: `memberId`."),
    ] = None,
    action: Annotated[Identifier | None, Query()] = None,
    object_id: Annotated[Identifier | None, Query(alias="objectId")] = None,
    since: Annotated[MomentOfFilter | None, Query()] = None,
    until: Annotated[MomentOfFilter | None, Query()] = None,
) -> AuditFilter:
    return AuditFilter(actor_id, action, object_id, since, until)


Wanted = Annotated[AuditFilter, Depends(_wanted)]


@router.get("", responses=problem_responses(422))
async def list_audit_log(
    account: Reader, uses: Uses, wanted: Wanted, take: Take = 50, cursor: Cursor = None
) -> AuditLog:
    """Changes of everything in the account, the newest first. Single calls tell by their events."""
    before = _place(cursor)
    async with uses.db.browse() as session:
        rows = await audit_log.page(session, account.account_id, wanted, take + 1, before)
        total = await audit_log.count(session, account.account_id, wanted)
    shown = [entry_view(row) for row in rows[:take]]
    more = encode(shown[-1].entry_id) if len(rows) > take else None
    return AuditLog(entries=shown, total=total, next_cursor=more)


@router.get(
    ".csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **problem_responses(422)},
)
async def export_audit_log(account: Reader, uses: Uses, wanted: Wanted) -> Response:
    """The same as CSV, the newest 50,000 entries at most."""
    text = await _lines(uses, account, wanted)
    headers = {"Content-Disposition": 'attachment; filename="audit-log.csv"'}
    return Response(text, media_type="text/csv", headers=headers)


async def _lines(uses: Services, account: Account, wanted: AuditFilter) -> str:
    async with uses.db.browse() as session:
        rows = await audit_log.page(session, account.account_id, wanted, MOST_LINES)
    names = ("at", "actor", "actor_id", "via", "action", "object_id")
    head = line("at", "actor", "actorId", "via", "action", "objectId", "fields")
    return head + "".join(
        line(*(getattr(row, name) for name in names), " ".join(row.fields)) for row in rows
    )


def entry_view(row: AuditEntry) -> AuditEntryView:
    """The row as the API shows it."""
    return AuditEntryView(**{name: getattr(row, name) for name in AuditEntryView.model_fields})


def _place(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    try:
        (entry_id,) = decode(cursor, int)
    except BadCursor:
        entry_id = -1
    if not 0 <= entry_id <= _LARGEST:
        raise invalid("bad_cursor", "cursor", "Must be what an earlier answer gave.")
    return int(entry_id)
