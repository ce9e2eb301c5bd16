"""The form of a webhook: texts as they were typed, and the request that they mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from starlette.datastructures import FormData

from api.http.problems import Problem, invalid
from api.http.schema import JsonObject
from api.webhooks.schemas import WebhookPatch, WebhookRequest
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request, texts
from storage.events.event_log import EventType
from storage.tables import Webhook

#: Beginning of a field of the request -> the field of the form that says it.
_FIELDS = (
    ("url", "url"),
    ("description", "description"),
    ("events", "events"),
    ("agentId", "agent"),
    ("campaignId", "campaign"),
    ("headers", "headers"),
)
_MOST_HEADERS = 20
Asked = TypeVar("Asked", WebhookRequest, WebhookPatch)
#: Whom a test is for is told of it; nobody else can ask for it.
OFFERED: Sequence[str] = [one.value for one in EventType if one is not EventType.WEBHOOK_TEST]


@dataclass(frozen=True, slots=True)
class WebhookForm:
    """`which`: all events, or those that are chosen. `headers`: a line each, `Name: value`."""

    url: str = ""
    description: str = ""
    which: str = "all"
    agent: str = ""
    campaign: str = ""
    headers: str = ""
    mask: str = ""
    events: tuple[str, ...] = ()


def read_form(sent: FormData) -> WebhookForm:
    """What a browser sent."""
    said = texts(sent, WebhookForm, "events")
    chosen = sent.getlist("events")
    return WebhookForm(**said, events=tuple(one for one in OFFERED if one in chosen))


def form_of(row: Webhook) -> WebhookForm:
    """The form as the webhook is."""
    return WebhookForm(
        url=row.url,
        description=row.description,
        which="some" if row.event_types else "all",
        agent=row.agent_id or "",
        campaign=row.campaign_id or "",
        headers="\n".join(f"{name}: {value}" for name, value in row.headers.items()),
        mask="yes" if row.mask_numbers else "",
        events=tuple(row.event_types),
    )


def request_of(form: WebhookForm) -> WebhookRequest:
    """What the form means; raises a 422 Problem that names the fields of the request."""
    return _read(WebhookRequest, form)


def patch_of(form: WebhookForm) -> WebhookPatch:
    """The same for a webhook that there is."""
    return _read(WebhookPatch, form)


def said_at(problem: Problem) -> FormErrors:
    """What is wrong, by the field of the form."""
    return FormErrors.of(problem, _FIELDS)


def _read(model: type[Asked], form: WebhookForm) -> Asked:
    return as_request(model, _said(form))


def _said(form: WebhookForm) -> JsonObject:
    if not form.url:
        raise invalid("required", "url", "Say where events are sent to.")
    if form.which == "some" and not form.events:
        raise invalid("required", "events", "Choose at least one, or all of them.")
    return {
        "url": form.url,
        "description": form.description,
        "events": list(form.events) if form.which == "some" else [],
        "agentId": form.agent or None,
        "campaignId": form.campaign or None,
        "headers": _headers(form.headers),
        "maskNumbers": form.mask == "yes",
    }


def _headers(text: str) -> dict[str, str]:
    lines = [one.strip() for one in text.splitlines() if one.strip()]
    if len(lines) > _MOST_HEADERS:
        raise invalid("too_long", "headers", f"At most {_MOST_HEADERS} headers.")
    found: dict[str, str] = {}
    for number, one in enumerate(lines, 1):
        name, colon, value = one.partition(":")
        if not colon or not name.strip():
            raise invalid("malformed", "headers", f"Line {number} is not like X-Team: crm.")
        found[name.strip()] = value.strip()
    return found
