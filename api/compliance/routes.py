"""/api/v1/compliance: rules, overlays, waivers, and why a call may or may not be made."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Body, Depends, Query
from fastapi.responses import StreamingResponse

from api.compliance import exports, overlay_service, waiver_service
from api.compliance.explain import HypotheticalCall, explain
from api.compliance.overlay_schema import body_schema
from api.compliance.rule_schemas import (
    OVERLAY_EXAMPLE,
    Explanation,
    OverlayList,
    OverlayView,
    RuleList,
    WaiverList,
    WaiverRequest,
    WaiverView,
    overlay_view,
    rule_view,
    waiver_view,
)
from api.http.actor import By
from api.http.auth import KeyFirst, requires
from api.http.deps import DryRun, Skip, Take, Uses
from api.http.json_body import storable
from api.http.openapi import problem_responses
from api.http.problems import invalid, not_found
from api.http.schema import (
    Country,
    EndpointText,
    JsonObject,
    Moment,
    Zone,
)
from api.http.values import read_endpoint, unknown_zone
from api.replan.dry_run import WhatIf, rehearse
from api.replan.replan import replan
from api.replan.schemas import NOTHING_MADE, MovesView
from policy.model.purposes import ConsentTier, Purpose
from policy.rules.model import read_rule
from policy.rules.rule_text import describe
from policy.time.wall_time import is_zone
from storage.calls.calls import AffectedCalls
from storage.compliance import overlays, waivers
from storage.compliance.exports import ExportPeriod
from storage.tables import Account, Overlay

router = APIRouter(
    prefix="/compliance",
    tags=["compliance"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("compliance:read"))]
Writer = Annotated[Account, Depends(requires("compliance:write"))]
Since = Annotated[Moment, Query(alias="fromDate", description="The period's begin.")]
Until = Annotated[Moment, Query(alias="toDate", description="Its end, not included.")]
_EARLIEST, _YEARS_AHEAD = 1970, 3


@router.get("/explain", responses=problem_responses(422))
async def explain_call(
    account: Reader,
    uses: Uses,
    endpoint: Annotated[EndpointText, Query()],
    agent_id: Annotated[str, Query(alias="agentId")],
    at: Annotated[Moment | None, Query(description="Default: now.")] = None,
    purpose: Purpose | None = None,
    timezone: Zone | None = None,
    country: Country | None = None,
    postal_code: Annotated[str | None, Query(alias="postalCode", max_length=20)] = None,
    subject: Annotated[str | None, Query(max_length=100)] = None,
    recording: bool | None = None,
    consent: Annotated[
        ConsentTier | None, Query(description="Of a consent that the call would state, given then.")
    ] = None,
) -> Explanation:
    """May this person be called, when next, and why: every rule that is looked at, and its word.

    What is on file counts: do-not-call entries, registries, consents, and the calls so far.
    """
    if timezone is not None and not is_zone(timezone):
        raise unknown_zone("timezone")
    now = uses.now()
    if at is not None and not _EARLIEST < at.year <= now.year + _YEARS_AHEAD:
        raise invalid("out_of_range", "at", "Calendars reach from 1970 to three years from now.")
    found = read_endpoint("+" + endpoint.lstrip() if endpoint[:1] == " " else endpoint, "endpoint")
    asked = HypotheticalCall(
        endpoint=found.value,
        endpoint_kind=found.kind,
        agent_id=agent_id,
        at=now if at is None else at,
        purpose=purpose,
        timezone=timezone,
        country=country,
        postal_code=postal_code,
        subject=subject,
        recording=recording,
        consent=consent,
    )
    return await explain(uses, account, asked)


@router.get("/rules")
async def list_rules(account: Reader, uses: Uses) -> RuleList:
    """All rules the account is held to: the packs, the operator's own and the account's own."""
    async with uses.db.read() as session:
        book = await uses.gatherer.book_of(session, account)
    packs = {rule.id for rule in uses.gatherer.book.rules}
    rules = [rule_view(rule, is_own=rule.id not in packs) for rule in book.rules]
    return RuleList(version=book.version, rules=rules)


@router.get("/overlays")
async def list_overlays(
    account: Reader, uses: Uses, skip: Skip = 0, take: Take = 20
) -> OverlayList:
    """The account's own rules and blackouts, newest first, those that were taken away too."""
    async with uses.db.read() as session:
        rows, total = await overlays.page(session, account.account_id, skip, take)
    return OverlayList(overlays=[_view(row) for row in rows], total=total)


