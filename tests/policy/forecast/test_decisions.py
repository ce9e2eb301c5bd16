"""A forecast decides as `policy.calls.decide` does, whoever is called, whatever came of it, and
whenever it is asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from policy.calls.decide import decide
from policy.calls.retry import conclusion, next_attempt
from policy.facts import AttemptFact, Facts
from policy.forecast.callee_groups import NOTHING_YET, CalendarShelf, Course, Step
from policy.forecast.likeness import CalleeGroups
from policy.forecast.retry_book import terms_of
from policy.forecast.ticks import DAY, instant_of, tick_of
from policy.model.call import (
    AttemptResult,
    DaypartChoice,
    Decision,
    DecisionKind,
    EndpointKind,
    RetryPlan,
    VoicemailAction,
)
from policy.model.person import (
    Consent,
    PastDial,
    Person,
    Scope,
    ScopeKind,
    Scrub,
    Suppression,
)
from policy.model.purposes import ConsentTier, Purpose
from policy.rules import STANDARD
from policy.rules.model import read_rule
from policy.time.best_times import BestTimePreset, BestTimes
from policy.time.dayparts import DAYPARTS, DaypartRate, daypart
from policy.time.windows import weekly
from tests.policy.make import AGREED, daily

BEGIN = datetime(2026, 10, 30, 9, 17, 3, 250, tzinfo=UTC)
ENDPOINTS = ("+12125550123", "+13055550123", "+18085550123", "+12195550123", "+442079460123")
WINDOWS = (
    None,
    daily("09:00", "17:00"),
    daily("09:00", "10:30", range(5)),
    daily("20:00", "02:00"),
    daily("00:00", "00:00"),
    weekly({0: [("08:00", "08:01")], 3: [("11:00", "13:00"), ("18:00", "19:30")]}),
)
BLACKOUTS: tuple[dict[str, Any], ...] = (
    {"startsAt": "2026-11-02T12:00:00Z", "endsAt": "2026-11-04T12:00:00Z"},
    {"startsAt": "2026-10-31T00:00:00Z", "endsAt": "2027-02-01T00:00:00Z"},
    {"startsAt": "2026-11-01T15:00:00Z"},
    {"startsAt": "2026-10-01T15:00:00Z"},
)
#: Held for a person's act; a decision says when it looks again, and a forecast does not.
LOOKED_AT_AGAIN = {"agent_disabled", "opt_out_review", "closed_without_end", "called_back"}


def book(blackout: dict[str, Any] | None) -> Any:
    if blackout is None:
        return STANDARD
    stated = {"id": "own.closed", "kind": "blackout", "jurisdiction": "*", **blackout}
    return STANDARD.with_rules(
        [
            read_rule(
                {**stated, "source": "t", "confidence": "convention", "verifiedOn": "2026-01-01"}
            )
        ]
    )


BOOKS = [*[book(None)] * 8, *map(book, BLACKOUTS)]
spans = st.integers(-3 * 86_400, 25 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
moments = spans.map(lambda span: BEGIN + span)
later = st.one_of(st.none(), st.none(), moments)


@st.composite
def people(draw: st.DrawFn) -> Person:
    scope = st.sampled_from([Scope(), Scope(ScopeKind.PURPOSE, Purpose.REMINDER)])
    suppressions = st.builds(Suppression, st.just("s"), scope, st.just("api"), later)
    tiers = st.sampled_from(ConsentTier)
    consents = st.builds(Consent, st.just("c"), tiers, scope, moments, later, later)
    dials = st.builds(
        PastDial,
        *(st.just("x"), st.just(1)),
        st.integers(0, 6 * 86_400).map(lambda seconds: BEGIN - timedelta(seconds=seconds)),
        st.booleans(),
        st.just(None),
    )
    scrubs = st.builds(
        Scrub,
        st.just("us.national"),
        moments.map(lambda at: at - timedelta(days=25)),
        st.booleans(),
    )
    return Person(
        suppressions=tuple(draw(st.lists(suppressions, max_size=1))) if draw(rarely()) else (),
        consents=tuple(draw(st.lists(consents, max_size=2))),
        scrubs=tuple(draw(st.lists(scrubs, max_size=1))),
        dials=tuple(draw(st.lists(dials, max_size=4))),
        reviews=("r",) if draw(rarely()) else (),
    )


def rarely() -> st.SearchStrategy[bool]:
    return st.integers(0, 9).map(lambda n: n == 0)


plans = st.builds(
    RetryPlan,
    max_attempts=st.integers(1, 4),
    busy=st.sampled_from([timedelta(minutes=7), timedelta(hours=4), timedelta(hours=30)]),
    no_answer=st.sampled_from([timedelta(hours=2), timedelta(hours=24), timedelta(days=3)]),
    voicemail=st.sampled_from([None, timedelta(hours=13)]),
    daypart=st.sampled_from(DaypartChoice),
)
PURPOSES = (None, Purpose.TELEMARKETING, *[Purpose.REMINDER] * 6)
RATES = tuple(DaypartRate(name, n + 3, 40) for n, (_, name) in enumerate(DAYPARTS))


BEST_TIMES = (
    *(None, None),
    BestTimes(BestTimePreset.BUSINESS),
    BestTimes(BestTimePreset.CONSUMERS),
    BestTimes(
        BestTimePreset.BUSINESS,
        (DaypartRate("evening", 60, 90), DaypartRate("morning", 5, 90)),
    ),
)


@st.composite
def callable_ones(draw: st.DrawFn) -> Facts:
    """Of calls that only windows, caps and deadlines hold back."""
    facts = draw(calls())
    wanted = replace(facts.person, suppressions=(), consents=(), reviews=())
    allowed: dict[str, Any] = {
        "agent_enabled": True,
        "purpose": Purpose.REMINDER,
        "stated_consent": AGREED,
    }
    return replace(facts, **allowed, person=wanted)


@st.composite
def calls(draw: st.DrawFn) -> Facts:
    """Of calls that were never tried."""
    return Facts(
        endpoint=draw(st.sampled_from(ENDPOINTS)),
        endpoint_kind=EndpointKind.PHONE,
        agent_enabled=not draw(rarely()),
        agent_zone="America/New_York",
        business_hours=draw(st.sampled_from(WINDOWS)),
        call_window=draw(st.sampled_from(WINDOWS)),
        recipient_zone=draw(st.sampled_from([None, None, "Australia/Lord_Howe", "Asia/Kolkata"])),
        not_before=draw(later),
        deadline=draw(later),
        campaign_id=draw(st.sampled_from([None, "c"])),
        best_times=draw(st.sampled_from(BEST_TIMES)),
        ring_timeout=draw(st.sampled_from([5, 30, 90])),
        retry=draw(plans),
        voicemail_action=draw(st.sampled_from(VoicemailAction)),
        dayparts=RATES,
        purpose=draw(st.sampled_from(PURPOSES)),
        stated_consent=draw(st.sampled_from([None, *[AGREED] * 5])),
        person=draw(people()),
        waived_rules=draw(
            st.sampled_from([frozenset(), frozenset({"calling_hours"}), frozenset({"consent"})])
        ),
        book=draw(st.sampled_from(BOOKS)),
    )


def shown(step: Step) -> tuple[object, ...]:
    if step.kind is DecisionKind.WAIT and step.at is None:
        return (step.kind, str(step.reason))
    at = None if step.at is None else instant_of(step.at)
    return (step.kind, at, step.outcome, _why(step.kind, str(step.reason)))


def wanted(decision: Decision) -> tuple[object, ...]:
    if decision.kind is DecisionKind.WAIT and decision.reason in LOOKED_AT_AGAIN:
        return (decision.kind, str(decision.reason))
    at = decision.valid_until if decision.kind is DecisionKind.DIAL else decision.until
    return (decision.kind, at, decision.outcome, _why(decision.kind, str(decision.reason)))


def _why(kind: DecisionKind, reason: str) -> str | None:
    """Why a call ends counts; that it was concluded, by whichever way, is one."""
    if kind is not DecisionKind.END:
        return None
    return "concluded" if reason == "attempts_exhausted" else reason


def groups() -> CalleeGroups:
    begin = tick_of(BEGIN)
    return CalleeGroups(CalendarShelf(begin, begin + 60 * DAY))


asked_at = st.lists(
    st.integers(0, 24 * 86_400_000_000).map(lambda us: BEGIN + timedelta(microseconds=us)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts=st.one_of(calls(), callable_ones(), callable_ones()), moments=asked_at)
def test_of_a_call_that_was_never_tried_the_forecast_says_what_policy_says(
    facts: Facts, moments: list[datetime]
) -> None:
    group = groups().of(facts)
    dials = facts.person.dials
    course = Course(dials=dials) if dials else NOTHING_YET
    for now in moments:
        decision = decide(facts, now)
        event(f"{decision.kind} {decision.reason}")
        assert shown(group.decide(course, tick_of(now))) == wanted(decision)
        edge = decision.until or decision.valid_until
        if edge is not None and BEGIN <= edge < BEGIN + timedelta(days=40):
            # What holds until then is answered anew from then on, and not before.
            for at in (edge - timedelta(microseconds=1), edge):
                said = group.decide(course, tick_of(at))
                assert shown(said) == wanted(decide(facts, at))


TRIED = (
    *(AttemptResult.NO_ANSWER, AttemptResult.BUSY, AttemptResult.VOICEMAIL),
    *(AttemptResult.NETWORK_ERROR, AttemptResult.ANSWERED, AttemptResult.INVALID),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    facts=st.one_of(calls(), callable_ones(), callable_ones()),
    results=st.lists(st.sampled_from(TRIED), min_size=1, max_size=3),
    ended=st.integers(0, 5 * 86_400_000_000),
    talked=st.integers(1, 60),
    moments=asked_at,
)
def test_of_a_call_that_was_tried_the_forecast_says_what_policy_says(
    facts: Facts,
    results: list[AttemptResult],
    ended: int,
    talked: int,
    moments: list[datetime],
) -> None:
    dialed = BEGIN + timedelta(microseconds=ended)
    settled = dialed + timedelta(seconds=40)
    tried = tuple(
        AttemptFact(n, dialed, settled, result, talked) for n, result in enumerate(results, 1)
    )
    own = tuple(
        PastDial("c", n, dialed, result is AttemptResult.ANSWERED)
        for n, result in enumerate(results, 1)
    )
    person = replace(facts.person, dials=(*facts.person.dials, *own))
    facts = replace(facts, attempts=tried, person=person)
    group = groups().of(facts)
    early = results[-1] is AttemptResult.ANSWERED and talked <= facts.hung_up_early_seconds
    part = daypart(dialed, group.zone)
    terms = group.retries.after(tuple(results), early, part, tick_of(dialed))
    slot = None if conclusion(facts) else next_attempt(facts)
    assert terms == terms_of(facts, slot, settled)
    course = Course(terms, tick_of(settled) + terms.delay, person.dials)
    for passed in moments:
        now = settled + (passed - BEGIN)
        decision = decide(facts, now)
        event(f"{decision.kind} {decision.reason}")
        assert shown(group.decide(course, tick_of(now))) == wanted(decision)
