"""Calling rules by jurisdiction, as data: each dated, sourced and checked when it is loaded.

`manifest.json` names every pack and the version of the whole. A pack that is missing, or of which
one word cannot be read, stops the import: with half its rules this house must not dial at all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable

from policy.call import WeeklyWindow
from policy.windows import BadWindow, weekly

#: The jurisdiction of the rules that hold where a country has none of its own.
ANYWHERE = "*"

_WEEKDAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_CONFIDENCES = frozenset({"primary", "secondary", "conflicting", "convention"})
_REQUIRED = frozenset(
    {"id", "kind", "windows", "effective_from", "source", "confidence", "verified_on"}
)
_OPTIONAL = frozenset({"effective_to", "note"})


class BadRules(ValueError):
    """A rule pack that cannot be read; says which file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class HoursRule:
    """When people of a jurisdiction may be called, on their own clocks.

    In force on the days [effective_from, effective_to). `confidence` says how well the source was
    seen: primary, secondary, conflicting, or convention when it is no law.
    """

    id: str
    jurisdiction: str
    window: WeeklyWindow
    effective_from: date
    effective_to: date | None
    source: str
    confidence: str
    verified_on: date
    note: str = ""

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)


def load_rules(folder: Traversable) -> tuple[str, Mapping[str, tuple[HoursRule, ...]]]:
    """(version, jurisdiction → its rules) of the packs in `folder`; raises `BadRules`."""
    manifest = _object(_json(folder, "manifest.json"), "manifest.json", {"version", "packs"})
    rules: dict[str, tuple[HoursRule, ...]] = {}
    for name in _list(manifest["packs"], "manifest.json: packs"):
        for rule in _pack(folder, _text(name, "manifest.json: packs")):
            rules[rule.jurisdiction] = (*rules.get(rule.jurisdiction, ()), rule)
    _check_whole(rules)
    return _text(manifest["version"], "manifest.json: version"), rules


def _check_whole(rules: Mapping[str, tuple[HoursRule, ...]]) -> None:
    ids = [rule.id for group in rules.values() for rule in group]
    if len(ids) != len(set(ids)):
        raise BadRules("two rules have the same id")
    if ANYWHERE not in rules:
        raise BadRules(f"no rule holds anywhere ({ANYWHERE})")


def _pack(folder: Traversable, name: str) -> list[HoursRule]:
    pack = _object(_json(folder, name), name, {"jurisdiction", "rules"})
    jurisdiction = _text(pack["jurisdiction"], f"{name}: jurisdiction")
    rules = _list(pack["rules"], f"{name}: rules")
    if not rules:
        raise BadRules(f"{name}: has no rule")
    return [_rule(rule, jurisdiction, f"{name}: rule {n}") for n, rule in enumerate(rules, 1)]


def _rule(given: object, jurisdiction: str, where: str) -> HoursRule:
    rule = _object(given, where, _REQUIRED, _OPTIONAL)
    if rule["kind"] != "calling_hours":
        raise BadRules(f"{where}: unknown kind")
    if rule["confidence"] not in _CONFIDENCES:
        raise BadRules(f"{where}: unknown confidence")
    return HoursRule(
        id=_text(rule["id"], f"{where}: id"),
        jurisdiction=jurisdiction,
        window=_window(rule["windows"], where),
        effective_from=_date(rule["effective_from"], f"{where}: effective_from"),
        effective_to=_date(rule["effective_to"], where) if "effective_to" in rule else None,
        source=_text(rule["source"], f"{where}: source"),
        confidence=_text(rule["confidence"], f"{where}: confidence"),
        verified_on=_date(rule["verified_on"], f"{where}: verified_on"),
        note=_text(rule["note"], f"{where}: note") if "note" in rule else "",
    )


def _window(given: object, where: str) -> WeeklyWindow:
    days = _object(given, f"{where}: windows", frozenset(), frozenset(_WEEKDAYS))
    if not days:
        raise BadRules(f"{where}: windows never open")
    try:
        return weekly({_WEEKDAYS[day]: _spans(spans, where) for day, spans in days.items()})
    except BadWindow as error:
        raise BadRules(f"{where}: {error}") from error


def _spans(given: object, where: str) -> list[tuple[str, str]]:
    pairs = [_list(span, f"{where}: span") for span in _list(given, f"{where}: spans")]
    if any(len(pair) != 2 for pair in pairs):
        raise BadRules(f"{where}: a span is [start, end]")
    return [(_text(start, where), _text(end, where)) for start, end in pairs]


def _json(folder: Traversable, name: str) -> object:
    try:
        found: object = json.loads(folder.joinpath(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadRules(f"{name}: cannot be read") from error
    return found


def _object(
    given: object,
    where: str,
    required: frozenset[str] | set[str],
    optional: frozenset[str] = frozenset(),
) -> Mapping[str, object]:
    if not isinstance(given, dict):
        raise BadRules(f"{where}: is not an object")
    keys = set(given)
    if not required <= keys or keys - required - optional:
        raise BadRules(f"{where}: needs {sorted(required)} and allows {sorted(optional)}")
    return given


def _list(given: object, where: str) -> list[object]:
    if not isinstance(given, list):
        raise BadRules(f"{where}: is not a list")
    return given


def _text(given: object, where: str) -> str:
    if not isinstance(given, str) or not given.strip():
        raise BadRules(f"{where}: is not a text")
    return given


def _date(given: object, where: str) -> date:
    try:
        return date.fromisoformat(_text(given, where))
    except ValueError as error:
        raise BadRules(f"{where}: is not a date") from error


RULES_VERSION, _RULES = load_rules(files(__name__))


def hours_rules(jurisdiction: str, day: date) -> tuple[HoursRule, ...]:
    """The rules a jurisdiction has in force on `day`; empty when it has none of its own."""
    return tuple(rule for rule in _RULES.get(jurisdiction, ()) if rule.in_force(day))
