"""What pages say in words."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard import words
from dashboard.renderer import static_files
from policy.model.call import CallStatus, DecisionKind, Outcome, WaitingFor

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=26)
NEW_YORK = ZoneInfo("America/New_York")


@dataclass
class Attempt:
    answered_at: datetime | None = None


@dataclass
class Call:
    status: CallStatus = CallStatus.QUEUED
    waiting_for: WaitingFor | None = None
    next_attempt_at: datetime | None = None
    outcome: Outcome | None = None
    cancel_requested: bool = False
    position: int | None = None
    expected_start: datetime | None = None
    attempts: tuple[Attempt, ...] = ()


WINDOW, RETRY, SLOT = WaitingFor.WINDOW, WaitingFor.RETRY, WaitingFor.SLOT


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (Call(CallStatus.COMPLETED, outcome=Outcome.OPTED_OUT), "Ended: opted out."),
        (
            Call(cancel_requested=True, waiting_for=SLOT),
            "Will be canceled as soon as its workflow can be reached.",
        ),
        (
            Call(CallStatus.CREATED),
            "Accepted; it is about to be looked at for the first time.",
        ),
        (
            Call(CallStatus.CREATED, next_attempt_at=LATER),
            "Accepted; it rests until Tue 24 Nov, 12:00 (in 1 d 2 h).",
        ),
        (Call(CallStatus.PENDING), "Has a slot and is about to be dialed."),
        (Call(CallStatus.IN_PROGRESS), "Ringing or connected."),
        (Call(CallStatus.IN_PROGRESS, attempts=(Attempt(),)), "It rings."),
        (
            Call(CallStatus.IN_PROGRESS, attempts=(Attempt(NOW - timedelta(seconds=75)),)),
            "Connected for 1 min 15 s.",
        ),
        (
            Call(waiting_for=WINDOW, next_attempt_at=LATER),
            "Waits for its window until Tue 24 Nov, 12:00 (in 1 d 2 h).",
        ),
        (Call(waiting_for=WINDOW), "Waits for its window; when is not known yet."),
        (
            Call(waiting_for=RETRY, next_attempt_at=NOW),
            "Waits to try again; the time has come.",
        ),
        (Call(), "Waits; when is not known yet."),
        (Call(waiting_for=SLOT), "Waits for a free slot."),
        (
            Call(waiting_for=SLOT, position=3, expected_start=NOW + timedelta(minutes=2)),
            "Place 3 in line; should start at Mon 23 Nov, 10:02.",
        ),
    ],
)
def test_where_a_call_stands_is_one_sentence(call: Call, said: str):
    assert words.waiting(call, NEW_YORK, NOW) == said


@pytest.mark.parametrize(
    ("at", "zone", "said"),
    [
        (NOW, UTC, "Mon 23 Nov, 15:00"),
        (NOW + timedelta(seconds=5), NEW_YORK, "Mon 23 Nov, 10:00:05"),
        (datetime(2027, 7, 1, 12, tzinfo=UTC), NEW_YORK, "Thu 1 Jul 2027, 08:00"),
        (datetime(2027, 1, 1, 2, tzinfo=UTC), NEW_YORK, "Thu 31 Dec, 21:00"),
    ],
)
def test_an_instant_leaves_the_zone_to_the_page_and_names_the_year_if_it_is_another(
    at: datetime, zone: ZoneInfo, said: str
):
    assert words.instant(at, zone, NOW) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.9, "59 s"), (3600, "1 h"), (93784, "1 d 2 h"), (None, "")],
)
def test_a_span_has_its_two_largest_units(seconds: float | None, said: str):
    assert words.span(seconds) == said


def test_a_distance_says_which_way():
    assert words.distance(LATER, NOW) == "in 1 d 2 h"
    assert words.distance(NOW - timedelta(minutes=5), NOW) == "5 min ago"
    assert words.distance(NOW, NOW) == "now"


def test_every_status_outcome_and_decision_has_words():
    for code in (*CallStatus, *Outcome):
        assert "_" not in words.spoken(code)
        assert words.tone(code) in {"good", "bad", "warn", "live", "calm"}
    assert {*words._DID} == {*DecisionKind}


def test_a_sentence_ends():
    assert words.sentence("it waits") == "It waits."
    assert words.sentence("It waits.") == "It waits."
    assert words.sentence(None) == ""


def test_static_files_are_named_by_their_content():
    assert {name.rpartition(".")[2] for name in static_files()} == {"css", "js", "svg", "txt"}
    assert all(len(name.split("-")[-1].split(".")[0]) == 16 for name in static_files())
