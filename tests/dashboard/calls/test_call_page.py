"""The page of a call: what was said in it, what it cost, and whom it was told."""

import re
from typing import Any

import pytest
from sqlmodel import col, select
from starlette.responses import Response

from policy.webhooks.retry_schedule import DeliveryState
from storage.tables import Attempt, Call, Delivery, Event
from tests.api.world import World
from tests.dashboard.browser import HOME, Browser
from tests.dashboard.test_pages import ended

EVIL = "<script>alert('x')</script>"


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    browser.http.cookies.set("trunkline-zone", "America/New_York")
    await browser.sign_in()


async def recorded(world: World) -> str:
    call_id = await ended(world)
    async with world.db.write() as session:
        found = await session.exec(select(Attempt).where(col(Attempt.call_id) == call_id))
        attempt = found.one()
        attempt.recording_sid = "RE" + "1" * 32
        session.add(attempt)
    return call_id


async def test_what_was_said_is_read_and_its_result(browser: Browser):
    call_id = await ended(browser.world)
    body = {
        "outcome": "confirmed",
        "summary": "Ada confirmed.",
        "transcript": [{"speaker": "agent", "text": "Does Tuesday suit you?"}],
        "result": {"slot": "Tuesday", "again": {"deep": EVIL}},
    }
    await browser.world.post(f"/api/v1/calls/{call_id}/outcome", body, 200)
    page = await browser.page(f"{HOME}/calls/{call_id}")
    assert "What came of it Ada confirmed." in page
    assert "Transcript agent Does Tuesday suit you?" in page
    assert "slot Tuesday" in page
    assert EVIL not in await browser.html(f"{HOME}/calls/{call_id}")


async def test_the_cost_of_a_call_is_shown(browser: Browser):
    call_id = await ended(browser.world)
    assert "Cost $0.0215" in await browser.page(f"{HOME}/calls/{call_id}")


async def test_a_recording_has_a_player_whose_sound_comes_from_the_page_s_own_host(
    browser: Browser,
):
    call_id = await recorded(browser.world)
    html = await browser.html(f"{HOME}/calls/{call_id}")
    assert f'<audio controls preload="none" aria-labelledby="sound-1" src="{HOME}/calls' in html
    assert f"{HOME}/calls/{call_id}/recordings/1" in html


async def test_the_sound_is_passed_on_in_the_part_that_was_asked_for(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    asked: list[Any] = []

    async def sound(*said: Any) -> Any:
        asked.append(said[2:])
        return Response(b"RIFF", 206)

    monkeypatch.setattr("dashboard.calls.call_routes.recordings.sound", sound)
    answer = await browser.get(f"{HOME}/calls/abc/recordings/1", Range="bytes=0-3")
    assert (answer.status_code, answer.content) == (206, b"RIFF")
    assert asked == [("abc", 1, "bytes=0-3")]


async def test_a_call_without_a_recording_has_no_sound(browser: Browser):
    call_id = await ended(browser.world)
    assert "<audio" not in await browser.html(f"{HOME}/calls/{call_id}")
    assert "There is no such recording." in await browser.page(
        f"{HOME}/calls/{call_id}/recordings/1", 404
    )


async def test_sound_takes_the_scope_to_read_calls(browser: Browser):
    call_id = await recorded(browser.world)
    browser.http.cookies.clear()
    await browser.sign_in_with(["campaigns:read"])
    await browser.page(f"{HOME}/calls/{call_id}/recordings/1", 403)


async def delivered(world: World, call_id: str, **came: Any) -> None:
    hook = await world.post("/api/v1/webhooks", {"url": "https://hooks.example.com/in"})
    async with world.db.write() as session:
        found = await session.exec(select(Event).where(col(Event.call_id) == call_id))
        event = found.first()
        assert event is not None
        assert event.event_id is not None
        now = world.clock.now
        tries = [{"at": now.isoformat(), "ms": 31, **(came or {"status": 204})}]
        session.add(
            Delivery(
                webhook_id=hook["webhookId"],
                event_id=event.event_id,
                stream=call_id,
                state=DeliveryState.DELIVERED,
                next_at=now,
                tries=tries,
                created_time=now,
            )
        )


async def test_whom_a_call_was_told_is_shown_to_those_who_may_see_webhooks(browser: Browser):
    call_id, other = await ended(browser.world), await browser.world.call(allowDuplicate=True)
    await delivered(browser.world, call_id)
    page = await browser.page(f"{HOME}/calls/{call_id}")
    assert "Told to webhooks (1)" in page
    assert "call.created delivered 204 31 ms https://hooks.example.com/in" in page
    assert "Told to webhooks" not in await browser.page(f"{HOME}/calls/{other}")
    browser.http.cookies.clear()
    await browser.sign_in_with(["calls:read"])
    assert "hooks.example.com" not in await browser.page(f"{HOME}/calls/{call_id}")


async def test_a_try_that_got_no_answer_says_why(browser: Browser):
    call_id = await ended(browser.world)
    await delivered(browser.world, call_id, error="timeout")
    assert "call.created delivered timeout 31 ms" in await browser.page(f"{HOME}/calls/{call_id}")


async def test_a_webhook_is_told_once_more_by_those_who_may_write_them(browser: Browser):
    call_id = await ended(browser.world)
    await delivered(browser.world, call_id)
    found = re.search(
        rf'action="({HOME}/calls/{call_id}/webhooks/[^"]+)"',
        await browser.html(f"{HOME}/calls/{call_id}"),
    )
    assert found is not None
    told = await browser.follow(await browser.send(found[1]))
    assert "The webhook is told once more, under the same id." in told
    async with browser.world.db.read() as session:
        [delivery] = (await session.exec(select(Delivery))).all()
    assert delivery.state is DeliveryState.PENDING
    browser.http.cookies.clear()
    await browser.sign_in_with(["calls:read", "webhooks:read"])
    page = await browser.page(f"{HOME}/calls/{call_id}")
    assert "Told to webhooks (1)" in page
    assert "Send again" not in page
    await browser.send(found[1], 403)


async def test_a_person_who_was_erased_is_not_called_again(browser: Browser):
    call_id = await ended(browser.world)
    async with browser.world.db.write() as session:
        call = await session.get(Call, call_id)
        assert call is not None
        call.endpoint = "erased:abc"
        call.context = {}
        session.add(call)
    assert "Call again" not in await browser.page(f"{HOME}/calls/{call_id}")
    assert "erased:abc" not in await browser.html(f"{HOME}/calls/new?again={call_id}")
