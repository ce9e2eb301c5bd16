"""/api/v1/analytics: rates, averages and costs; when people answer; how caller IDs fare."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.analytics import best_hours, csv_export, service
from api.analytics.periods import period_of
from api.analytics.schemas import Analytics, BestHours, CallerIds
from api.analytics.service import AnalyticsQuery
from api.calls.filters import only
from api.http.auth import KeyFirst, requires
from api.http.deps import Skip, Take, Uses
from api.http.openapi import problem_responses
from api.http.problems import invalid
from api.http.schema import Zone
from policy.location.endpoints import is_country
from storage.analytics.analytics import GroupBy
from storage.tables import Account

router = APIRouter(
    prefix="/analytics",
    tags=["analytics"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("analytics:read"))]
_FILTERS = ("from", "to", "timezone", "groupBy", "agentId", "campaignId")
_BOUND = "RFC 3339, or a date; without an offset on the clocks of `timezone`."
AgentId = Annotated[str | None, Query(alias="agentId", max_length=64)]
CampaignId = Annotated[str | None, Query(alias="campaignId", max_length=64)]
PlaceCode = Annotated[
    str | None,
    Query(
        pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
        json_schema_extra={"format": "jurisdiction"},
        description="A country with all its states, such as US, or one state, such as US-CA.",
    ),
]


async def wanted(
    uses: Uses,
    begin: Annotated[
        datetime | None, Query(alias="from", description=f"{_BOUND} Default: 30 days before.")
    ] = None,
    end: Annotated[
        datetime | None, Query(alias="to", description=f"{_BOUND} Not included. Default: now.")
    ] = None,
    timezone: Zone = "UTC",
    group_by: Annotated[GroupBy | None, Query(alias="groupBy")] = None,
    agent_id: AgentId = None,
    campaign_id: CampaignId = None,
) -> AnalyticsQuery:
    period = period_of(begin, end, timezone, uses.now())
    return AnalyticsQuery(period, group_by, agent_id, campaign_id)


Asked = Annotated[AnalyticsQuery, Depends(wanted)]


@router.get(
    "",
    dependencies=[Depends(only(*_FILTERS, "skip", "take"))],
    responses=problem_responses(422),
)
async def get_analytics(
    account: Reader, uses: Uses, asked: Asked, skip: Skip = 0, take: Take = 1000
) -> Analytics:
    """The numbers of a period, at most 366 days, in all and split by `groupBy`.

    It is widened to whole quarters of an hour. `skip` and `take` choose among the groups: by time
    in its order, else those with most calls first.
    """
    return await service.answer(uses, account, asked.paged(skip, take))


@router.get(
    ".csv",
    response_class=Response,
    dependencies=[Depends(only(*_FILTERS))],
    responses={200: {"content": {"text/csv": {}}}, **problem_responses(422)},
)
async def export_analytics(account: Reader, uses: Uses, asked: Asked) -> Response:
    """The same as CSV: a line for each group, or one for all of the period."""
    text = csv_export.lines(await service.answer(uses, account, asked))
    headers = {"Content-Disposition": 'attachment; filename="analytics.csv"'}
    return Response(text, media_type="text/csv", headers=headers)


@router.get(
    "/best-hours",
    dependencies=[Depends(only("agentId", "jurisdiction"))],
    responses=problem_responses(422),
)
async def get_best_hours(
    account: Reader, uses: Uses, agent_id: AgentId = None, jurisdiction: PlaceCode = None
) -> BestHours:
    """At which hours of the week, on their own clocks, people have answered best of late."""
    if jurisdiction is not None and not is_country(jurisdiction[:2]):
        raise invalid(
            "unknown_country", "jurisdiction", "This is not the ISO 3166 code of a country."
        )
    return await best_hours.hours(uses, account, agent_id, jurisdiction)


@router.get("/caller-ids", dependencies=[Depends(only())], responses=problem_responses(422))
async def get_caller_ids(account: Reader, uses: Uses) -> CallerIds:
    """Which caller IDs are answered less than they were, further than chance would have it."""
    return await best_hours.caller_ids(uses, account)
