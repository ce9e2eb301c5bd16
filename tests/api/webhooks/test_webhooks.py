"""/api/v1/webhooks and /api/v1/events as their users meet them."""

import asyncio
import json

import pytest

from activities.webhook_delivery import CourierPool
from api.events import routes
from storage.accounts import accounts
from storage.events.event_reader import ALL, START, position_of
from storage.webhooks import replay, webhooks
from tests.api.world import KEY, Json, World
from tests.storage.make import NOW
from tests.wait import PATIENCE
from tests.webhooks.receiver import receiving
from webhooks.sender import Sender

URL = "https://hooks.example.com/trunkline"


async def hook(world: World, **changes: object) -> Json:
    return await world.post("/api/v1/webhooks", {"url": URL, **changes})


async def refused(world: World, **changes: object) -> tuple[str, str]:
    problem = await world.post("/api/v1/webhooks", {"url": URL, **changes}, 422)
    return problem["errors"][0]["code"], problem["errors"][0]["field"]


async def listed(world: World, query: str = "") -> Json:
    answer = await world.http.get(f"/api/v1/events{query}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_the_secret_is_shown_once(world: World) -> None:
    made = await hook(world, events=["call.completed"], headers={"X-Team": "crm"})
    assert made["secret"].startswith("whsec_")
    answer = await world.http.get(f"/api/v1/webhooks/{made['webhookId']}")
    shown = answer.json()
    assert "secret" not in shown
    assert made["secret"] not in answer.text
    assert shown["events"] == ["call.completed"]
    assert shown["deliveries"] == {"pending": 0, "delivered": 0, "failed": 0}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"url": "ftp://example.com"}, "bad_url", "url"),
        ({"url": "example.com"}, "bad_url", "url"),
        ({"url": "https://"}, "bad_url", "url"),
        ({"url": "https://user:pass@example.com/"}, "bad_url", "url"),
        ({"url": "https://example.com:99999/"}, "bad_url", "url"),
        ({"url": "http://example.com/"}, "https_required", "url"),
        ({"url": "https://127.0.0.1/"}, "private_address", "url"),
        ({"url": "https://[::1]/"}, "private_address", "url"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "private_address", "url"),
        ({"url": "https://localhost/"}, "private_address", "url"),
        ({"headers": {"Webhook-Id": "x"}}, "reserved_header", "headers.Webhook-Id"),
        ({"headers": {"Host": "x"}}, "reserved_header", "headers.Host"),
        ({"agentId": "nobody"}, "unknown_agent", "agentId"),
        ({"campaignId": "nothing"}, "unknown_campaign", "campaignId"),
    ],
)
async def test_what_cannot_be_is_refused_and_named(
    world: World, changes: Json, code: str, field: str
) -> None:
    assert await refused(world, **changes) == (code, field)


async def test_a_header_that_would_break_out_of_its_line_is_refused(world: World) -> None:
    body = {"url": URL, "headers": {"X-A": "1\r\nX-B: 2"}}
    assert (await world.http.post("/api/v1/webhooks", json=body)).status_code == 422


async def test_an_unknown_type_of_event_is_refused(world: World) -> None:
    body = {"url": URL, "events": ["call.exploded"]}
    assert (await world.http.post("/api/v1/webhooks", json=body)).status_code == 422


async def test_a_webhook_is_changed_disabled_enabled_and_deleted(world: World) -> None:
    path = f"/api/v1/webhooks/{(await hook(world))['webhookId']}"
    changed = (await world.http.patch(path, json={"description": "CRM", "isEnabled": False})).json()
    assert (changed["description"], changed["isEnabled"], changed["url"]) == ("CRM", False, URL)
    assert changed["disabledReason"] == "it was disabled by request"
    assert (await world.http.post(f"{path}/test")).status_code == 409
    enabled = (await world.http.patch(path, json={"isEnabled": True})).json()
    assert (enabled["isEnabled"], enabled["disabledReason"]) == (True, None)
    assert (await world.http.delete(path)).status_code == 204
    assert (await world.http.get(path)).status_code == 404


async def disabled_events(world: World) -> int:
    return len((await listed(world, "?type=webhook.disabled"))["events"])


async def test_to_disable_what_is_disabled_changes_nothing_and_tells_nobody(world: World) -> None:
    webhook_id = (await hook(world))["webhookId"]
    path = f"/api/v1/webhooks/{webhook_id}"
    async with world.db.write() as session:
        held = await webhooks.load(session, webhook_id)
        assert held is not None
        await webhooks.disable(session, held, "it answered 410 Gone", NOW)
    again = (await world.http.patch(path, json={"isEnabled": False})).json()
    assert again["disabledReason"] == "it answered 410 Gone"
    assert await disabled_events(world) == 1


