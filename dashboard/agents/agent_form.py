"""An agent as a form: texts as they were typed, and the request they mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.datastructures import FormData

from api.accounts.agent_schemas import AgentPatch, AgentRequest
from api.http.problems import Problem
from api.http.schema import JsonObject
from dashboard.agents.clearance_form import ClearanceTexts, clearance_texts, read_clearances
from dashboard.agents.hours_form import read_hours, shown_hours, typed_hours
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request, count, delay, texts, texts_named
from dashboard.week_words import DAYS, hours
from policy.model.purposes import Notice
from storage.tables import Agent

Body = TypeVar("Body", AgentRequest, AgentPatch)
#: Beginning of a field of the request -> the field of the form that says it.
_FIELDS: tuple[tuple[str, str], ...] = (
    *((f"businessHours.{day}", f"hours_{day}") for day in DAYS),
    *((f"identity.words.{notice}", f"words_{notice}") for notice in Notice),
    ("businessHours", "hours"),
    ("name", "name"),
    ("timezone", "timezone"),
    ("callerIds", "caller_ids"),
    ("bestTimes", "best_times"),
    ("callReason", "call_reason"),
    ("pathwayId", "pathway"),
    ("retry.maxAttempts", "attempts"),
    ("retry.noAnswer", "no_answer"),
    ("retry.busy", "busy"),
    ("retry.networkError", "network_error"),
    ("retry.voicemail", "voicemail_delay"),
    ("retry.notServed", "not_served"),
    ("retry.differentTimeOfDay", "daypart"),
    ("voicemail", "message"),
    ("ringTimeout", "ring_timeout"),
    ("maxDuration", "max_duration"),
    ("maxConcurrent", "max_concurrent"),
    ("callsPerMinute", "calls_per_minute"),
    ("hungUpEarlySeconds", "hung_up_early"),
    ("purpose", "purpose"),
    ("voice", "voice"),
    ("identity.name", "identity"),
    ("identity.callbackNumber", "callback"),
    ("identity.goodbye", "goodbye"),
    ("identity", "identity"),
    ("inbound.say", "inbound_say"),
    ("inbound.transferTo", "inbound_transfer"),
    ("inbound", "inbound"),
    ("clearances", "line_type_days"),
    ("lastWord.url", "last_word_url"),
    ("lastWord.timeoutSeconds", "last_word_seconds"),
    ("lastWord.tries", "last_word_tries"),
)


@dataclass(frozen=True, slots=True)
class AgentForm:
    """Every field as a text, delays in hours. `day_hours` by day, `words` by notice."""

    name: str = ""
    timezone: str = "UTC"
    enabled: str = "yes"
    when: str = "always"
    day_hours: Mapping[str, str] = field(default_factory=dict)
    caller_ids: str = ""
    heals: str = ""
    best_times: str = ""
    call_reason: str = ""
    pathway: str = ""
    max_concurrent: str = ""
    calls_per_minute: str = ""
    ring_timeout: str = "30"
    max_duration: str = "1800"
    hung_up_early: str = ""
    attempts: str = ""
    no_answer: str = ""
    busy: str = ""
    network_error: str = ""
    voicemail_delay: str = ""
    not_served: str = ""
    daypart: str = ""
    voicemail: str = ""
    message: str = ""
    purpose: str = ""
    voice: str = "artificial"
    recording: str = ""
    identity: str = ""
    callback: str = ""
    goodbye: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    inbound: str = ""
    inbound_say: str = ""
    inbound_transfer: str = ""
    line_type_days: str = ""
    line_type_refuse: str = ""
    reassigned_days: str = ""
    reassigned_no_data: str = ""
    lists: str = ""
    last_word_url: str = ""
    last_word_seconds: str = ""
    last_word_tries: str = ""


def read_form(sent: FormData) -> AgentForm:
    """What a browser sent. A box that is not ticked is not sent."""
    said = {"enabled": "", **texts(sent, AgentForm, "day_hours", "words")}
    words = texts_named(sent, {f"words_{one}" for one in Notice})
    said["words"] = {one.value: words.get(f"words_{one}", "") for one in Notice}
    return AgentForm(**said, day_hours=typed_hours(sent))


def form_of(agent: Agent) -> AgentForm:
    """The form as the agent is."""
    retry, voicemail = agent.retry_spec or {}, agent.voicemail_spec or {}
    identity, inbound = agent.identity_spec or {}, agent.inbound_spec or {}
    last_word = agent.last_word_spec or {}
    return AgentForm(
        name=agent.name,
        timezone=agent.timezone,
        enabled="yes" if agent.is_enabled else "",
        when="always" if agent.business_hours_spec is None else "hours",
        day_hours=shown_hours(agent.business_hours_spec),
        caller_ids="\n".join(agent.caller_ids),
        heals="yes" if agent.heals_caller_ids else "",
        best_times=agent.best_times or "",
        call_reason=agent.call_reason or "",
        pathway=agent.pathway_id or "",
        max_concurrent=_text(agent.max_concurrent),
        calls_per_minute=_text(agent.calls_per_minute),
        ring_timeout=_text(agent.ring_timeout),
        max_duration=_text(agent.max_duration),
        hung_up_early=_text(agent.hung_up_early_seconds),
        attempts=_text(retry.get("maxAttempts")),
        no_answer=hours(retry.get("noAnswer")),
        busy=hours(retry.get("busy")),
        network_error=hours(retry.get("networkError")),
        voicemail_delay=hours(retry.get("voicemail")),
        not_served=_text(retry.get("notServed")),
        daypart=retry.get("differentTimeOfDay") or "",
        voicemail=voicemail.get("action") or "",
        message=voicemail.get("message") or "",
        purpose=agent.purpose or "",
        voice=agent.voice,
        recording="yes" if agent.recording else "",
        identity=identity.get("name") or "",
        callback=identity.get("callbackNumber") or "",
        goodbye=identity.get("goodbye") or "",
        words={str(name): text for name, text in (identity.get("words") or {}).items()},
        inbound=inbound.get("waitingCall") or "",
        inbound_say=inbound.get("say") or "",
        inbound_transfer=inbound.get("transferTo") or "",
        **clearance_texts(agent.clearance_spec),
        last_word_url=last_word.get("url") or "",
        last_word_seconds=_text(last_word.get("timeoutSeconds")),
        last_word_tries=_text(last_word.get("tries")),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)


def request_of(form: AgentForm) -> AgentRequest:
    """The agent that is to be; raises a Problem that names fields of the request."""
    return _validated(AgentRequest, _body(form))


def patch_of(form: AgentForm, agent: Agent) -> AgentPatch:
    """What the form changes of the agent, and no more; raises the same."""
    said, before = _body(form), _body(form_of(agent))
    return _validated(AgentPatch, {name: said[name] for name in said if said[name] != before[name]})


def said_at(problem: Problem) -> FormErrors:
    """What is wrong, by the field of the form."""
    return FormErrors.of(problem, _FIELDS)


def _validated(kind: type[Body], body: JsonObject) -> Body:
    return as_request(kind, body)


def _body(form: AgentForm) -> JsonObject:
    always = form.when != "hours"
    return {
        "name": form.name,
        "isEnabled": form.enabled == "yes",
        "timezone": form.timezone,
        "businessHours": None if always else read_hours(form.day_hours),
        "callerIds": [line.strip() for line in form.caller_ids.splitlines() if line.strip()],
        "healsCallerIds": form.heals == "yes",
        "bestTimes": form.best_times or None,
        "callReason": form.call_reason or None,
        "pathwayId": form.pathway or None,
        "retry": _retry(form) or None,
        "voicemail": _voicemail(form),
        "ringTimeout": _seconds(form.ring_timeout, "ringTimeout", 30),
        "maxDuration": _seconds(form.max_duration, "maxDuration", 1800),
        "maxConcurrent": count(form.max_concurrent, "maxConcurrent"),
        "callsPerMinute": count(form.calls_per_minute, "callsPerMinute"),
        "hungUpEarlySeconds": count(form.hung_up_early, "hungUpEarlySeconds"),
        "purpose": form.purpose or None,
        "voice": form.voice,
        "identity": _identity(form) or None,
        "inbound": _inbound(form) or None,
        "recording": form.recording == "yes",
        "clearances": _clearances(form) or None,
        "lastWord": _last_word(form) or None,
    }


def _seconds(text: str, name: str, default: int) -> int:
    found = count(text, name)
    return default if found is None else found


def _retry(form: AgentForm) -> JsonObject:
    return _given(
        maxAttempts=count(form.attempts, "retry.maxAttempts"),
        noAnswer=delay(form.no_answer, "retry.noAnswer"),
        busy=delay(form.busy, "retry.busy"),
        networkError=delay(form.network_error, "retry.networkError"),
        voicemail=delay(form.voicemail_delay, "retry.voicemail"),
        notServed=count(form.not_served, "retry.notServed"),
        differentTimeOfDay=form.daypart or None,
    )


def _voicemail(form: AgentForm) -> JsonObject | None:
    if not form.voicemail:
        return None
    return _given(action=form.voicemail, message=form.message or None)


def _identity(form: AgentForm) -> JsonObject:
    words = {notice: text for notice, text in form.words.items() if text}
    found = _given(
        callbackNumber=form.callback or None, words=words or None, goodbye=form.goodbye or None
    )
    # Whoever says more than a name has to say that, too.
    return {"name": form.identity, **found} if form.identity or found else {}


def _inbound(form: AgentForm) -> JsonObject:
    return _given(
        waitingCall=form.inbound or None,
        say=form.inbound_say or None,
        transferTo=form.inbound_transfer or None,
    )


def _clearances(form: AgentForm) -> list[JsonObject]:
    return read_clearances(
        ClearanceTexts(
            form.line_type_days,
            form.line_type_refuse,
            form.reassigned_days,
            form.reassigned_no_data,
            form.lists,
        )
    )


def _last_word(form: AgentForm) -> JsonObject:
    if not form.last_word_url:
        return {}
    return _given(
        url=form.last_word_url,
        timeoutSeconds=count(form.last_word_seconds, "lastWord.timeoutSeconds"),
        tries=count(form.last_word_tries, "lastWord.tries"),
    )


def _given(**said: Any) -> JsonObject:
    return {name: value for name, value in said.items() if value is not None}
