"""The campaign of a forecast: as it is, or as the request would have it. Nothing is written."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from api.campaigns.campaign_columns import values_of_change
from api.campaigns.lookup import agent_of, found, require_open
from api.campaigns.schemas import CampaignPatch
from api.forecast.schemas import ForecastChanges
from api.http.problems import Problem
from api.http.values import instant
from policy.facts import Facts
from storage.tables import Account, Agent, Campaign, specs

#: What a patch takes as it is.
_PATCHED = ("max_concurrent", "calls_per_minute", "priority", "spend_limit", "schedule")


@dataclass(frozen=True, slots=True)
class AlteredCampaign:
    """A copy of the row, its agent, when it begins, and which columns are not as they are."""

    campaign: Campaign
    agent: Agent
    begin: datetime
    changed: frozenset[str]

    def facts(self, facts: Facts) -> Facts:
        """What policy sees of an open call of it."""
        row, told = self.campaign, dict[str, Any]()
        if "not_before" in self.changed:
            told["not_before"] = row.not_before
        if "call_deadline" in self.changed:
            told["deadline"] = row.call_deadline
        if "window_spec" in self.changed:
            told["call_window"] = specs.weekly_from_days_spec(row.window_spec)
        if "defaults_spec" in self.changed:
            spec = {**(self.agent.retry_spec or {}), **row.defaults_spec["retry"]}
            told["retry"] = specs.retry_plan(spec)
        return replace(facts, **told) if told else facts


async def altered_campaign(
    session: AsyncSession,
    account: Account,
    campaign_id: str,
    changes: ForecastChanges | None,
    now: datetime,
) -> AlteredCampaign:
    """Raises a 404, 409 or 422 Problem as changing the campaign itself would."""
    row = await found(session, account.account_id, campaign_id)
    require_open(row)
    agent = await agent_of(session, account.account_id, row.agent_id)
    changes = changes or ForecastChanges()
    values = await _values(session, row, changes, now)
    if changes.retry is not None:
        values["defaults_spec"] = {**row.defaults_spec, "retry": changes.retry.as_spec()}
    begin = instant(changes.start_at, row.timezone, "later", "changes.startAt", now)
    return AlteredCampaign(
        Campaign(**{**row.model_dump(), **values}),
        agent,
        now if begin is None else max(now, begin),
        frozenset(values),
    )


async def _values(
    session: AsyncSession, row: Campaign, changes: ForecastChanges, now: datetime
) -> dict[str, Any]:
    """The columns that a patch of the campaign would change."""
    fields = ForecastChanges.model_fields
    said = {
        fields[name].alias or name: getattr(changes, name)
        for name in _PATCHED
        if name in changes.model_fields_set
    }
    if not said:
        return {}
    try:
        return await values_of_change(session, row, CampaignPatch(**said), now)
    except Problem as found:
        errors = [
            replace(one, field=f"changes.{one.field}") if one.field.startswith("schedule") else one
            for one in found.errors
        ]
        raise Problem(found.status, found.code, found.detail, errors=errors) from None
