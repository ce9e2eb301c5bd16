"""Hours as people type them, and an agent that goes through its form unchanged."""

from collections.abc import Mapping

import pytest

from api.http.problems import Problem
from dashboard.agents.agent_form import form_of, patch_of, request_of
from dashboard.agents.hours_form import read_hours, shown_hours
from dashboard.week_words import business_hours
from policy.time.best_times import BestTimePreset
from storage.tables import Agent


def test_hours_are_read_as_they_are_written():
    typed = {"mon": "9-12, 13:00 – 17:30", "fri": "22:00 to 02:00", "sun": " "}
    found = read_hours(typed)
    assert found == {
        "mon": [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:30"}],
        "fri": [{"start": "22:00", "end": "02:00"}],
    }
    assert shown_hours(found)["mon"] == "09:00-12:00, 13:00-17:30"
    assert read_hours(shown_hours(found)) == found


@pytest.mark.parametrize("text", ["always", "9", "09:00-", "9:0-10:00", "09:00-12:00 13:00-14:00"])
def test_hours_that_cannot_be_read_are_told_by_their_day(text: str):
    with pytest.raises(Problem) as told:
        read_hours({"mon": "09:00-12:00", "tue": text, "wed": text})
    assert [one.field for one in told.value.errors] == ["businessHours.tue", "businessHours.wed"]


@pytest.mark.parametrize(
    ("spec", "lines"),
    [
        (None, ["at any time"]),
        ({}, ["never"]),
        ({"mon": []}, ["never"]),
        (
            {
                **{day: [{"start": "09:00", "end": "17:00"}] for day in ("mon", "tue", "wed")},
                "sat": [{"start": "22:00", "end": "02:00"}],
            },
            ["Mon–Wed 09:00–17:00", "Sat 22:00–02:00"],
        ),
    ],
)
def test_hours_are_said_in_words(spec: Mapping[str, list[Mapping[str, str]]], lines: list[str]):
    assert business_hours(spec) == lines


def agent() -> Agent:
    """One that has everything."""
    return Agent(
        account_id="a",
        name="Blue Clinic",
        timezone="America/New_York",
        business_hours_spec={"mon": [{"start": "09:00", "end": "12:00"}]},
        caller_ids=["+12025550100", "+12025550101"],
        heals_caller_ids=True,
        best_times=BestTimePreset.CONSUMERS,
        call_reason="Your appointment",
        retry_spec={
            "maxAttempts": 4,
            "busy": "PT2H",
            "noAnswer": "P1D",
            "differentTimeOfDay": "best",
        },
        voicemail_spec={"action": "leave_message", "message": "Call us."},
        identity_spec={
            "name": "Blue Clinic",
            "callbackNumber": "+12025550100",
            "words": {"ai": "I am a computer."},
            "goodbye": "Bye.",
        },
        inbound_spec={"waitingCall": "pause", "say": "Hi.", "transferTo": "+12025550102"},
        ring_timeout=20,
        max_duration=600,
        max_concurrent=3,
        calls_per_minute=12,
        hung_up_early_seconds=0,
        recording=True,
    )


def test_a_form_that_is_sent_as_it_was_shown_changes_nothing():
    assert patch_of(form_of(agent()), agent()).model_fields_set == set()


def test_a_form_says_everything_that_the_api_takes():
    said = request_of(form_of(agent())).as_spec()
    assert said["retry"] == {
        "maxAttempts": 4,
        "busy": "PT7200S",
        "noAnswer": "PT86400S",
        "differentTimeOfDay": "best",
    }
    assert said["hungUpEarlySeconds"] == 0
    kept = agent()
    for name in ("identity", "inbound", "voicemail"):
        assert said[name] == getattr(kept, f"{name}_spec")
    assert said["businessHours"] == kept.business_hours_spec
