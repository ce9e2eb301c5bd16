"""The form of a transfer target: what is typed, as a request, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from api.http.problems import Problem
from api.transfers.schemas import TransferTargetPatch, TransferTargetRequest, TransferTargetView
from dashboard.agents.hours_form import read_hours, shown_hours, typed_hours
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import as_request, texts, whole_number
from dashboard.week_words import DAYS

Target = TypeVar("Target", bound=TransferTargetRequest)
#: Beginning of a field of the request -> the field of the form that says it.
_FIELDS = (
    *((f"businessHours.{day}", f"hours_{day}") for day in DAYS),
    ("hours", "hours"),
    ("name", "name"),
    ("endpoint", "endpoint"),
    ("timezone", "timezone"),
    ("ringSeconds", "ring_seconds"),
    ("whisper", "whisper"),
    ("introduction", "introduction"),
    ("holdText", "hold_text"),
    ("holdMusic", "hold_music"),
)


@dataclass(frozen=True, slots=True)
class TargetForm:
    """Every field as a text; `day_hours` by day."""

    name: str = ""
    endpoint: str = ""
    timezone: str = "UTC"
    when: str = "always"
    day_hours: Mapping[str, str] = field(default_factory=dict)
    ring_seconds: str = "20"
    whisper: str = ""
    needs_key: str = ""
    warm: str = ""
    introduction: str = ""
    hold_text: str = ""
    hold_music: str = ""


def form_of(target: TransferTargetView) -> TargetForm:
    """A target as the form shows it."""
    return TargetForm(
        name=target.name,
        endpoint=target.endpoint,
        timezone=target.timezone,
        when="always" if target.hours is None else "hours",
        day_hours=shown_hours(target.hours),
        ring_seconds=str(target.ring_seconds),
        whisper=target.whisper or "",
        needs_key="yes" if target.needs_key else "",
        warm="yes" if target.warm else "",
        introduction=target.introduction or "",
        hold_text=target.hold_text or "",
        hold_music=target.hold_music or "",
    )


def read_form(sent: Mapping[str, Any]) -> TargetForm:
    """What was typed; what is no text is nothing."""
    return TargetForm(**texts(sent, TargetForm, "day_hours"), day_hours=typed_hours(sent))


def request_of(form: TargetForm) -> TransferTargetRequest:
    """A new target; raises Problems of 422."""
    return _read(TransferTargetRequest, form)


def patch_of(form: TargetForm) -> TransferTargetPatch:
    """All fields of a target; raises Problems of 422."""
    return _read(TransferTargetPatch, form)


def _read(kind: type[Target], form: TargetForm) -> Target:
    said: dict[str, Any] = {
        "name": form.name,
        "endpoint": form.endpoint,
        "timezone": form.timezone,
        "hours": read_hours(form.day_hours) if form.when == "hours" else None,
        "ringSeconds": whole_number(form.ring_seconds or "20"),
        "whisper": form.whisper or None,
        "needsKey": form.needs_key == "yes",
        "warm": form.warm == "yes",
        "introduction": form.introduction or None,
        "holdText": form.hold_text or None,
        "holdMusic": form.hold_music or None,
    }
    return as_request(kind, said)


def said_at(problem: Problem) -> FormErrors:
    """What is wrong, by the fields of the form."""
    return FormErrors.of(problem, _FIELDS)
