"""What can be done on the pages does what the API does, and says what came of it."""

import pytest

from policy.model.call import CallStatus, Outcome
from storage.tables import Account, Call
from tests.api.accounts.test_dialing_pause import refused
from tests.api.callbacks.test_inbound import writes
from tests.api.campaigns.test_campaigns import act, made
from tests.api.worker import Worker, get
from tests.api.world import ENDPOINT, World
from tests.dashboard.browser import HOME, Browser, read

OTHER = "+12125550124"


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    browser.http.cookies.set("trunkline-zone", "America/New_York")
    await browser.sign_in()


async def test_a_call_that_waits_is_canceled(browser: Browser, worker: Worker):
    call_id = await worker.sleeping()
    html = await browser.html(f"{HOME}/calls/{call_id}")
    assert f'action="{HOME}/calls/{call_id}/cancel"' in html
    assert "This call will not be made." in html
    answer = await browser.send(f"{HOME}/calls/{call_id}/cancel")
    assert answer.headers["location"] == f"{HOME}/calls/{call_id}"
    assert browser.world.gateway.canceled == [call_id]
    assert "The call is canceled." in await browser.follow(answer)


@pytest.mark.parametrize(
    ("decision", "said", "entries"),
    [
        ("opted_out", "The number is on the do-not-call list", 1),
        ("dismissed", "It was nothing of the kind", 0),
    ],
)
async def test_a_text_that_may_be_an_opt_out_is_read_and_decided(
    browser: Browser, decision: str, said: str, entries: int
):
    await browser.world.agent()
    await writes(browser.world, "please <b>leave me alone</b>")
    html = await browser.html(f"{HOME}/do-not-call")
    assert "please &lt;b&gt;leave me alone&lt;/b&gt;" in html
    [review] = (await get(browser.world, "suppressions/reviews"))["reviews"]
    path = f"{HOME}/do-not-call/reviews/{review['reviewId']}"
    page = await browser.follow(await browser.send(path, decision=decision))
    assert said in page
    assert "leave me alone" not in page
    assert (await get(browser.world, "suppressions"))["total"] == entries


async def test_what_is_said_is_said_once(browser: Browser, worker: Worker):
    call_id = await worker.sleeping()
    answer = await browser.send(f"{HOME}/calls/{call_id}/cancel")
    await browser.follow(answer)
    assert "The call is canceled." not in await browser.follow(answer)


async def test_a_cancel_is_kept_while_the_workflow_cannot_be_reached(
    browser: Browser, worker: Worker
):
    call_id = await worker.sleeping()
    browser.world.gateway.away = True
    page = await browser.follow(await browser.send(f"{HOME}/calls/{call_id}/cancel"))
    assert "will be canceled as soon as its workflow can be reached" in page
    assert "Cancel…" not in page


async def test_a_call_in_progress_is_hung_up_and_not_canceled(browser: Browser):
    world = browser.world
    call_id = await world.call()
    await in_progress(world, call_id)
    page = await browser.page(f"{HOME}/calls/{call_id}")
    assert "Hang up…" in page
    assert "Cancel…" not in page
    refused = await browser.send(f"{HOME}/calls/{call_id}/cancel", 409)
    assert "409 in_progress" in read(refused.text)
    done = await browser.follow(await browser.send(f"{HOME}/calls/{call_id}/hangup"))
    assert "The call is being hung up." in done
    assert world.gateway.hung_up == [call_id]


async def in_progress(world: World, call_id: str) -> None:
    attempt = await world.dial(call_id)
    await world.status(attempt.token, "in-progress")
    async with world.db.write() as session:
        call = await session.get(Call, call_id)
        assert call is not None
        call.status = CallStatus.IN_PROGRESS
        session.add(call)


async def test_never_calling_a_number_stops_the_calls_that_wait(browser: Browser, worker: Worker):
    first, second = await worker.sleeping(), await worker.sleeping()
    other = await worker.sleeping(endpoint=OTHER)
    answer = await browser.send(f"{HOME}/calls/{first}/never", reason="asked by mail")
    assert sorted(browser.world.gateway.replanned) == sorted([first, second])
    page = await browser.follow(answer)
    said = page.partition("These waiting calls are stopped:")[2][:200]
    assert first in said
    assert second in said
    assert other not in page
    assert "The number is on the do-not-call list since" in page
    assert "Never call again…" not in page
    [entry] = (await get(browser.world, "suppressions"))["suppressions"]
    assert (entry["endpoint"], entry["reason"]) == (ENDPOINT, "asked by mail")
    assert entry["source"] == "dashboard"
    decision = await worker.decide(first)
    assert decision.outcome is Outcome.SUPPRESSED


