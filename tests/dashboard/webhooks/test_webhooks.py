"""Webhooks by page: made, changed, tested, given a new secret, and their deliveries sent again."""

import re
import uuid
from typing import Any

import httpx2
import pytest
from sqlmodel import col, select

from policy.webhooks.retry_schedule import DeliveryState
from storage.tables import Delivery
from storage.webhooks import deliveries, webhooks
from tests.api.worker import get
from tests.api.world import ENDPOINT
from tests.dashboard.browser import HOME, Browser, read

HERE = f"{HOME}/webhooks"
URL = "https://hooks.example.com/trunkline"
EVIL = "<script>alert(1)</script>"
_KEY = re.compile(r'name="key" value="([^"]+)"')
_SEEN = re.compile(r'name="seen" value="([^"]+)"')
_SECRET = re.compile(r'id="secret">(whsec_[^<]+)<')


@pytest.fixture
async def signed_in(browser: Browser) -> Browser:
    browser.http.cookies.set("trunkline-zone", "America/New_York")
    await browser.sign_in()
    return browser


async def made(browser: Browser, **changes: Any) -> str:
    body = {"url": URL, "description": "to the CRM", **changes}
    return str((await browser.world.post("/api/v1/webhooks", body))["webhookId"])


async def shown(browser: Browser, webhook_id: str) -> Any:
    return await get(browser.world, f"webhooks/{webhook_id}")


def secret_in(answer: httpx2.Response) -> str:
    found = _SECRET.search(answer.text)
    assert found is not None
    return found[1]


async def sent(browser: Browser, webhook_id: str, state: DeliveryState) -> int:
    """A delivery of a new call's only event, which has come to this."""
    await browser.world.call(allowDuplicate=True)
    now = browser.world.clock.now
    async with browser.world.db.write() as session:
        hook = await webhooks.load(session, webhook_id)
        assert hook is not None
        await deliveries.fan_out(session, [hook], now)
        newest = select(Delivery).order_by(col(Delivery.event_id).desc()).limit(1)
        row = (await session.exec(newest)).one()
        row.state, row.done_time = state, now
        row.tries = [{"at": now.isoformat(), "ms": 48, "status": 500}]
        row.answer = EVIL
        session.add(row)
        return row.delivery_id or 0


# -- the list


async def test_an_empty_list_says_what_a_webhook_is_and_what_to_do_first(signed_in: Browser):
    page = await signed_in.page(HERE)
    assert "Nobody is told of events" in page
    assert "Make the first" in page
    assert "trunkline webhooks listen" in page


async def test_the_list_says_who_is_told_of_what_and_how_that_goes(signed_in: Browser):
    fine = await made(signed_in, events=["call.completed", "call.failed"])
    await made(signed_in, description="")
    failing = await made(signed_in, description="down")
    off = await made(signed_in, description="off")
    await signed_in.world.http.patch(f"/api/v1/webhooks/{off}", json={"isEnabled": False})
    async with signed_in.world.db.write() as session:
        row = await webhooks.load(session, failing)
        assert row is not None
        row.failing_since = signed_in.world.clock.now
        session.add(row)
    page = await signed_in.page(HERE)
    assert f"to the CRM {URL} told call.completed, call.failed Nothing waits." in page
    assert "down" in page
    assert "failing all events No request was answered well since Mon 23 Nov, 10:00 ." in page
    assert "disabled all events It was disabled by request." in page
    assert fine in await signed_in.html(HERE)


async def test_what_waits_and_what_was_given_up_is_counted(signed_in: Browser):
    hook = await made(signed_in)
    await sent(signed_in, hook, DeliveryState.FAILED)
    signed_in.world.clock.pass_(minutes=5)
    page = await signed_in.page(HERE)
    assert "1 of the last 1 given up" in page
    await signed_in.world.call(allowDuplicate=True)
    signed_in.world.clock.pass_(minutes=5)
    page = await signed_in.page(HERE)
    assert "Behind, the oldest event is of Mon 23 Nov, 10:05 (5 min ago)." in page


# -- made and changed


async def form(browser: Browser) -> dict[str, str]:
    found = _KEY.search(await browser.html(f"{HERE}/new"))
    assert found is not None
    return {"key": found[1], "url": URL, "description": "to the CRM", "which": "all"}


async def test_a_webhook_is_made_and_its_secret_is_shown_once(signed_in: Browser):
    said = {**await form(signed_in), "which": "some", "headers": "X-Team: crm\n\nX-B: a: b"}
    events: Any = {"events": ["call.completed", "call.failed"]}
    answer = await signed_in.send(f"{HERE}/new", 200, **said, **events)
    assert "it is shown this once" in read(answer.text)
    [row] = (await get(signed_in.world, "webhooks"))["webhooks"]
    assert (row["url"], row["description"]) == (URL, "to the CRM")
    assert row["events"] == ["call.completed", "call.failed"]
    assert row["headers"] == {"X-Team": "crm", "X-B": "a: b"}
    secret = secret_in(answer)
    for path in (HERE, f"{HERE}/{row['webhookId']}", f"{HERE}/{row['webhookId']}/edit"):
        assert secret not in await signed_in.html(path)