async def test_to_enable_what_is_enabled_leaves_since_when_it_fails(world: World) -> None:
    webhook_id = (await hook(world))["webhookId"]
    async with world.db.write() as session:
        held = await webhooks.load(session, webhook_id)
        assert held is not None
        held.failing_since = NOW
        session.add(held)
    path = f"/api/v1/webhooks/{webhook_id}"
    again = (await world.http.patch(path, json={"isEnabled": True})).json()
    assert again["failingSince"] is not None


@pytest.mark.parametrize(
    "field", ["url", "description", "events", "headers", "maskNumbers", "isEnabled"]
)
async def test_what_every_webhook_has_cannot_be_taken_from_it(world: World, field: str) -> None:
    path = f"/api/v1/webhooks/{(await hook(world))['webhookId']}"
    answer = await world.http.patch(path, json={field: None})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_a_rotated_secret_is_another_one(world: World) -> None:
    made = await hook(world)
    path = f"/api/v1/webhooks/{made['webhookId']}/rotate-secret"
    rotated = (await world.http.post(path, json={"overlap": "PT1H"})).json()
    assert rotated["secret"] != made["secret"]


async def test_it_is_told_until_when_the_old_secret_signs(world: World) -> None:
    path = f"/api/v1/webhooks/{(await hook(world))['webhookId']}"
    assert (await world.http.get(path)).json()["previousSecretUntil"] is None
    await world.post(f"{path}/rotate-secret", {"overlap": "PT2H"}, 200)
    assert (await world.http.get(path)).json()["previousSecretUntil"] == "2026-11-23T17:00:00Z"


async def test_it_is_told_since_when_the_oldest_event_waits(world: World) -> None:
    path = f"/api/v1/webhooks/{(await hook(world))['webhookId']}"
    assert (await world.http.get(path)).json()["waitingSince"] is None
    await world.http.patch(path, json={"isEnabled": False})
    world.clock.pass_(minutes=3)
    await world.call()
    assert (await world.http.get(path)).json()["waitingSince"] == "2026-11-23T15:00:00Z"
    narrow = await hook(world, events=["call.created"])
    assert (await world.http.get(f"/api/v1/webhooks/{narrow['webhookId']}")).json()[
        "waitingSince"
    ] is None


async def test_a_test_is_sent_and_answered_with_what_came_of_it(world: World, application) -> None:
    application.state.services.settings.private_webhooks = True
    rounds = CourierPool(world.db, Sender(private=True))
    async with receiving() as receiver:
        made = await hook(world, url=receiver.url)
        asked = asyncio.create_task(world.http.post(f"/api/v1/webhooks/{made['webhookId']}/test"))
        async with asyncio.timeout(PATIENCE):
            while not asked.done():
                await rounds.turn()
                await asyncio.sleep(0.02)
        shown = asked.result().json()
    await rounds.rest()
    assert (shown["type"], shown["state"]) == ("webhook.test", "delivered")
    assert [line["status"] for line in shown["tries"]] == [204]
    assert shown["request"]["body"] == receiver.got[0].told


async def test_the_ledger_shows_what_was_sent_and_sends_it_again(world: World, application) -> None:
    application.state.services.settings.private_webhooks = True
    rounds = CourierPool(world.db, Sender(private=True))
    async with receiving() as receiver:
        made = await hook(world, url=receiver.url)
        path = f"/api/v1/webhooks/{made['webhookId']}"
        call_id = await world.call()

        async def until(count: int) -> None:
            async with asyncio.timeout(PATIENCE):
                while len(receiver.got) < count:
                    await rounds.turn()
                    await asyncio.sleep(0.02)

        rows: list[Json] = []
        async with asyncio.timeout(PATIENCE):
            while not rows:
                await rounds.turn()
                query = f"{path}/deliveries?callId={call_id}&state=delivered"
                rows = (await world.http.get(query)).json()["deliveries"]
        (row,) = rows
        shown = (await world.http.get(f"{path}/deliveries/{row['deliveryId']}")).json()
        assert shown["request"]["body"]["callId"] == call_id
        again = await world.http.post(f"{path}/deliveries/{row['deliveryId']}/replay")
        assert again.json() == {"deliveries": 1}
        await world.http.post(f"{path}/replay", json={"sinceEvent": row["eventId"]})
        await until(2)
    await rounds.rest()
    assert len(set(receiver.ids())) == 1


