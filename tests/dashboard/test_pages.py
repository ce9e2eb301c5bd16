"""What each page shows, that it is escaped, and that no number gets into an address or a log."""

import re
from collections.abc import MutableMapping
from typing import Any

import pytest

from policy.model.call import DecisionKind, Outcome, WaitingFor
from storage.webhooks import deliveries, webhooks
from tests.api.campaigns.test_campaigns import act, called, made
from tests.api.worker import TOMORROW, Worker
from tests.api.world import ENDPOINT, SID, World
from tests.dashboard.browser import HOME, Browser, read

EVIL = "<script>alert('x')</script>"
OTHER = "+12125550124"


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    browser.http.cookies.set("trunkline-zone", "America/New_York")
    await browser.sign_in()


async def ended(world: World, outcome: Outcome = Outcome.CONFIRMED, **changes: Any) -> str:
    """A call that was dialed and is over."""
    call_id = await world.call(**changes)
    attempt = await world.dial(call_id)
    await world.status(attempt.token, "in-progress")
    await world.status(attempt.token, "completed", CallDuration="20")
    await world.settle(attempt, outcome)
    return call_id


# -- overview


async def test_an_empty_account_is_told_what_to_do_first(browser: Browser):
    assert "Begin with an agent" in await browser.page()
    await browser.world.agent()
    page = await browser.page()
    assert "No calls yet" in page
    assert "https://calls.example.com/api/v1/calls" in page


async def test_the_overview_counts_what_there_is(browser: Browser, worker: Worker):
    world = browser.world
    await ended(world, allowDuplicate=True)
    await worker.queued()
    await worker.sleeping()
    page = await browser.page()
    assert "Scheduled 2 1 for a window, 0 to try again, 1 for a slot" in page
    assert "In progress 0 of 100 slots" in page
    assert "Ended 1 of 3 calls in all" in page
    assert "confirmed 1" in page
    assert "Queued 2" in page


async def test_the_overview_says_who_is_called_and_who_is_next(browser: Browser, worker: Worker):
    agent_id = await browser.world.agent(name="Blue Clinic")
    await worker.sleeping(agentId=agent_id, endpoint=OTHER)
    live = await browser.world.call(agentId=agent_id)
    await browser.world.dial(live)
    page = await browser.page()
    now, _, later = page.partition("Next to wake")
    assert f"{ENDPOINT} Blue Clinic Has a slot and is about to be dialed." in now
    assert f"{OTHER} Blue Clinic Waits for its window until Tue 24 Nov, 10:00" in later


async def test_the_overview_shows_how_far_campaigns_are(browser: Browser):
    world = browser.world
    campaign = await made(world, name="spring")
    await act(world, campaign, "start")
    [first, _] = await called(world, campaign)
    await world.decide(first.call_id, DecisionKind.END, outcome=Outcome.CANCELED)
    assert "spring Running 1 of 2 ended" in await browser.page()
    assert 'aria-label="1 of 2 ended, 0 in flight, 1 waiting"' in await browser.html()


async def test_no_page_loads_itself_anew_and_each_that_changes_can_be_refreshed_by_a_link(
    browser: Browser, worker: Worker
):
    call_id = await worker.sleeping()
    for path in ("", "/calls", "/calls?tab=scheduled", f"/calls/{call_id}"):
        html = await browser.html(HOME + path)
        assert "http-equiv" not in html
        assert f'<a href="{HOME}{path}">Refresh</a>' in html
        assert "data-live=" in html


# -- calls


async def test_the_list_of_calls_is_newest_first_and_says_where_each_stands(
    browser: Browser, worker: Worker
):
    assert "No calls yet" in await browser.page(f"{HOME}/calls")
    await ended(browser.world)
    browser.world.clock.pass_(seconds=1)
    await worker.sleeping(endpoint=OTHER)
    page = await browser.page(f"{HOME}/calls")
    assert "2 calls, newest first" in page
    first, second = (
        page.index(f"{OTHER} Ada Lovelace Queued Waits for its window"),
        page.index(ENDPOINT),
    )
    assert first < second
    assert "confirmed" in page[second:]


async def test_calls_are_filtered_by_status_outcome_and_agent(browser: Browser, worker: Worker):
    await ended(browser.world)
    agent_id = await browser.world.agent(name="Other")
    await worker.sleeping(endpoint=OTHER, agentId=agent_id)
    for query, seen, unseen in (
        ("status=Queued", OTHER, ENDPOINT),
        ("outcome=confirmed", ENDPOINT, OTHER),
        (f"agent={agent_id}&status=", OTHER, ENDPOINT),
    ):
        page = await browser.page(f"{HOME}/calls?{query}")
        assert seen in page
        assert unseen not in page
    assert "No call is like this" in await browser.page(f"{HOME}/calls?status=Failed")
    assert "no such status" in await browser.page(f"{HOME}/calls?status=Odd", 422)
    assert "no such outcome" in await browser.page(f"{HOME}/calls?outcome=odd", 422)


