"""A call typed in on a page: checked, looked at once more, scheduled once."""

import re
from html import unescape
from typing import Any

import pytest

from tests.api.worker import Worker, ask_for_consent, get
from tests.api.world import ENDPOINT
from tests.dashboard.browser import HOME, Browser, read
from tests.dashboard.test_pages import ended

NEW = f"{HOME}/calls/new"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    browser.http.cookies.set("trunkline-zone", "America/New_York")
    await browser.sign_in()


@pytest.fixture
async def agent_id(browser: Browser) -> str:
    return await browser.world.agent(name="Blue Clinic")


def typed(agent_id: str, **changes: str) -> dict[str, str]:
    context = {"context.name": "Ada Lovelace"}
    return {"number": "+1 (212) 555-0123", "agent": agent_id, "priority": "5", **context, **changes}


def hidden(html: str) -> dict[str, str]:
    """What the form of the review sends on."""
    main = html.partition("<main")[2]
    return {unescape(name): unescape(value) for name, value in _HIDDEN.findall(main)}


async def review(browser: Browser, form: dict[str, str], status: int = 200) -> str:
    return str((await browser.send(NEW, status, step="review", **form)).text)


async def calls(browser: Browser) -> list[Any]:
    found: list[Any] = (await get(browser.world, "calls"))["calls"]
    return found


async def test_without_an_agent_the_form_says_what_comes_first(browser: Browser):
    assert "First, an agent" in await browser.page(NEW)


async def test_a_call_is_reviewed_and_then_scheduled(browser: Browser, agent_id: str):
    html = await review(browser, typed(agent_id, metadata='{"crmId": "C-1"}', priority="8"))
    page = read(html)
    assert "It is dialed at once." in page
    assert "Where America/New York" in page
    assert "8, high: appointments, important customers" in page
    assert await calls(browser) == []
    answer = await browser.send_raw(NEW, 303, step="schedule", **hidden(html))
    [call] = await calls(browser)
    assert answer.headers["location"] == f"{HOME}/calls/{call['callId']}"
    assert "The call is scheduled." in await browser.follow(answer)
    assert (call["endpoint"], call["priority"]) == (ENDPOINT, 8)
    assert (call["context"], call["additionalData"]) == ({"name": "Ada Lovelace"}, {"crmId": "C-1"})
    assert browser.world.gateway.started == [call["callId"]]


async def test_what_is_sent_twice_from_one_review_is_one_call(browser: Browser, agent_id: str):
    form = hidden(await review(browser, typed(agent_id)))
    first = await browser.send_raw(NEW, 303, step="schedule", **form)
    second = await browser.send_raw(NEW, 303, step="schedule", **form)
    assert first.headers["location"] == second.headers["location"]
    assert len(await calls(browser)) == 1


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"number": "nonsense"}, "number", "may hold only digits"),
        ({"number": ""}, "number", "Whom is to be called?"),
        ({"metadata": '{"a": '}, "metadata", "This is not JSON (line 1)."),
        ({"metadata": "[1]"}, "metadata", "Must be an object"),
        ({"when": "at", "at": ""}, "at", "Choose a day and a time."),
        ({"when": "at", "at": "2026-11-2"}, "at", "Must be a day and a time."),
        ({"when": "at", "at": "2026-11-01T10:00", "deadline": "2026-11-02T10:00"}, "deadline", ""),
        ({"window_start": "09:00"}, "window", "A window has a beginning"),
        ({"voicemail": "leave_message", "message": ""}, "message", "leave_message needs a message"),
        ({"priority": "11"}, "priority", "at most 10"),
        ({"caller_id": "+12125550199"}, "caller_id", "not one of the agent"),
        ({"recipient_zone": "Mars/Olympus"}, "recipient_zone", ""),
    ],
)
async def test_a_mistake_keeps_what_was_typed_and_is_told_at_its_field(
    browser: Browser, agent_id: str, changes: dict[str, str], field: str, said: str
):
    kept = {"more": '{"left": "as it was"}', "context.name": "Grace Hopper"}
    html = await review(browser, typed(agent_id, **{**kept, **changes}), 422)
    told = html.partition(f'id="{field}-error"')[2].partition("</p>")[0]
    assert said in unescape(told)
    assert told, read(html)
    assert "Grace Hopper" in html
    assert "&#34;left&#34;: &#34;as it was&#34;" in html
    assert await calls(browser) == []