@router.post(
    "/overlays",
    status_code=201,
    openapi_extra=body_schema(),
    dependencies=[Depends(storable)],
    responses={**NOTHING_MADE, **problem_responses(409, 422)},
)
async def add_overlay(
    body: Annotated[JsonObject, Body(examples=[OVERLAY_EXAMPLE])],
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
    dry_run: DryRun,
) -> OverlayView | MovesView:
    """Add a rule or a blackout of your own: `{"kind": "blackout", "jurisdiction": "US-LA", …}`.

    It comes on top of the packs and can only make calls fewer. Waiting calls that it moves are
    told at once; `dryRun` says which, and changes nothing.
    """
    rule = overlay_service.rule_of(body, uses.now())
    async with uses.db.read() as session:
        book = await overlay_service.book_with(session, uses, account, rule)
    if dry_run:
        return await rehearse(uses, account, AffectedCalls(), WhatIf(book=book))
    async with uses.db.write() as session:
        row = await overlay_service.add(session, uses, account, rule, by)
    later.add_task(replan, uses, account, AffectedCalls())
    return _view(row)


@router.delete("/overlays/{overlay_id}", responses=problem_responses(404))
async def remove_overlay(
    overlay_id: str,
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
    dry_run: DryRun,
) -> OverlayView | MovesView:
    """Take a rule of your own out of force. It is kept, with the time and by whom."""
    async with uses.db.read() as session:
        row = await overlay_service.found(session, account, overlay_id)
        what_if = await overlay_service.without(session, uses, account, row)
    if dry_run:
        return await rehearse(uses, account, AffectedCalls(), what_if)
    async with uses.db.write() as session:
        row = await overlay_service.found(session, account, overlay_id)
        await overlays.remove(session, row, by, uses.now())
    later.add_task(replan, uses, account, AffectedCalls())
    return _view(row)


def _view(row: Overlay) -> OverlayView:
    return overlay_view(row, describe(read_rule(row.rule)))


@router.get("/waivers")
async def list_waivers(account: Reader, uses: Uses) -> WaiverList:
    """Rules the account is not held to, those of the past too."""
    return WaiverList(waivers=[waiver_view(waiver) for waiver in account.waivers])


@router.post(
    "/waivers",
    status_code=201,
    dependencies=[Depends(storable)],
    responses={**NOTHING_MADE, **problem_responses(409, 422)},
)
async def add_waiver(
    body: WaiverRequest,
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
    dry_run: DryRun,
) -> WaiverView | MovesView:
    """Waive a rule, for all calls or for some purposes. The reason and the key are kept.

    Nothing is waived but what is said here; a do-not-call entry never is. `dryRun` says which
    waiting calls would move, and changes nothing.
    """
    made = {**body.as_spec(), "by": by, "at": uses.now().isoformat()}
    if dry_run:
        return await waiver_service.what_it_would_do(uses, account, made)
    await waiver_service.add(uses, account, made)
    later.add_task(replan, uses, account, AffectedCalls())
    return waiver_view(made)


@router.delete("/waivers/{rule}", responses=problem_responses(404))
async def end_waiver(
    rule: str, account: Writer, uses: Uses, by: By, later: BackgroundTasks, dry_run: DryRun
) -> WaiverView | MovesView:
    """Be held to a rule again. The waiver is kept, with its end."""
    if dry_run:
        return await waiver_service.what_ending_would_do(uses, account, rule, by)
    async with uses.db.write() as session:
        ended = await waivers.end(session, account.account_id, rule, by, uses.now())
    if ended is None:
        raise not_found("waiver")
    later.add_task(replan, uses, account, AffectedCalls())
    return waiver_view(ended)


@router.get("/exports/attempts.csv", response_class=StreamingResponse)
async def export_attempts(
    account: Reader, uses: Uses, from_date: Since, to_date: Until
) -> StreamingResponse:
    """Every dial of a period, as CSV."""
    period = ExportPeriod(from_date, to_date)
    return _csv("attempts", exports.attempts(uses, account, period))


@router.get("/exports/consents.csv", response_class=StreamingResponse)
async def export_consents(
    account: Reader, uses: Uses, from_date: Since, to_date: Until
) -> StreamingResponse:
    """Every consent that was given or taken back in a period, as CSV."""
    period = ExportPeriod(from_date, to_date)
    return _csv("consents", exports.consents(uses, account, period))


def _csv(name: str, lines: AsyncIterator[str]) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(lines, media_type="text/csv", headers=headers)