async def test_a_number_is_sought_without_standing_in_an_address(
    browser: Browser, logged: list[MutableMapping[str, Any]]
):
    call_id = await browser.world.call()
    await browser.world.call(endpoint=OTHER)
    answer = await browser.send(f"{HOME}/calls/find", sought="+1 (212) 555-0123")
    assert answer.headers["location"] == f"{HOME}/calls?like={call_id}"
    page = await browser.follow(answer)
    assert f"Only calls to {ENDPOINT} ." in page
    assert OTHER not in page
    nobody = await browser.send(f"{HOME}/calls/find", 200, sought="+12125550199")
    assert "No call is like this" in read(nobody.text)
    assert "5550" not in str(logged)


async def test_a_long_list_is_paged_by_its_keys(browser: Browser):
    agent_id = await browser.world.agent()
    for number in range(30):
        browser.world.clock.pass_(seconds=1)
        await browser.world.call(agentId=agent_id, endpoint=f"+12125550{100 + number}")
    html = await browser.html(f"{HOME}/calls?agent={agent_id}")
    older = html.partition('<nav class="pages"')[2].partition('href="')[2].partition('"')[0]
    assert f"agent={agent_id}" in older
    page = await browser.page(older.replace("&amp;", "&"))
    assert "+12125550104" in page
    assert "+12125550105" not in page
    assert "To the beginning" in page
    assert "More" not in page


async def test_a_call_says_what_it_waits_for_and_why(browser: Browser, worker: Worker):
    call_id = await worker.sleeping()
    page = await browser.page(f"{HOME}/calls/{call_id}")
    assert "Waits for its window until Tue 24 Nov, 10:00 (in 1 d)." in page
    assert "Wait until Tue 24 Nov, 10:00." in page
    assert "Nobody was dialed yet." in page
    assert "name Ada Lovelace" in page
    html = await browser.html(f"{HOME}/calls/{call_id}")
    assert f'href="{HOME}/calls/{call_id}/audit"' in html
    assert f"/workflows/call-{call_id}" in html


async def test_a_call_shows_its_attempts(browser: Browser):
    call_id = await ended(browser.world)
    page = await browser.page(f"{HOME}/calls/{call_id}")
    assert f"answered Mon 23 Nov, 10:00 Mon 23 Nov, 10:00 {SID}" in page
    assert "Ended: confirmed." in page
    assert "Cancel…" not in page
    assert "Hang up…" not in page


async def test_the_place_in_line_is_told_and_what_keeps_it_from_a_slot(
    browser: Browser, worker: Worker
):
    call_id = await worker.queued()
    page = await browser.page(f"{HOME}/calls/{call_id}")
    assert "Place 1 in line; should start at" in page
    assert "Waiting for a free slot: one is free for it." in page


async def test_the_audit_says_what_the_file_of_the_api_says(browser: Browser, worker: Worker):
    call_id = await worker.sleeping()
    audit = await browser.page(f"{HOME}/calls/{call_id}/audit")
    given = await browser.world.http.get(
        f"/api/v1/calls/{call_id}/audit", headers={"Accept": "text/html"}
    )
    assert read(given.text) in audit
    assert "Times are in America/New_York" not in audit


# -- do not call


async def test_the_do_not_call_list_says_who_why_and_until_when(browser: Browser):
    assert "Nobody is on the list" in await browser.page(f"{HOME}/do-not-call")
    body = {"endpoint": ENDPOINT, "reason": "asked by mail", "expiresTime": TOMORROW}
    await browser.world.post("/api/v1/suppressions", body)
    page = await browser.page(f"{HOME}/do-not-call")
    assert f"{ENDPOINT} all calls asked by mail api Mon 23 Nov, 10:00" in page
    assert "Tue 24 Nov, 10:00" in page
    browser.world.clock.pass_(hours=25)
    await browser.sign_in()
    assert "Nobody is on the list" in await browser.page(f"{HOME}/do-not-call")
    assert ENDPOINT in await browser.page(f"{HOME}/do-not-call?all=true")


async def test_whether_a_number_is_on_the_list_can_be_asked(browser: Browser):
    await browser.world.post("/api/v1/suppressions", {"endpoint": ENDPOINT})
    path = f"{HOME}/do-not-call/find"
    assert f"Only entries of {ENDPOINT}" in read(
        (await browser.send(path, 200, number=ENDPOINT)).text
    )
    assert "Not on the list" in read((await browser.send(path, 200, number=OTHER)).text)


# -- zones