async def test_a_variable_that_the_pathway_needs_is_asked_for(browser: Browser):
    definition = {
        "start": "bye",
        "nodes": {"bye": {"kind": "hang_up", "text": "Hello {{name}}, on {{day|some day}}."}},
        "variables": ["name", "day"],
    }
    pathway_id = await browser.world.pathway(definition=definition)
    agent_id = await browser.world.agent(pathwayId=pathway_id)
    html = await browser.html(NEW)
    assert 'name="context.name"' in html
    assert 'name="context.day"' in html
    html = await review(browser, typed(agent_id, **{"context.name": ""}), 422)
    assert "Needed: the pathway says it." in html
    assert "the context does not have: name" in read(html)


async def test_another_pathway_brings_its_own_fields_and_keeps_the_rest(
    browser: Browser, agent_id: str
):
    other = await browser.world.pathway(
        name="survey",
        definition={
            "start": "bye",
            "nodes": {"bye": {"kind": "hang_up", "text": "About {{product}}."}},
            "variables": ["product"],
        },
    )
    form = typed(agent_id, pathway=other, metadata="{}", deadline="2026-11-30T10:00")
    html = str((await browser.send(NEW, 200, step="fields", **form)).text)
    assert 'name="context.product"' in html
    assert 'value="2026-11-30T10:00"' in html
    assert 'role="alert"' not in html


async def test_the_number_is_checked_while_it_is_typed(browser: Browser, agent_id: str):
    path = f"{NEW}/number"
    said = read((await browser.send(path, 200, number="+1 (212) 555-0123", agent=agent_id)).text)
    assert f"{ENDPOINT} · America/New York, Mon 10:00 there May be called now." in said
    browser.world.clock.pass_(hours=7)
    wrong = read((await browser.send(path, 200, number="+1 212", agent=agent_id)).text)
    assert "May be called" not in wrong
    far = read((await browser.send(path, 200, number="+442079460123", agent=agent_id)).text)
    assert "Europe/London, Mon 22:00 there" in far


async def test_a_number_that_may_not_be_called_now_says_when_and_why(
    browser: Browser, agent_id: str
):
    await browser.world.http.delete("/api/v1/compliance/waivers/calling_hours")
    browser.world.clock.pass_(hours=13)
    await browser.sign_in()
    path = f"{NEW}/number"
    said = read((await browser.send(path, 200, number=ENDPOINT, agent=agent_id)).text)
    assert "May be called next Tue 24 Nov, 08:00 there, because:" in said


async def test_a_number_on_the_list_is_told_at_once(browser: Browser, agent_id: str):
    await browser.world.post("/api/v1/suppressions", {"endpoint": ENDPOINT})
    said = read((await browser.send(f"{NEW}/number", 200, number=ENDPOINT, agent=agent_id)).text)
    assert "May not be called, because:" in said
    html = await review(browser, typed(agent_id), 422)
    assert 'id="number-error"' in html


async def test_a_consent_that_is_stated_counts(browser: Browser, agent_id: str):
    await ask_for_consent(browser.world)
    without = await review(browser, typed(agent_id), 422)
    assert "consent" in read(without).lower()
    html = await review(browser, typed(agent_id, consent="express", consent_method="web form"))
    assert "Schedule this call?" in read(html)


@pytest.mark.parametrize(
    ("clock", "zone", "at"),
    [
        ("agent", "", "2026-11-24T15:00:00Z"),
        ("recipient", "America/Chicago", "2026-11-24T16:00:00Z"),
        ("recipient", "", "2026-11-24T15:00:00Z"),
    ],
)
async def test_a_time_is_on_the_clock_that_was_chosen(
    browser: Browser, agent_id: str, clock: str, zone: str, at: str
):
    form = typed(agent_id, when="at", at="2026-11-24T10:00", clock=clock, recipient_zone=zone)
    html = await review(browser, form)
    assert "It waits until Tue 24 Nov" in read(html)
    await browser.send_raw(NEW, 303, step="schedule", **hidden(html))
    [call] = await calls(browser)
    assert call["schedule"]["notBefore"] == at


async def test_a_clock_that_the_number_does_not_tell_is_asked_for(browser: Browser, agent_id: str):
    form = typed(agent_id, number="+18505550123", when="at", at="2026-11-24T10:00")
    html = await review(browser, {**form, "clock": "recipient"}, 422)
    assert "Say where they are." in read(html)
    assert 'id="recipient_zone-error"' in html


async def test_the_review_says_which_place_in_line_it_would_get(
    browser: Browser, worker: Worker, agent_id: str
):
    await browser.world.http.patch(f"/api/v1/agents/{agent_id}", json={"maxConcurrent": 1})
    for number in range(3):
        await worker.queued(agentId=agent_id, endpoint=f"+12125550{150 + number}", priority=5)
        browser.world.clock.pass_(seconds=1)
    assert "It gets place 4 in line" in read(await review(browser, typed(agent_id)))
    assert "It is dialed at once." in read(await review(browser, typed(agent_id, priority="10")))
    assert len(await calls(browser)) == 3


