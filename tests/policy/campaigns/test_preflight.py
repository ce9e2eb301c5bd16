"""A preflight says what acceptance and the first decision would."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policy.campaigns.preflight import VerdictKind, call_times, verdict
from policy.model.call import WeeklyWindow
from policy.time.best_times import BestTimePreset, BestTimes
from tests.policy.make import NEW_YORK, NOW, at, daily, facts

NEW_YORKER = "+12125550123"
#: A Monday: 10:00, and 03:00, in New York.
OPEN, CLOSED = at("2026-11-23 15:00"), at("2026-11-23 08:00")


@pytest.mark.parametrize(
    ("changes", "now", "kind", "reason"),
    [
        ({}, OPEN, VerdictKind.READY, "first_attempt"),
        ({}, CLOSED, VerdictKind.LATER, "calling_hours"),
        ({"not_before": OPEN + timedelta(hours=1)}, OPEN, VerdictKind.LATER, "not_before"),
        ({"endpoint": "+15555550123"}, OPEN, VerdictKind.REFUSED, "needs_timezone"),
        ({"deadline": OPEN}, OPEN, VerdictKind.REFUSED, "deadline_past"),
        (
            {"deadline": CLOSED + timedelta(hours=1)},
            CLOSED,
            VerdictKind.REFUSED,
            "deadline_unreachable",
        ),
        ({"agent_enabled": False}, OPEN, VerdictKind.REFUSED, "agent_disabled"),
        ({"call_window": WeeklyWindow({})}, OPEN, VerdictKind.REFUSED, "no_opening"),
    ],
)
def test_the_verdict_and_its_reason(changes, now, kind, reason):
    found = verdict(facts(**{"endpoint": NEW_YORKER, **changes}), now)
    assert (found.kind, found.reason) == (kind, reason)
    assert (found.next_at is None) is (kind is VerdictKind.REFUSED)


def test_the_times_begin_now_and_leave_room_to_ring():
    asked = facts(endpoint=NEW_YORKER, ring_timeout=30)
    today, tomorrow, *_ = call_times(asked, OPEN)
    assert today.start == OPEN
    # Nine in the evening, less the ringing and a minute.
    assert today.end == at("2026-11-24 01:58") + timedelta(seconds=30)
    assert tomorrow.start == at("2026-11-24 13:00")


def test_the_times_heed_start_and_deadline_and_may_be_none():
    asked = facts(endpoint=NEW_YORKER)
    start, deadline = OPEN + timedelta(hours=1), OPEN + timedelta(hours=2)
    (only,) = call_times(replace(asked, not_before=start, deadline=deadline), OPEN)
    assert only.start == start
    assert only.end <= deadline
    assert call_times(replace(asked, deadline=CLOSED), OPEN) == ()
    assert call_times(replace(asked, endpoint="+15555550123"), OPEN) == ()


def test_a_preflight_reckons_with_the_best_times_where_they_can_be_had():
    best = facts(best_times=BestTimes(BestTimePreset.CONSUMERS), campaign_id="c")
    first = call_times(best, NOW)[0]
    assert first.start == at("2026-11-18 17:00", NEW_YORK)
    assert first.end < at("2026-11-18 20:00", NEW_YORK)
    mornings = replace(best, business_hours=daily("08:00", "12:00", days=range(5)))
    assert call_times(mornings, NOW)[0].start == NOW
