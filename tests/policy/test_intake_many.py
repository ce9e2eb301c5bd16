"""Asking for many calls at once gives the answers that asking for each would give."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

from policy.facts import Facts
from policy.intake import Examiner, examine
from policy.windows import weekly
from tests.policy.make import facts

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NUMBERS = ("+12125550123", "+12125550124", "+14155550123", "+447911123456", "+15555550123")
ZONES = (None, "America/Chicago", "Mars/Olympus")
DEADLINES = (None, NOW - timedelta(hours=1), NOW + timedelta(hours=1), NOW + timedelta(days=9))
NIGHT = weekly({6: [("02:00", "03:00")]})


def everything() -> list[Facts]:
    return [
        facts(
            endpoint=number,
            recipient_zone=zone,
            deadline=deadline,
            call_window=window,
            agent_enabled=enabled,
        )
        for number, zone, deadline, window, enabled in product(
            NUMBERS, ZONES, DEADLINES, (None, NIGHT), (True, False)
        )
    ]


def test_the_answers_are_those_of_asking_one_by_one():
    ask = Examiner(NOW)
    for known in everything() * 2:
        assert ask(known) == examine(known, NOW)


def test_calls_that_differ_in_anything_that_matters_do_not_share_an_answer():
    ask = Examiner(NOW)
    known = facts()
    assert ask(known) is None
    changes = (
        {"agent_enabled": False},
        {"recipient_zone": "Mars/Olympus"},
        {"deadline": NOW},
        {"call_window": NIGHT, "deadline": NOW + timedelta(hours=1)},
        {"business_hours": weekly({}), "not_before": NOW},
        {"agent_zone": "Mars/Olympus"},
    )
    for change in changes:
        assert ask(replace(known, **change)) is not None, change