async def test_a_second_call_to_the_number_is_made_only_when_it_is_said(
    browser: Browser, agent_id: str
):
    await browser.world.call(agentId=agent_id)
    html = await review(browser, typed(agent_id), 422)
    assert "Call all the same" in read(html)
    html = await review(browser, typed(agent_id, duplicate="yes"))
    await browser.send_raw(NEW, 303, step="schedule", **hidden(html))
    assert len(await calls(browser)) == 2


async def test_call_again_fills_the_form_as_the_call_was(browser: Browser):
    call_id = await ended(browser.world, priority=8, additionalData={"crmId": "C-1"})
    assert f'href="{NEW}?again={call_id}"' in await browser.html(f"{HOME}/calls/{call_id}")
    html = await browser.html(f"{NEW}?again={call_id}")
    assert f'value="{ENDPOINT}"' in html
    assert 'value="Ada Lovelace"' in html
    assert '<option value="8" selected>' in html
    assert "C-1" in html


async def test_a_form_without_its_token_schedules_nothing(browser: Browser, agent_id: str):
    await browser.send_raw(NEW, 403, step="schedule", **typed(agent_id))
    assert await calls(browser) == []


async def test_scheduling_takes_the_scope_to_write(browser: Browser, agent_id: str):
    browser.http.cookies.clear()
    await browser.sign_in_with(["calls:read"])
    await browser.page(NEW, 403)
    await browser.send(NEW, 403, step="schedule", **typed(agent_id))
    assert "New call" not in await browser.page(f"{HOME}/calls")


# -- reschedule


async def test_a_call_that_waits_gets_another_time(browser: Browser, worker: Worker):
    call_id = await worker.sleeping()
    path = f"{HOME}/calls/{call_id}/reschedule"
    assert f'href="{path}"' in await browser.html(f"{HOME}/calls/{call_id}")
    assert 'value="2026-11-24T10:00"' in await browser.html(path)
    form = {"when": "at", "at": "2026-11-25T11:30", "priority": "9", "deadline": ""}
    page = await browser.follow(await browser.send(path, 303, **form))
    assert "The call has a new time." in page
    [(moved, at)] = browser.world.gateway.rescheduled
    assert (moved, at.isoformat()) == (call_id, "2026-11-25T16:30:00+00:00")
    assert (await browser.world.view(call_id))["priority"] == 9


async def test_a_new_time_after_the_deadline_is_refused_at_its_field(
    browser: Browser, worker: Worker
):
    call_id = await worker.sleeping(callDeadline="2026-11-24T20:00:00Z")
    form = {"when": "at", "at": "2026-11-26T10:00", "deadline": "2026-11-24T15:00"}
    answer = await browser.send(f"{HOME}/calls/{call_id}/reschedule", 422, **form)
    assert 'id="at-error"' in answer.text
    assert 'value="2026-11-26T10:00"' in answer.text
    assert browser.world.gateway.rescheduled == []


async def test_further_numbers_of_the_person_are_typed_reviewed_and_shown(
    browser: Browser, agent_id: str
):
    lines = "home: +12125550161, America/Chicago, 18:00-20:00 mon tue\n+12125550162"
    hours = "09:00-17:00 mon"
    form = typed(agent_id, number_type="mobile", number_hours=hours, others=lines)
    looked_at = await review(browser, form)
    assert "+12125550161" in looked_at
    await browser.send_raw(NEW, 303, step="schedule", **hidden(looked_at))
    [call] = await calls(browser)
    assert [(one["endpoint"], one["type"]) for one in call["numbers"]] == [
        (ENDPOINT, "mobile"),
        ("+12125550161", "home"),
        ("+12125550162", None),
    ]
    page = await browser.page(f"{HOME}/calls/{call['callId']}")
    assert "America/Chicago" in page
    again = await browser.page(f"{NEW}?again={call['callId']}")
    assert "home: +12125550161, America/Chicago, 18:00-20:00 mon tue" in again
    assert f'value="{hours}"' in await browser.html(f"{NEW}?again={call['callId']}")


async def test_a_line_that_cannot_be_read_is_told_at_its_field(browser: Browser, agent_id: str):
    page = await review(browser, typed(agent_id, others="+12125550161, tomorrow"), 422)
    assert "Line 1" in page
    page = await review(browser, typed(agent_id, number_hours="in the morning"), 422)
    assert 'id="number_hours-error"' in page
