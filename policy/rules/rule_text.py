"""Rules in words, for people."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from policy.model.call import Span
from policy.model.purposes import Notice
from policy.rules.model import (
    BlackoutRule,
    CallerIdRule,
    CapRule,
    ConsentAgeRule,
    ConsentRule,
    DisclosureRule,
    DutyRule,
    HoursRule,
    PrerequisiteRule,
    RegistryRule,
    RevocationRule,
    RingRule,
    Rule,
)

_DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY_MINUTES = 1440
#: What has to be said, in words.
NOTICES: Mapping[Notice, str] = {
    Notice.IDENTITY: "who calls",
    Notice.CALLBACK_NUMBER: "a number to call back",
    Notice.AI: "that it is an AI",
    Notice.RECORDING: "that the call is recorded, if it is",
    Notice.OPT_OUT: "how to opt out",
}


def describe(rule: Rule) -> str:
    """What a rule demands, such as "Mon–Fri 10:00–18:00; not on holidays of FR"."""
    return "; ".join((_DEMANDS[type(rule)](rule), *_limits(rule)))


def concerned(rule: Rule) -> str:
    """The purposes a rule is about: "all", "telemarketing", "all but emergency"."""
    named = ", ".join(rule.purposes) or "all"
    return f"{named} but {', '.join(rule.except_purposes)}" if rule.except_purposes else named


def in_force(rule: Rule) -> str:
    """The days a rule is in force, such as "from 2026-08-02"; empty: without bounds."""
    since = f"from {rule.effective_from}" if rule.effective_from > date.min else ""
    until = f"before {rule.effective_to}" if rule.effective_to else ""
    return f"{since} {until}".strip()


def _limits(rule: Rule) -> Iterator[str]:
    if rule.voice is not None:
        yield f"{rule.voice} voices only"
    if rule.unless_consent is not None:
        yield f"unless {rule.unless_consent} consent is on file"
    if rule.fallback:
        yield "only where the country has no rule of this kind"


def _hours(rule: HoursRule) -> str:
    days = [rule.window.days.get(day, ()) for day in range(7)]
    runs = [list(run) for _, run in groupby(range(7), key=lambda day: days[day])]
    told = ", ".join(f"{_run(run)} {_spans(days[run[0]])}" for run in runs if days[run[0]])
    return f"{told}; not on holidays of {rule.holidays}" if rule.holidays else told


def _run(days: list[int]) -> str:
    first, last = _DAY_NAMES[days[0]], _DAY_NAMES[days[-1]]
    return first if first == last else f"{first}–{last}"


def _spans(spans: tuple[Span, ...]) -> str:
    return " and ".join(f"{_clock(span.start)}–{_clock(span.end)}" for span in spans)


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes if minutes <= _DAY_MINUTES else minutes - _DAY_MINUTES, 60)
    return f"{hour:02}:{minute:02}"


def _cap(rule: CapRule) -> str:
    counted = rule.counts.removesuffix("s") if rule.most == 1 else rule.counts
    return f"at most {rule.most} {counted} per {rule.per} within any {_span(rule.within)}"


def _consent(rule: ConsentRule) -> str:
    return f"{rule.tier} consent is on file"


def _consent_age(rule: ConsentAgeRule) -> str:
    return f"a consent counts for {_span(rule.max_age)}"


def _caller_id(rule: CallerIdRule) -> str:
    whose = f" if the account is a {' or '.join(rule.sectors)}" if rule.sectors else ""
    return f"is dialed from a number that begins with {' or '.join(rule.prefixes)}{whose}"


def _prerequisite(rule: PrerequisiteRule) -> str:
    given = " with its reference" if rule.needs_reference else ""
    return f"the account has acknowledged{given}: {rule.asks}"


def _revocation(rule: RevocationRule) -> str:
    return "who takes back one consent has taken back all"


def _duty(rule: DutyRule) -> str:
    return f"{rule.asks} (kept for all calls: {rule.kept_by})"


def _registry(rule: RegistryRule) -> str:
    return f"checked against {rule.registry} within the last {_span(rule.max_age)}"


def _disclosure(rule: DisclosureRule) -> str:
    return f"says at the beginning {' and '.join(NOTICES[notice] for notice in rule.say)}"


def _ring(rule: RingRule) -> str:
    return f"rings for at least {rule.least_seconds} seconds"


def _blackout(rule: BlackoutRule) -> str:
    until = _instant(rule.ends_at) if rule.ends_at else "it is taken away"
    return f"no calls from {_instant(rule.starts_at)} until {until}"


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _span(span: timedelta) -> str:
    """Such as "7 days" or "24 hours": a day is told in hours, for the span is a rolling one."""
    for unit, name in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour")):
        if span > unit and not span % unit:
            return f"{span // unit} {name}s"
    minutes = span / timedelta(minutes=1)
    return f"{minutes:g} minute{'' if minutes == 1 else 's'}"


_DEMANDS: Mapping[type, Callable[[Any], str]] = {
    HoursRule: _hours,
    CapRule: _cap,
    ConsentRule: _consent,
    ConsentAgeRule: _consent_age,
    CallerIdRule: _caller_id,
    PrerequisiteRule: _prerequisite,
    RevocationRule: _revocation,
    DutyRule: _duty,
    RegistryRule: _registry,
    DisclosureRule: _disclosure,
    RingRule: _ring,
    BlackoutRule: _blackout,
}
