"""What a campaign is told to be: checked against its agent, and put into columns."""

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.request_parser import (
    MAX_ADDITIONAL_DATA,
    require_in_pool,
    voicemail_must_speak,
)
from api.calls.submission import require_pathway
from api.campaigns import goals
from api.campaigns.lookup import agent_of, require_open
from api.campaigns.schemas import CampaignBase, CampaignDefaults, CampaignSchedule
from api.http.json_body import size_of
from api.http.problems import conflict, invalid
from api.http.schema import JsonObject
from api.http.values import instant, read_endpoint, request_zone
from policy.model.call import CampaignStatus
from policy.time.windows import BadWindow
from storage.tables import Agent, Campaign, specs

Row = dict[str, Any]

#: What a campaign may change after it was started. A contact that is no call yet has it at once.
_PLAIN = frozenset({"name", "priority", "max_concurrent", "calls_per_minute", "spend_limit"})
_ONLY_OF_DRAFTS = frozenset({"agent_id", "pathway_id", "timezone"})
#: What the calls that wait take over, too.
CALL_COLUMNS = frozenset({"priority", "not_before", "window_spec", "call_deadline"})


async def values_of_new(
    session: AsyncSession, account_id: str, body: CampaignBase, now: datetime
) -> Row:
    """The columns of a new campaign."""
    agent = await agent_of(session, account_id, body.agent_id)
    await require_pathway(session, account_id, body.pathway_id or agent.pathway_id)
    zone = request_zone(body.timezone, agent.timezone)
    values = {name: getattr(body, name) for name in _PLAIN}
    values |= {"agent_id": agent.agent_id, "pathway_id": body.pathway_id, "timezone": zone}
    values |= _timing(body.schedule or CampaignSchedule(), zone, now, said_only=False)
    values |= {
        "defaults_spec": _defaults_spec(body.defaults or CampaignDefaults(), agent),
        "breaker_spec": body.breaker.as_spec() if body.breaker else {},
        "goal_spec": goals.spec_of(body.goal, zone, now),
    }
    check_times(values["not_before"], values["call_deadline"], now)
    return values


async def values_of_change(
    session: AsyncSession, campaign: Campaign, body: CampaignBase, now: datetime
) -> Row:
    """The columns that a patch changes. A campaign that was started keeps its agent and zone."""
    require_open(campaign)
    said = body.model_fields_set
    if campaign.status is not CampaignStatus.DRAFT and said & _ONLY_OF_DRAFTS:
        detail = "A campaign that was started keeps its agent, pathway and time zone."
        raise conflict("not_a_draft", detail)
    agent_id = body.agent_id if "agent_id" in said else campaign.agent_id
    agent = await agent_of(session, campaign.account_id, agent_id)
    values = {name: getattr(body, name) for name in said & (_PLAIN | {"agent_id", "pathway_id"})}
    pathway_id = values.get("pathway_id", campaign.pathway_id)
    await require_pathway(session, campaign.account_id, pathway_id or agent.pathway_id)
    zone = campaign.timezone
    if "timezone" in said:
        zone = values["timezone"] = request_zone(body.timezone, agent.timezone)
    values |= _changed_specs(body, agent, zone, now)
    _require_own_windows(campaign, values)
    if "goal" in said:
        values["goal_spec"] = goals.spec_of(body.goal, zone, now)
        goals.require_changeable(campaign, values["goal_spec"])
    check_times(
        values.get("not_before", campaign.not_before),
        values.get("call_deadline", campaign.call_deadline),
        now,
    )
    return values


def _require_own_windows(campaign: Campaign, values: Row) -> None:
    """Calls that wait take over a new window; those of a variant with a window may not."""
    if campaign.status is CampaignStatus.DRAFT or "window_spec" not in values:
        return
    if any(one.get("window") for one in (campaign.split_spec or {}).get("variants", ())):
        detail = "A campaign whose variants have windows keeps them once it is started."
        raise conflict("not_a_draft", detail)


def _changed_specs(body: CampaignBase, agent: Agent, zone: str, now: datetime) -> Row:
    values: Row = {}
    said = body.model_fields_set
    if "schedule" in said:
        cleared = body.schedule is None
        schedule = body.schedule or CampaignSchedule()
        values |= _timing(schedule, zone, now, said_only=not cleared)
    if "defaults" in said:
        values["defaults_spec"] = _defaults_spec(body.defaults or CampaignDefaults(), agent)
    if "breaker" in said:
        values["breaker_spec"] = body.breaker.as_spec() if body.breaker else {}
    return values


def _timing(schedule: CampaignSchedule, zone: str, now: datetime, *, said_only: bool) -> Row:
    deadline, field = schedule.call_deadline, "schedule.callDeadline"
    values = {
        "not_before": instant(schedule.not_before, zone, "later", "schedule.notBefore", now),
        "call_deadline": instant(deadline, zone, "earlier", field, now),
        "window_spec": _window_spec(schedule),
    }
    if not said_only:
        return values
    columns = {"window": "window_spec"}
    return {
        columns.get(name, name): values[columns.get(name, name)]
        for name in schedule.model_fields_set
    }


def _window_spec(schedule: CampaignSchedule) -> JsonObject | None:
    if schedule.window is None:
        return None
    spec = schedule.window.as_spec()
    try:
        specs.weekly_from_days_spec(spec)
    except BadWindow as exc:
        raise invalid("bad_window", "schedule.window", f"{exc}.") from None
    return spec


def check_times(not_before: datetime | None, deadline: datetime | None, now: datetime) -> None:
    """Refuse a deadline that nothing can be called before."""
    if deadline is None:
        return
    field = "schedule.callDeadline"
    if deadline <= now:
        raise invalid("deadline_past", field, "The deadline is in the past.")
    if not_before is not None and deadline <= not_before:
        raise invalid("deadline_before_start", field, "The deadline is not after notBefore.")


def _defaults_spec(defaults: CampaignDefaults, agent: Agent) -> JsonObject:
    spec = defaults.as_spec()
    voicemail_must_speak(spec.get("voicemail") or {})
    if size_of(spec.get("additionalData", {})) > MAX_ADDITIONAL_DATA:
        field = "defaults.additionalData"
        raise invalid("too_large", field, "additionalData is larger than 16 KiB.")
    if defaults.caller_id is not None:
        spec["callerId"] = read_endpoint(defaults.caller_id, "defaults.callerId").value
        require_in_pool(agent, spec["callerId"], "defaults.callerId")
    return spec