async def test_a_number_is_put_on_the_list_and_taken_off_again(browser: Browser, worker: Worker):
    waiting = await worker.sleeping()
    answer = await browser.send(f"{HOME}/do-not-call", number="+1 (212) 555-0123", reason="")
    page = await browser.follow(answer)
    assert f"These waiting calls are stopped: {waiting}" in page
    assert await browser.world.refusal() == ("suppressed", "endpoint")
    [entry] = (await get(browser.world, "suppressions"))["suppressions"]
    every = await browser.html(f"{HOME}/do-not-call?all=true")
    assert f'name="back" value="{HOME}/do-not-call?all=true"' in every
    lift = f"{HOME}/do-not-call/{entry['suppressionId']}/lift"
    lifted = await browser.send(lift, back=f"{HOME}/do-not-call?all=true")
    assert lifted.headers["location"] == f"{HOME}/do-not-call?all=true"
    page = await browser.follow(lifted)
    assert "The entry was taken back." in page
    assert "Nobody is on the list" in await browser.page(f"{HOME}/do-not-call")
    past = await browser.page(f"{HOME}/do-not-call?all=true")
    assert "taken back Mon 23 Nov, 10:00 by key bootstrap" in past
    await browser.world.call(allowDuplicate=True)


@pytest.mark.parametrize("said", ["//example.com/do-not-call", "/dashboard/do-not-callx?a=b"])
async def test_no_form_leads_to_another_page_than_its_own(browser: Browser, said: str):
    await browser.send(f"{HOME}/do-not-call", number="+1 (212) 555-0123")
    [entry] = (await get(browser.world, "suppressions"))["suppressions"]
    path = f"{HOME}/do-not-call/{entry['suppressionId']}/lift"
    answer = await browser.send(path, back=said)
    assert answer.headers["location"] == f"{HOME}/do-not-call"


async def test_where_nothing_waited_nothing_is_said_to_be_stopped(browser: Browser):
    page = await browser.follow(await browser.send(f"{HOME}/do-not-call", number=OTHER))
    assert "No waiting call had to be stopped." in page


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"number": "nonsense", "reason": "by mail"}, "number"),
        ({"reason": "by mail"}, "number"),
        ({"number": OTHER, "reason": "by mail" * 300}, "reason"),
        ({"number": OTHER, "reason": "by mail", "until": "2026-11-23T09:59"}, "until"),
        ({"number": OTHER, "reason": "by mail", "until": "soon"}, "until"),
        ({"number": OTHER, "reason": "by mail", "scope": "agent:nobody"}, "scope"),
    ],
)
async def test_an_entry_that_would_not_hold_is_refused_at_its_field_and_what_was_typed_is_kept(
    browser: Browser, form: dict[str, str], field: str
):
    answer = await browser.send(f"{HOME}/do-not-call", 422, **form)
    assert f'id="{field}-error"' in answer.text
    assert 'value="by mail' in answer.text
    assert (await get(browser.world, "suppressions"))["total"] == 0


async def test_a_campaign_is_paused_and_resumed(browser: Browser):
    world = browser.world
    campaign = await made(world)
    await act(world, campaign, "start")
    path = f"{HOME}/campaigns/{campaign['campaignId']}"
    page = await browser.page(path)
    assert "Pause…" in page
    assert "Resume…" not in page
    page = await browser.follow(await browser.send(f"{path}/pause"))
    assert "The campaign is paused." in page
    assert "Resume…" in page
    assert "The campaign goes on." in await browser.follow(await browser.send(f"{path}/resume"))
    again = await browser.send(f"{path}/resume", 409)
    assert "409 wrong_status" in read(again.text)


async def test_nothing_of_another_account_can_be_seen_or_done(browser: Browser, worker: Worker):
    call_id = await worker.sleeping()
    async with browser.world.db.write() as session:
        call = await session.get(Call, call_id)
        assert call is not None
        session.add(Account(account_id="another", name="B", created_time=browser.world.clock.now))
        await session.flush()
        call.account_id = "another"
        session.add(call)
    for path in (f"/calls/{call_id}", f"/calls/{call_id}/audit", f"/calls?like={call_id}"):
        assert "There is no such call." in await browser.page(HOME + path, 404)
    for verb in ("cancel", "hangup", "never"):
        await browser.send(f"{HOME}/calls/{call_id}/{verb}", 404)
    assert browser.world.gateway.canceled == []


async def test_while_dialing_is_paused_the_overview_says_so_and_a_call_may_try_at_once(
    browser: Browser,
):
    call_id = await browser.world.call()
    assert "Dialing is paused" not in await browser.page()
    await refused(browser.world, call_id)
    page = await browser.page()
    assert "Dialing is paused since" in page
    assert "code 20003: the credentials are wrong. Nobody loses an attempt." in page
    assert "One call tries again" in page
    said = await browser.follow(await browser.send(f"{HOME}/probe"))
    assert "The next call in line tries at once" in said
    assert "The next call in line tries now" in said