async def test_a_form_that_is_sent_twice_makes_one_webhook(signed_in: Browser):
    said = await form(signed_in)
    await signed_in.send(f"{HERE}/new", 200, **said)
    again = await signed_in.send(f"{HERE}/new", 409, **said)
    assert "This webhook was made already." in read(again.text)
    assert (await get(signed_in.world, "webhooks"))["total"] == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "example.com"}, "url"),
        ({"url": "http://example.com/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"which": "some"}, "events"),
        ({"headers": "no colon"}, "headers"),
        ({"headers": "Host: x"}, "headers"),
        ({"headers": "X-A: \x07"}, "headers"),
        ({"agent": "nobody"}, "agent"),
        ({"campaign": "nothing"}, "campaign"),
    ],
)
async def test_a_mistake_is_told_at_its_field_and_keeps_what_was_typed(
    signed_in: Browser, changes: dict[str, str], field: str
):
    said = {**await form(signed_in), "description": "Spring <b>", **changes}
    answer = await signed_in.send(f"{HERE}/new", 422, **said)
    assert f'id="{field}-error"' in answer.text
    assert 'value="Spring &lt;b&gt;"' in answer.text
    assert (await get(signed_in.world, "webhooks"))["total"] == 0


async def test_a_webhook_is_changed_in_the_form_that_shows_it(signed_in: Browser):
    hook = await made(signed_in, events=["call.completed"], headers={"X-Team": "crm"})
    html = await signed_in.html(f"{HERE}/{hook}/edit")
    assert 'value="call.completed" checked' in html
    assert "X-Team: crm</textarea>" in html
    said: Any = {"url": URL, "description": "new", "which": "some", "events": "call.failed"}
    answer = await signed_in.send(f"{HERE}/{hook}/edit", **said)
    assert "The webhook is changed." in await signed_in.follow(answer)
    row = await shown(signed_in, hook)
    assert (row["description"], row["events"], row["headers"]) == ("new", ["call.failed"], {})
    refused = await signed_in.send(f"{HERE}/{hook}/edit", 422, **{**said, "url": "x"})
    assert 'id="url-error"' in refused.text


async def test_a_webhook_is_disabled_enabled_and_deleted(signed_in: Browser):
    hook = await made(signed_in)
    page = await signed_in.follow(await signed_in.send(f"{HERE}/{hook}/disable"))
    assert "Nothing is sent to it until it is enabled." in page
    assert "Send a test" not in page
    page = await signed_in.follow(await signed_in.send(f"{HERE}/{hook}/enable"))
    assert "It is told again" in page
    page = await signed_in.follow(await signed_in.send(f"{HERE}/{hook}/delete"))
    assert "The webhook is deleted" in page
    assert "There is no such webhook." in await signed_in.page(f"{HERE}/{hook}", 404)


# -- secrets


async def test_a_new_secret_is_shown_once_and_the_old_one_signs_until_a_time_that_is_told(
    signed_in: Browser,
):
    hook = await made(signed_in)
    seen = _SEEN.search(await signed_in.html(f"{HERE}/{hook}"))
    assert seen is not None
    signed_in.world.clock.pass_(minutes=1)
    said = {"seen": seen[1], "overlap": "PT1H"}
    answer = await signed_in.send(f"{HERE}/{hook}/secret", 200, **said)
    secret = secret_in(answer)
    assert "The secret before signs as well until Mon 23 Nov, 11:01 (in 1 h)" in read(answer.text)
    page = await signed_in.html(f"{HERE}/{hook}")
    assert "signs as well until" in page
    assert "which still signs, ends at once" in read(page)
    assert secret not in page
    again = await signed_in.send(f"{HERE}/{hook}/secret", 409, **said)
    assert "The webhook was changed meanwhile." in read(again.text)
    async with signed_in.world.db.read() as session:
        row = await webhooks.load(session, hook)
        assert row is not None
        assert row.secret == secret


# -- deliveries


async def test_deliveries_are_listed_filtered_and_shown_with_request_and_answer(
    signed_in: Browser,
):
    hook = await made(signed_in, headers={"Authorization": "Bearer my-token"})
    failed = await sent(signed_in, hook, DeliveryState.FAILED)
    page = await signed_in.page(f"{HERE}/{hook}")
    assert "call.created given up" in page
    assert "500 in 48 ms" in page
    assert "given up" in (await signed_in.page(f"{HERE}/{hook}?state=failed")).partition("About")[2]
    assert "No delivery is like this" in await signed_in.page(f"{HERE}/{hook}?state=delivered")
    assert "No delivery is like this" in await signed_in.page(f"{HERE}/{hook}?type=call.failed")
    await signed_in.page(f"{HERE}/{hook}?state=odd", 422)
    html = await signed_in.html(f"{HERE}/{hook}/deliveries/{failed}")
    page = read(html)
    assert f"POST {URL}" in page
    assert f'"endpoint": "{ENDPOINT}"' in page
    assert "Authorization: •••" in page
    assert "my-token" not in page
    assert EVIL not in html
    assert EVIL in page


