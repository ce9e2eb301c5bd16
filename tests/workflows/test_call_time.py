"""When a call is placed: starts, windows, hours and deadlines, on virtual time."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from policy.model.call import CallStatus, Outcome, WaitingFor
from tests.workflows.bench import Bench, Story, local

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEW_YORK = ZoneInfo("America/New_York")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
LONDON = ZoneInfo("Europe/London")
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def next_change(zone: ZoneInfo, *, forward: bool) -> datetime:
    """The first midnight (local, as an instant) of a day on which the clock is put so."""
    day = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(400):
        day += timedelta(days=1)
        today = day.astimezone(UTC)
        tomorrow = (day + timedelta(days=1)).astimezone(UTC)
        length = tomorrow - today
        if length == timedelta(hours=23 if forward else 25):
            return today
    raise AssertionError("the zone has no such change")


async def placed(bench: Bench, agent: dict[str, Any], **columns: Any) -> Story:
    call = await bench.accept(await bench.agent(**agent), **columns)
    _, story = await bench.run_accepted(call)
    return story


@pytest.mark.parametrize("forward", [True, False])
async def test_a_window_opens_at_its_wall_time_over_a_clock_change(
    bench: Bench, forward: bool
) -> None:
    midnight = next_change(NEW_YORK, forward=forward)
    story = await placed(
        bench,
        {},
        not_before=midnight - timedelta(hours=1),
        window_spec={"days": EVERY_DAY, "start": "09:00", "end": "10:00"},
    )
    dialed = local(story.attempts[0].dialed_at, NEW_YORK)
    assert (dialed.hour, dialed.minute) == (9, 0)
    elapsed = story.attempts[0].dialed_at - midnight
    assert round(elapsed.total_seconds() / 3600) == (8 if forward else 10)


async def test_the_window_is_the_recipient_s_the_business_hours_are_the_agent_s(
    bench: Bench,
) -> None:
    """09-17 in London and an agent working 09-17 in New York: only 14-17 London is left."""
    hours = {day: [{"start": "09:00", "end": "17:00"}] for day in EVERY_DAY}
    story = await placed(
        bench,
        {"business_hours_spec": hours},
        endpoint="+442079460123",
        recipient_spec={"timezone": "Europe/London"},
        not_before=datetime.now(UTC) + timedelta(days=1),
        window_spec={"days": EVERY_DAY, "start": "09:00", "end": "17:00"},
    )
    dialed = story.attempts[0].dialed_at
    assert 9 <= local(dialed, LONDON).hour < 17
    assert 9 <= local(dialed, NEW_YORK).hour < 17


async def test_hours_over_midnight_belong_to_the_day_they_start_on(bench: Bench) -> None:
    """An agent in Sydney working Mondays 22:00-06:00 may call New York on Monday's daytime."""
    story = await placed(
        bench,
        {
            "timezone": "Australia/Sydney",
            "business_hours_spec": {"mon": [{"start": "22:00", "end": "06:00"}]},
        },
        not_before=datetime.now(UTC) + timedelta(hours=1),
    )
    dialed = story.attempts[0].dialed_at
    sydney = local(dialed, ZoneInfo("Australia/Sydney"))
    assert (sydney.weekday(), sydney.hour >= 22) in {(0, True), (1, False)}
    assert sydney.hour >= 22 or sydney.hour < 6
    assert 8 <= local(dialed, NEW_YORK).hour < 21


async def test_legal_hours_of_the_recipient_hold_without_any_window(bench: Bench) -> None:
    """Wanted at 03:00 in Los Angeles: placed at 08:00 there."""
    day = datetime.now(LOS_ANGELES) + timedelta(days=2)
    at_three = day.replace(hour=3, minute=0, second=0, microsecond=0)
    story = await placed(
        bench,
        {},
        endpoint="+13105550199",
        recipient_spec={"timezone": "America/Los_Angeles"},
        not_before=at_three.astimezone(UTC),
    )
    dialed = local(story.attempts[0].dialed_at, LOS_ANGELES)
    assert (dialed.date(), dialed.hour, dialed.minute) == (at_three.date(), 8, 0)


async def test_a_retry_after_no_answer_comes_in_another_part_of_the_day(bench: Bench) -> None:
    morning = (datetime.now(NEW_YORK) + timedelta(days=2)).replace(hour=9, minute=0, second=0)
    call = await bench.accept(await bench.agent(), not_before=morning.astimezone(UTC))
    bench.carrier.script(call.endpoint, ["no-answer", {"answer": {"by": "human"}}])
    _, story = await bench.run_accepted(call)
    first, second = story.attempts
    assert first.settled_at is not None
    assert second.dialed_at - first.settled_at >= timedelta(hours=24)
    assert local(first.dialed_at, NEW_YORK).hour == 9
    assert local(second.dialed_at, NEW_YORK).hour >= 11


async def test_a_deadline_too_near_for_a_retry_ends_the_call_as_its_last_try_did(
    bench: Bench,
) -> None:
    noon = (datetime.now(NEW_YORK) + timedelta(days=2)).replace(hour=12, minute=0, second=0)
    start = noon.astimezone(UTC)
    call = await bench.accept(
        await bench.agent(), not_before=start, call_deadline=start + timedelta(hours=2)
    )
    bench.carrier.script(call.endpoint, ["busy"])
    end, story = await bench.run_accepted(call)
    assert end.outcome is Outcome.BUSY
    assert story.call.status is CallStatus.FAILED
    assert len(story.attempts) == 1


async def test_a_waiting_call_says_what_it_waits_for_and_until_when(bench: Bench) -> None:
    start = datetime.now(UTC) + timedelta(days=3)
    call = await bench.accept(await bench.agent(), not_before=start)
    _, story = await bench.run_accepted(call)
    [wait, *_] = story.decisions
    assert wait.waiting_for == WaitingFor.WINDOW
    assert wait.until is not None
    assert wait.until >= start
    assert "until" in wait.detail
