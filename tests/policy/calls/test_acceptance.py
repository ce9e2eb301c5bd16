from datetime import timedelta

import pytest

from policy.calls.acceptance import examine
from policy.calls.decide import decide
from policy.model.call import DecisionKind, EndpointKind, WeeklyWindow
from tests.policy.make import NOW, daily, facts

HOUR = timedelta(hours=1)
NEVER = WeeklyWindow({})


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"recipient_zone": "Mars/Base"}, "unknown_timezone", "recipient.timezone"),
        ({"agent_zone": "Mars/Base"}, "unknown_timezone", "agentId"),
        ({"agent_enabled": False}, "agent_disabled", "agentId"),
        ({"deadline": NOW}, "deadline_past", "callDeadline"),
        ({"deadline": NOW - HOUR, "not_before": NOW}, "deadline_past", "callDeadline"),
        (
            {"deadline": NOW + HOUR, "not_before": NOW + HOUR},
            "deadline_before_start",
            "callDeadline",
        ),
        ({"endpoint": "+15551234567"}, "needs_timezone", "recipient.timezone"),
        (
            {"endpoint": "sip:alice@example.com", "endpoint_kind": EndpointKind.SIP},
            "needs_timezone",
            "recipient.timezone",
        ),
        (
            {"call_window": daily("12:00", "13:00"), "deadline": NOW + HOUR},
            "deadline_unreachable",
            "callDeadline",
        ),
        ({"call_window": NEVER, "deadline": NOW + HOUR}, "no_opening", "schedule.window"),
        ({"call_window": daily("22:00", "06:00")}, "no_opening", "schedule.window"),
        ({"call_window": daily("10:00", "10:01")}, "no_opening", "schedule.window"),
    ],
)
def test_what_would_be_missed_is_refused(given, code, field):
    refused = examine(facts(**given), NOW)
    assert refused is not None
    assert (refused.code, refused.field) == (code, field)
    assert refused.message.endswith(".")
    assert not any(digits in refused.message for digits in ("5551234567", "Mars", "alice"))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"deadline": NOW + HOUR, "not_before": NOW + HOUR / 2},
        {"deadline": NOW + 3 * HOUR, "call_window": daily("12:00", "13:00")},
        {"endpoint": "+15551234567", "recipient_zone": "America/Denver"},
        {"not_before": NOW + timedelta(days=200)},
    ],
)
def test_what_can_be_called_is_accepted_and_not_ended_by_decide(given):
    assert examine(facts(**given), NOW) is None
    assert decide(facts(**given), NOW).kind in (DecisionKind.DIAL, DecisionKind.WAIT)
