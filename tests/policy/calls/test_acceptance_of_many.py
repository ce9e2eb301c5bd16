"""Asking for many calls at once gives the answers that asking for each would give."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from policy.calls.acceptance import Examiner, examine
from policy.model.call import EndpointKind
from policy.model.person import NOBODY, Person, Scope, Suppression
from policy.time.windows import weekly
from storage.facts.gather import own_facts
from storage.tables import Call
from tests.policy.make import AGREED, facts

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NUMBERS = ("+12125550123", "+12125550124", "+14155550123", "+447911123456", "+15555550123")
ZONES = (None, "America/Chicago", "Mars/Olympus")
DEADLINES = (None, NOW - timedelta(hours=1), NOW + timedelta(hours=1), NOW + timedelta(days=9))
NIGHT = weekly({6: [("02:00", "03:00")]})
LISTED = Person(suppressions=(Suppression("sup_1", Scope(), "api"),))


def said(**changes: Any) -> dict[str, Any]:
    """What a call says itself."""
    return {
        "endpoint": NUMBERS[0],
        "endpoint_kind": EndpointKind.PHONE,
        "caller_ids": ("+12025550100",),
        "campaign_id": None,
        "call_window": None,
        "recipient_zone": None,
        "recipient_country": None,
        "recipient_postal_code": None,
        "not_before": None,
        "deadline": None,
        "ring_timeout": 30,
        "recorded": False,
        "subject": None,
        "stated_consent": AGREED,
        **changes,
    }


def test_what_is_compared_is_all_that_a_call_says() -> None:
    columns = dict.fromkeys(Call.model_fields) | {"recipient_spec": {}}
    assert said().keys() == own_facts(columns).keys()


def everything() -> list[dict[str, Any]]:
    return [
        said(endpoint=number, recipient_zone=zone, deadline=deadline, call_window=window)
        for number, zone, deadline, window in product(NUMBERS, ZONES, DEADLINES, (None, NIGHT))
    ]


@pytest.mark.parametrize("agent", [{}, {"agent_enabled": False}, {"agent_zone": "Mars/Olympus"}])
def test_the_answers_are_those_of_asking_one_by_one(agent: dict[str, Any]) -> None:
    known = facts(**agent)
    ask = Examiner(known, NOW)
    for own, person in product(everything() * 2, (NOBODY, LISTED)):
        one = replace(known, person=person, **own)
        assert ask(own, person) == examine(one, NOW), own


def test_calls_that_differ_in_anything_that_matters_do_not_share_an_answer() -> None:
    ask = Examiner(facts(), NOW)
    assert ask(said(), NOBODY) is None
    assert ask(said(), LISTED) is not None
    changes: tuple[dict[str, Any], ...] = (
        {"recipient_zone": "Mars/Olympus"},
        {"recipient_country": "XX"},
        {"endpoint": "+15555550123"},
        {"deadline": NOW},
        {"call_window": NIGHT, "deadline": NOW + timedelta(hours=1)},
        {"not_before": NOW + timedelta(hours=2), "deadline": NOW + timedelta(hours=1)},
    )
    for change in changes:
        assert ask(said(**change), NOBODY) is not None, change


def test_a_call_that_states_its_consent_does_not_share_the_answer_of_one_that_does_not() -> None:
    ask = Examiner(facts(), NOW)
    assert ask(said(stated_consent=None), NOBODY) is not None
    assert ask(said(), NOBODY) is None