@pytest.mark.parametrize("field", ["sinceEvent", "untilEvent"])
@pytest.mark.parametrize(
    "named", ["17", "evt_", "evt_9223372036854775808", "evt_99999999999999999999999", "evt_1" * 999]
)
async def test_a_replay_of_no_event_is_refused(world: World, field: str, named: str) -> None:
    made = await hook(world)
    path = f"/api/v1/webhooks/{made['webhookId']}/replay"
    problem = await world.post(path, {field: named}, 422)
    assert problem["errors"][0]["code"] == "bad_event_id"
    assert problem["errors"][0]["field"] == field


@pytest.mark.parametrize("number", ["99999999999999999999999", "-99999999999999999999999", "0"])
async def test_a_number_that_no_delivery_can_have_is_refused(world: World, number: str) -> None:
    made = await hook(world)
    path = f"/api/v1/webhooks/{made['webhookId']}/deliveries/{number}"
    assert (await world.http.get(path)).status_code == 422
    assert (await world.http.post(f"{path}/replay")).status_code == 422


async def test_a_replay_says_how_many_events_it_sends_again_over_all_its_pages(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "PAGE", 2)
    for number in range(5):
        await world.call(endpoint=f"+1212555011{number}")
    made = await hook(world, events=["call.created"])
    answer = await world.post(f"/api/v1/webhooks/{made['webhookId']}/replay", {}, 202)
    assert answer == {"deliveries": 5}


async def test_events_are_listed_in_order_and_read_on_from_where_one_was(world: World) -> None:
    first = await world.call(endpoint="+12125550111")
    page = await listed(world, f"?callId={first}")
    assert [event["type"] for event in page["events"]] == ["call.created"]
    assert (await listed(world, f"?after={page['next']}"))["events"] == []
    second = await world.call(endpoint="+12125550112")
    news = (await listed(world, f"?after={page['next']}"))["events"]
    assert [event["callId"] for event in news] == [second]


async def test_a_page_ends_where_the_next_begins(world: World) -> None:
    for number in range(5):
        await world.call(endpoint=f"+1212555011{number}")
    seen, after, more = [], "0-0", True
    while more:
        page = await listed(world, f"?after={after}&take=2&type=call.created")
        seen += [event["id"] for event in page["events"]]
        after, more = page["next"], page["hasMore"]
    assert len(seen) == len(set(seen)) == 5


async def test_what_is_no_cursor_is_refused(world: World) -> None:
    answer = await world.http.get("/api/v1/events?after=soon")
    assert answer.status_code == 422
    assert answer.json()["code"] == "bad_cursor"


async def test_a_listed_event_can_be_masked(world: World) -> None:
    await world.call()
    events = (await listed(world, "?type=call.created&maskNumbers=true"))["events"]
    assert events[0]["endpoint"] == "+1********23"


async def stream(world: World, count: int, **headers: str) -> list[tuple[str, Json]]:
    """The first messages of a stream, with their ids."""
    got: list[tuple[str, Json]] = []
    services = world.http._transport.app.state.services  # type: ignore[attr-defined]
    async with services.db.read() as session:
        found = await accounts.find_by_key(
            session, world.http.headers["Authorization"][7:], world.clock.now
        )
    assert found is not None
    place = position_of(headers["last"]) if "last" in headers else START
    async with asyncio.timeout(PATIENCE):
        account, key = found
        lines = routes._stream(services, key.api_key_id, account, place, ALL, mask=False)
        async for message in lines:
            if not message.startswith(b":"):
                text = message.decode().strip()
                fields = dict(line.split(": ", 1) for line in text.split("\n"))
                got.append((fields["id"], json.loads(fields["data"])))
                if len(got) == count:
                    return got
    return got


async def test_a_stream_goes_on_after_the_last_event_that_was_seen(world: World) -> None:
    await world.call(endpoint="+12125550111")
    first = await stream(world, 1)
    later = asyncio.create_task(stream(world, 1, last=first[0][0]))
    second = await world.call(endpoint="+12125550112")
    assert [told["callId"] for _, told in await later] == [second]


async def test_a_key_without_the_scope_is_told_which_one(world: World) -> None:
    async with world.db.write() as session:
        found = await accounts.find_by_key(session, KEY, world.clock.now)
        assert found is not None
        found[1].scopes = ["calls:*"]
        session.add(found[1])
    answer = await world.http.post("/api/v1/webhooks", json={"url": URL})
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