async def test_times_are_in_the_zone_that_the_agents_share(browser: Browser):
    await browser.world.agent(timezone="Europe/Berlin")
    browser.http.cookies.clear()
    await browser.sign_in()
    call_id = await browser.world.call(agentId=await browser.world.agent())
    page = await browser.page(f"{HOME}/calls/{call_id}")
    assert "Times are in Europe/Berlin" in page
    assert "Accepted Mon 23 Nov, 16:00" in page


async def test_a_viewer_chooses_a_zone(browser: Browser):
    answer = await browser.send(f"{HOME}/zone", zone="Asia/Tokyo")
    page = await browser.follow(answer)
    assert "Times are shown in your zone from now on." in page
    assert "Times are in Asia/Tokyo" in page
    await browser.send(f"{HOME}/zone", 422, zone="Mars/Olympus")


# -- safe to look at


async def test_whatever_clients_wrote_is_shown_as_text(browser: Browser, worker: Worker):
    world = browser.world
    agent_id = await world.agent(name=EVIL)
    call_id = await worker.sleeping(
        agentId=agent_id,
        context={"name": EVIL, EVIL: {"deep": EVIL}},
        additionalData={"crmId": EVIL},
    )
    campaign = await made(world, name=EVIL, agentId=agent_id)
    await act(world, campaign, "start")
    await act(world, campaign, "pause", {"detail": EVIL})
    await world.post("/api/v1/suppressions", {"endpoint": OTHER, "reason": EVIL})
    paths = ("", "/calls", f"/calls/{call_id}", f"/calls/{call_id}/audit", "/campaigns")
    for path in (*paths, f"/campaigns/{campaign['campaignId']}", "/do-not-call"):
        html = await browser.html(HOME + path)
        assert "alert(" in html, path
        assert "<script>" not in html, path
        assert html.count("<script ") == 2, path


@pytest.mark.parametrize("cookie", ["x", "WyJ4Il0=", "WyJjYW5jZWxlZCIsICI8Yj4iXQ==", "e30="])
async def test_a_message_that_is_not_ours_says_nothing_of_its_own(browser: Browser, cookie: str):
    browser.http.cookies.set("trunkline-said", cookie)
    html = await browser.html()
    assert "<b>" not in html
    assert 'role="status"' not in html or "The call is canceled." in html


async def test_numbers_stand_in_no_log_and_in_no_address(
    browser: Browser, worker: Worker, logged: list[MutableMapping[str, Any]]
):
    call_id = await worker.sleeping()
    answers = [
        await browser.send(f"{HOME}/calls/{call_id}/never", reason="asked"),
        await browser.send(f"{HOME}/do-not-call", number=OTHER),
        await browser.send(f"{HOME}/calls/find", sought=ENDPOINT),
    ]
    assert "5550" not in str(logged)
    assert "5550" not in str([answer.headers["location"] for answer in answers])


async def test_the_title_of_a_call_holds_no_number(browser: Browser):
    call_id = await browser.world.call()
    html = await browser.html(f"{HOME}/calls/{call_id}")
    assert f"<title>Call {call_id[:8]} · Trunkline</title>" in html


async def test_waiting_for_a_retry_is_told(browser: Browser):
    call_id = await browser.world.call()
    until = browser.world.clock.now.replace(hour=19)
    await browser.world.decide(
        call_id, DecisionKind.WAIT, waiting_for=WaitingFor.RETRY, until=until
    )
    page = await browser.page(f"{HOME}/calls/{call_id}")
    assert "Waits to try again until Mon 23 Nov, 14:00 (in 4 h)." in page


async def test_each_cell_of_an_audit_names_its_column_for_narrow_screens(
    browser: Browser, worker: Worker
):
    html = await browser.html(f"{HOME}/calls/{await ended(browser.world)}/audit")
    rows = html.partition('<div class="across rows"')[2]
    assert 'data-label="Carrier id"' in rows
    cells = re.findall(r"<td[^>]*>", rows.partition("<h2>Events</h2>")[0])
    assert all("data-label=" in cell for cell in cells)
    assert len(cells) >= 8


async def test_a_call_leads_to_what_webhooks_were_told_of_it(browser: Browser):
    made_hook = {"url": "https://hooks.example.com/trunkline"}
    hook = (await browser.world.post("/api/v1/webhooks", made_hook))["webhookId"]
    call_id = await browser.world.call()
    async with browser.world.db.write() as session:
        row = await webhooks.load(session, hook)
        assert row is not None
        await deliveries.fan_out(session, [row], browser.world.clock.now)
    html = await browser.html(f"{HOME}/calls/{call_id}")
    found = re.search(rf'href="({HOME}/webhooks/{hook}/deliveries/\d+)"', html)
    assert found is not None
    assert "call.created" in await browser.page(found[1])
