"""The form of a rule of one's own: texts as they were typed, and the rule that they mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData

from api.http.problems import Problem, invalid
from api.http.schema import JsonObject
from dashboard.forms.form_errors import FormErrors
from dashboard.forms.form_values import texts
from dashboard.forms.wall_times import typed_instant
from policy.model.purposes import Notice, Purpose
from policy.rules.model import WEEKDAYS

#: Beginning of a field of the request -> the field of the form that says it.
_FIELDS = (
    ("id", "name"),
    ("jurisdiction", "place"),
    ("purposes", "purposes"),
    ("note", "note"),
    ("effectiveFrom", "since"),
    ("effectiveTo", "until"),
    ("startsAt", "starts"),
    ("endsAt", "ends"),
    ("windows", "window"),
    ("holidays", "holidays"),
    ("most", "most"),
    ("within", "within"),
    ("per", "per"),
    ("counts", "counts"),
    ("tier", "tier"),
    ("registry", "registry"),
    ("maxAge", "max_age"),
    ("say", "say"),
    ("leastSeconds", "seconds"),
    ("prefixes", "prefixes"),
    ("prerequisite", "prerequisite"),
    ("asks", "asks"),
)
_LISTS = ("purposes", "days", "say")


@dataclass(frozen=True, slots=True)
class OwnRuleForm:
    """Every field as a text. `starts` and `ends` are on the clock of the page, the window on the
    recipient's; `within` and `max_age` are days."""

    kind: str = "blackout"
    name: str = ""
    place: str = "*"
    note: str = ""
    since: str = ""
    until: str = ""
    purposes: tuple[str, ...] = ()
    starts: str = ""
    ends: str = ""
    window_start: str = ""
    window_end: str = ""
    days: tuple[str, ...] = WEEKDAYS
    holidays: str = ""
    most: str = ""
    within: str = "1"
    per: str = "number"
    counts: str = "attempts"
    tier: str = "express"
    registry: str = ""
    max_age: str = "31"
    say: tuple[str, ...] = ()
    seconds: str = ""
    prefixes: str = ""
    prerequisite: str = ""
    asks: str = ""


def read_form(sent: FormData) -> OwnRuleForm:
    """What a browser sent."""
    said = {name: text[:500] for name, text in texts(sent, OwnRuleForm, *_LISTS).items()}
    return OwnRuleForm(
        **said,
        purposes=tuple(one for one in Purpose if one in sent.getlist("purposes")),
        days=tuple(one for one in WEEKDAYS if one in sent.getlist("days")),
        say=tuple(one for one in Notice if one in sent.getlist("say")),
    )


def rule_of(form: OwnRuleForm, zone_name: str) -> JsonObject:
    """What the form means; raises a 422 Problem that names the fields of the rule."""
    if form.kind not in _PARTS:
        raise invalid("unknown_value", "kind", "There is no such kind of rule.")
    if form.since and form.until and form.until <= form.since:
        raise invalid("out_of_range", "effectiveTo", "This is not after its first day.")
    said: JsonObject = {
        "kind": form.kind,
        "id": form.name.lower().replace(" ", "_") or None,
        "jurisdiction": form.place.upper() or "*",
        "purposes": list(form.purposes),
        "note": form.note,
        "effectiveFrom": form.since or None,
        "effectiveTo": form.until or None,
        **_PARTS[form.kind](form, zone_name),
    }
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def said_at(problem: Problem) -> FormErrors:
    """What is wrong, by the field of the form."""
    if problem.code == "rule_exists":
        return FormErrors({"name": "You have a rule of this name already."})
    return FormErrors.of(problem, _FIELDS)


def _blackout(form: OwnRuleForm, zone_name: str) -> JsonObject:
    starts = typed_instant(form.starts, zone_name, "startsAt")
    ends = typed_instant(form.ends, zone_name, "endsAt")
    if starts is None:
        raise invalid("required", "startsAt", "Say from when on nobody is called.")
    if ends is not None and ends <= starts:
        raise invalid("out_of_range", "endsAt", "This is not after its beginning.")
    return {"startsAt": starts.isoformat(), "endsAt": ends.isoformat() if ends else None}


def _hours(form: OwnRuleForm, _zone_name: str) -> JsonObject:
    if not (form.window_start and form.window_end and form.days):
        message = "Calling hours have a beginning, an end and at least one day."
        raise invalid("required", "windows", message)
    spans = [[form.window_start, form.window_end]]
    return {
        "windows": dict.fromkeys(form.days, spans),
        "holidays": form.holidays.upper() or None,
    }


def _cap(form: OwnRuleForm, _zone_name: str) -> JsonObject:
    return {
        "most": _count(form.most, "most"),
        "within": _days(form.within, "within"),
        "per": form.per,
        "counts": form.counts,
    }


def _consent(form: OwnRuleForm, _zone_name: str) -> JsonObject:
    return {"tier": form.tier}


def _registry(form: OwnRuleForm, _zone_name: str) -> JsonObject:
    if not form.registry:
        raise invalid("required", "registry", "Say which, such as us.national_dnc.")
    return {"registry": form.registry, "maxAge": _days(form.max_age, "maxAge")}


def _disclosure(form: OwnRuleForm, _zone_name: str) -> JsonObject:
    if not form.say:
        raise invalid("required", "say", "Choose what has to be said.")
    return {"say": list(form.say)}


def _ring(form: OwnRuleForm, _zone_name: str) -> JsonObject:
    return {"leastSeconds": _count(form.seconds, "leastSeconds")}


def _consent_age(form: OwnRuleForm, _zone_name: str) -> JsonObject:
    return {"maxAge": _days(form.max_age, "maxAge")}


def _caller_id(form: OwnRuleForm, _zone_name: str) -> JsonObject:
    prefixes = form.prefixes.replace(",", " ").split()
    if not prefixes:
        raise invalid("required", "prefixes", "Say how the numbers begin, such as +1212.")
    return {"prefixes": prefixes}


def _prerequisite(form: OwnRuleForm, _zone_name: str) -> JsonObject:
    if not (form.prerequisite and form.asks):
        field = "asks" if form.prerequisite else "prerequisite"
        raise invalid("required", field, "Say what has to be acknowledged, and under which name.")
    return {"prerequisite": form.prerequisite, "asks": form.asks}


def _count(text: str, field: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise invalid("wrong_type", field, "Must be a whole number.")
    return int(text)


def _days(text: str, field: str) -> str:
    return f"P{_count(text, field)}D"


_PARTS: Mapping[str, Callable[[OwnRuleForm, str], JsonObject]] = {
    "blackout": _blackout,
    "calling_hours": _hours,
    "attempt_cap": _cap,
    "consent": _consent,
    "registry": _registry,
    "disclosure": _disclosure,
    "ring_time": _ring,
    "consent_age": _consent_age,
    "caller_id_range": _caller_id,
    "prerequisite": _prerequisite,
}
#: Kinds of which a page can make a rule; the others are the packs'.
MADE_HERE = frozenset(_PARTS)