async def test_a_long_ledger_is_paged_without_being_counted(
    signed_in: Browser, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("dashboard.webhooks.webhook_routes._A_PAGE", 1)
    hook = await made(signed_in)
    await sent(signed_in, hook, DeliveryState.FAILED)
    await sent(signed_in, hook, DeliveryState.FAILED)
    html = await signed_in.html(f"{HERE}/{hook}?state=failed")
    older = re.search(r'rel="next" href="([^"]+)"', html)
    assert older is not None
    page = await signed_in.page(older[1].replace("&amp;", "&"))
    assert "call.created given up" in page
    assert "To the newest" in page


async def test_one_delivery_is_sent_once_more(signed_in: Browser):
    hook = await made(signed_in)
    delivery = await sent(signed_in, hook, DeliveryState.DELIVERED)
    path = f"{HERE}/{hook}/deliveries/{delivery}"
    assert "Replay…" in await signed_in.page(path)
    page = await signed_in.follow(await signed_in.send(f"{path}/replay"))
    assert "It is sent once more, under the same id." in page
    assert (await get(signed_in.world, path.removeprefix(HOME + "/")))["state"] == "pending"


async def test_all_that_failed_is_sent_once_more_after_a_question_and_nothing_else(
    signed_in: Browser,
):
    hook = await made(signed_in)
    assert "Replay all that failed…" not in await signed_in.page(f"{HERE}/{hook}")
    done = await sent(signed_in, hook, DeliveryState.DELIVERED)
    failed = await sent(signed_in, hook, DeliveryState.FAILED)
    page = await signed_in.page(f"{HERE}/{hook}")
    assert "Replay all that failed…" in page
    page = await signed_in.follow(await signed_in.send(f"{HERE}/{hook}/replay"))
    assert "What was given up is sent once more" in page
    states = [
        (await get(signed_in.world, f"webhooks/{hook}/deliveries/{one}"))["state"]
        for one in (done, failed)
    ]
    assert states == ["delivered", "pending"]


async def test_what_waits_is_sent_now_by_one_button(signed_in: Browser):
    hook = await made(signed_in)
    assert "Send what waits now…" not in await signed_in.page(f"{HERE}/{hook}")
    waits = await sent(signed_in, hook, DeliveryState.PENDING)
    signed_in.world.clock.pass_(seconds=-60)
    assert "Send what waits now…" in await signed_in.page(f"{HERE}/{hook}")
    page = await signed_in.follow(await signed_in.send(f"{HERE}/{hook}/send-waiting"))
    assert "What waited is tried now." in page
    async with signed_in.world.db.read() as session:
        row = await session.get_one(Delivery, waits)
    assert row.next_at == signed_in.world.clock.now
    await signed_in.send(f"{HERE}/{hook}/disable")
    assert "Send what waits now…" not in await signed_in.page(f"{HERE}/{hook}")
    await signed_in.send(f"{HERE}/{hook}/send-waiting", 409)


# -- what a key may do


async def test_nothing_of_another_account_can_be_seen_or_done(signed_in: Browser):
    nobody = str(uuid.uuid4())
    for path in (nobody, f"{nobody}/edit", f"{nobody}/deliveries/1"):
        assert "There is no such webhook." in await signed_in.page(f"{HERE}/{path}", 404)
    for verb in (
        "test",
        "enable",
        "disable",
        "delete",
        "replay",
        "send-waiting",
        "deliveries/1/replay",
    ):
        await signed_in.send(f"{HERE}/{nobody}/{verb}", 404)
    seen = signed_in.world.clock.now.isoformat()
    await signed_in.send(f"{HERE}/{nobody}/secret", 404, seen=seen)


@pytest.mark.parametrize(
    "path",
    [
        *("new", "{}/edit", "{}/test", "{}/secret", "{}/enable", "{}/disable", "{}/delete"),
        *("{}/replay", "{}/deliveries/1/replay"),
    ],
)
async def test_who_may_only_read_is_refused_and_told_the_scope(browser: Browser, path: str):
    hook = await made(browser)
    await browser.sign_in_with(["webhooks:read"])
    answer = await browser.send(f"{HERE}/{path.format(hook)}", 403)
    assert "lacks the scope webhooks:write" in read(answer.text)
    assert (await shown(browser, hook))["isEnabled"]


async def test_who_may_only_read_sees_no_button(browser: Browser):
    hook = await made(browser)
    delivery = await sent(browser, hook, DeliveryState.FAILED)
    await browser.sign_in_with(["webhooks:read"])
    for path in (HERE, f"{HERE}/{hook}", f"{HERE}/{hook}/deliveries/{delivery}"):
        page = await browser.page(path)
        for word in ("New webhook", "Send a test", "Replay", "New secret", "Disable", "Delete…"):
            assert word not in page, path


async def test_without_the_scope_the_pages_are_refused(browser: Browser):
    await browser.sign_in_with(["calls:read"])
    assert "lacks the scope webhooks:read" in await browser.page(HERE, 403)
