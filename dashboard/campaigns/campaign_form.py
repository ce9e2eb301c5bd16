"""The settings of a campaign as a form: texts as they were typed, and the request they mean."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from api.campaigns.schemas import CampaignPatch
from api.http.problems import Problem, invalid
from api.http.schema import JsonObject
from dashboard import goal_form
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request, count, delay, texts
from dashboard.week_words import DAYS, hours
from policy.accounts.pricing import MICRO
from storage.tables import Campaign

#: Beginning of a field of the request -> the field of the form that says it.
_FIELDS: tuple[tuple[str, str], ...] = (
    ("name", "name"),
    ("agentId", "agent"),
    ("pathwayId", "pathway"),
    ("maxConcurrent", "max_concurrent"),
    ("callsPerMinute", "calls_per_minute"),
    ("priority", "priority"),
    ("spendLimit", "spend_limit"),
    ("goal.target", "goal_target"),
    ("goal.quotas.variable", "goal_variable"),
    ("goal.quotas", "goal_quotas"),
    ("goal.spend", "goal_spend"),
    ("goal.until", "goal_until"),
    ("goal", "goal_outcomes"),
    ("schedule.notBefore", "start"),
    ("schedule.window", "window"),
    ("schedule.callDeadline", "deadline"),
    ("defaults.retry.maxAttempts", "attempts"),
    ("defaults.retry.noAnswer", "no_answer"),
    ("defaults.retry.busy", "busy"),
    ("defaults.voicemail", "message"),
    ("defaults.purpose", "purpose"),
    ("defaults.consent", "consent_method"),
    ("voicemail", "message"),
    ("outcomes", "outcomes"),
    ("defaultCountry", "country"),
    ("file", "file"),
)
_RETRY = {"attempts": "maxAttempts", "no_answer": "noAnswer", "busy": "busy"}


@dataclass(frozen=True, slots=True)
class CampaignForm:
    """Every field as a text. Times are wall times of the campaign's zone, delays hours."""

    name: str = ""
    agent: str = ""
    pathway: str = ""
    priority: str = "5"
    max_concurrent: str = ""
    calls_per_minute: str = ""
    spend_limit: str = ""
    start: str = ""
    deadline: str = ""
    window_start: str = ""
    window_end: str = ""
    window_days: tuple[str, ...] = DAYS
    attempts: str = ""
    no_answer: str = ""
    busy: str = ""
    voicemail: str = ""
    message: str = ""
    purpose: str = ""
    consent: str = ""
    consent_method: str = ""
    duplicate: str = ""
    goal_outcomes: str = ""
    goal_target: str = ""
    goal_variable: str = ""
    goal_quotas: str = ""
    goal_spend: str = ""
    goal_until: str = ""


def read_form(sent: FormData) -> CampaignForm:
    """What a browser sent."""
    said = texts(sent, CampaignForm, "window_days")
    chosen = sent.getlist("window_days")
    days = tuple(day for day in DAYS if day in chosen)
    return CampaignForm(**said, window_days=days)


def form_of(campaign: Campaign) -> CampaignForm:
    """The form as the campaign is."""
    window = campaign.window_spec or {}
    defaults = campaign.defaults_spec
    retry = defaults.get("retry") or {}
    voicemail, consent = defaults.get("voicemail") or {}, defaults.get("consent") or {}
    limit = campaign.spend_limit
    return CampaignForm(
        name=campaign.name,
        agent=campaign.agent_id,
        pathway=campaign.pathway_id or "",
        priority=str(campaign.priority),
        max_concurrent=str(campaign.max_concurrent or ""),
        calls_per_minute=str(campaign.calls_per_minute or ""),
        spend_limit="" if limit is None else f"{limit / MICRO:.2f}",
        start=_wall(campaign.not_before, campaign.timezone),
        deadline=_wall(campaign.call_deadline, campaign.timezone),
        window_start=window.get("start", ""),
        window_end=window.get("end", ""),
        window_days=tuple(window.get("days") or DAYS),
        attempts=str(retry.get("maxAttempts", "")),
        no_answer=hours(retry.get("noAnswer")),
        busy=hours(retry.get("busy")),
        voicemail=voicemail.get("action", ""),
        message=voicemail.get("message") or "",
        purpose=defaults.get("purpose") or "",
        consent=consent.get("tier", ""),
        consent_method=consent.get("method", ""),
        duplicate="yes" if defaults.get("allowDuplicate") else "",
        **goal_form.goal_texts(campaign.goal_spec, campaign.timezone),
    )


def _wall(at: datetime | None, zone: str) -> str:
    return "" if at is None else f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


def patch_of(form: CampaignForm, campaign: Campaign) -> CampaignPatch:
    """What the form changes of the campaign; raises a Problem that names fields of the request."""
    before = form_of(campaign)
    changed = {
        one.name for one in fields(form) if getattr(form, one.name) != getattr(before, one.name)
    }
    said: JsonObject = {
        **_plain(form, changed),
        **_schedule(form, changed),
        **_goal(form, changed),
        **_defaults(form, changed, campaign.defaults_spec),
    }
    return as_request(CampaignPatch, said)


def said_at(problem: Problem) -> FormErrors:
    """What is wrong, by the field of the form."""
    return FormErrors.of(problem, _FIELDS)


def _plain(form: CampaignForm, changed: set[str]) -> JsonObject:
    texts = {"name": "name", "agent": "agentId"}
    counts = {"max_concurrent": "maxConcurrent", "calls_per_minute": "callsPerMinute"}
    said: JsonObject = {theirs: getattr(form, ours) for ours, theirs in texts.items()}
    said |= {theirs: count(getattr(form, ours), theirs) for ours, theirs in counts.items()}
    said |= {"pathwayId": form.pathway or None, "priority": count(form.priority, "priority")}
    said["spendLimit"] = _micro(form.spend_limit)
    names = {**texts, **counts, "pathway": "pathwayId", "priority": "priority"}
    names["spend_limit"] = "spendLimit"
    return {theirs: said[theirs] for ours, theirs in names.items() if ours in changed}


def _goal(form: CampaignForm, changed: set[str]) -> JsonObject:
    if not changed & set(goal_form.FIELDS):
        return {}
    return {"goal": goal_form.goal_said({name: getattr(form, name) for name in goal_form.FIELDS})}


def _micro(text: str) -> int | None:
    if not text:
        return None
    try:
        amount = float(text.replace(",", "."))
        return round(amount * MICRO)
    except (ValueError, OverflowError):
        raise invalid("wrong_type", "spendLimit", "Must be an amount such as 25.00.") from None


def _schedule(form: CampaignForm, changed: set[str]) -> JsonObject:
    said: JsonObject = {}
    if "start" in changed:
        said["notBefore"] = _moment(form.start, "schedule.notBefore")
    if "deadline" in changed:
        said["callDeadline"] = _moment(form.deadline, "schedule.callDeadline")
    if changed & {"window_start", "window_end", "window_days"}:
        said["window"] = _window(form)
    return {"schedule": said} if said else {}


def _moment(text: str, field: str) -> str | None:
    if not text:
        return None
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise invalid("malformed", field, "Must be a day and a time.") from None
    return text if len(text) > len("2027-03-05T17:00") else f"{text}:00"


def _window(form: CampaignForm) -> JsonObject | None:
    if not form.window_start and not form.window_end:
        return None
    if not (form.window_start and form.window_end and form.window_days):
        message = "A window has a beginning, an end and at least one day."
        raise invalid("required", "schedule.window", message)
    return {"start": form.window_start, "end": form.window_end, "days": list(form.window_days)}


def _defaults(form: CampaignForm, changed: set[str], kept: Mapping[str, Any]) -> JsonObject:
    """All of them, as they are with what was changed: a patch takes them as a whole."""
    said = dict(kept)
    if changed & _RETRY.keys():
        said["retry"] = _retry(form, kept.get("retry") or {})
    if changed & {"voicemail", "message"}:
        said["voicemail"] = _voicemail(form)
    if changed & {"consent", "consent_method"}:
        stated = {"tier": form.consent, "method": form.consent_method}
        said["consent"] = stated if form.consent else None
    if "purpose" in changed:
        said["purpose"] = form.purpose or None
    if "duplicate" in changed:
        said["allowDuplicate"] = form.duplicate == "yes"
    said = {name: value for name, value in said.items() if value is not None}
    return {"defaults": said} if said != dict(kept) else {}


def _retry(form: CampaignForm, kept: Mapping[str, Any]) -> JsonObject:
    attempts = count(form.attempts, "defaults.retry.maxAttempts")
    said = {
        **kept,
        "maxAttempts": attempts,
        "noAnswer": delay(form.no_answer, "defaults.retry.noAnswer"),
        "busy": delay(form.busy, "defaults.retry.busy"),
    }
    return {name: value for name, value in said.items() if value is not None}


def _voicemail(form: CampaignForm) -> JsonObject | None:
    if not form.voicemail:
        return None
    return {"action": form.voicemail, **({"message": form.message} if form.message else {})}
