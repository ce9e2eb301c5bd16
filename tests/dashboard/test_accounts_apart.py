"""Nothing crosses accounts: every route, page, stream and export, asked with another's ids."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from storage.accounts import accounts
from storage.tables import Account
from storage.tables.columns import new_id
from tests.api.accounts.test_audit_log import WALK
from tests.api.world import KEY, Json, World
from tests.dashboard.browser import HOME, Browser

V1 = "/api/v1"
#: In everything that the first account has and that is shown.
MARK = "Zebra"
NUMBER = "+12125550123"
CSV = "phone\n+12125550158\n"
#: What each operation takes, so that it is not refused for its body before the id is looked at.
BODIES: dict[str, Json] = {
    **{name: body for name, _, _, body in WALK if isinstance(body, dict)},
    "change_sequence": {"appointmentAt": "2026-12-01T15:00:00Z"},
    "transfer_call": {"target": "desk"},
    "promise_call": {"at": "2026-11-24T16:00:00"},
    "redial_campaign": {"outcomes": ["busy"]},
    "forecast_campaign": {},
    "decide_review": {"decision": "dismissed"},
    "replay": {},
    "start_campaign": {},
    "duplicate_campaign": {},
    "preflight_campaign": {},
    "rehearse_pathway": {},
    "correct_contacts": {"drop": [1]},
    "change_carrier_account": {"name": "x"},
    "replace_split": {"success": ["confirmed"], "variants": [{"name": "a"}, {"name": "b"}]},
    "replace_steps": {"next": {"busy": "again"}, "steps": {"again": {"kind": "call"}}},
    "rotate_carrier_token": {"authToken": "a" * 32},
}
QUERIES = {"drop_rejected_contacts": "?through=1"}
#: They name what is everybody's: a registry, a rule, a file.
_SHARED = ("{registry}", "{rule}", "{prerequisite}", "{name}", "{rest}")


async def stranger(world: World) -> dict[str, str]:
    """The headers of a key that may do everything in an account of its own."""
    async with world.db.write() as session:
        other = Account(name="other", created_time=world.clock.now)
        session.add(other)
        await session.flush()
        _, key = await accounts.new_key(session, other.account_id, "o", ["*"], world.clock.now)
    return {"Authorization": f"Bearer {key}"}


async def owned(world: World) -> Json:
    """Something of every kind, by the names of path parameters."""
    await world.run_loops()
    agent = await world.agent(name=MARK)
    call = await world.call(agentId=agent, endpoint=NUMBER, context={"name": MARK})
    attempt = await world.dial(call)
    await world.callback("status", attempt.token, CallStatus="in-progress")
    reminders = await world.post(
        f"{V1}/calls",
        await world.body(
            agentId=agent,
            endpoint="+12125550141",
            context={"name": MARK},
            appointmentAt="2026-12-04T15:00:00Z",
            remind=["P2D", "P1D"],
        ),
        202,
    )
    campaign = await world.post(f"{V1}/campaigns", {"name": MARK, "agentId": agent})
    contacts = {"contacts": [{"endpoint": "+12125550142", "context": {"name": MARK}}]}
    await world.post(f"{V1}/campaigns/{campaign['campaignId']}/contacts", contacts, 202)
    webhook = await world.post(
        f"{V1}/webhooks", {"url": "https://example.com/hook", "description": MARK}
    )
    suppression = {"endpoint": "+12125550143", "reason": MARK}
    consent = {"endpoint": "+12125550144", "tier": "written", "method": MARK}
    person = {"email": f"{MARK}@example.com", "role": "viewer"}
    overlay = {**BODIES["add_overlay"], "note": MARK}
    target = {"name": "desk", "endpoint": "+12125550149", "whisper": MARK}
    made = {
        "suppression": await world.post(f"{V1}/suppressions", suppression),
        "consent": await world.post(f"{V1}/consents", consent),
        "overlay": await world.post(f"{V1}/compliance/overlays", overlay),
        "target": await world.post(f"{V1}/transfer-targets", target),
        "key": await world.post(f"{V1}/keys", {"name": MARK, "scopes": ["calls:read"]}),
        "member": await world.post(f"{V1}/people", {**person, "name": MARK}),
    }
    provider = {"issuer": f"https://{MARK}.example", "clientId": MARK}
    assert (await world.http.put(f"{V1}/single-sign-on", json=provider)).status_code == 200
    return {
        **{f"{noun}_id": one[f"{noun}Id"] for noun, one in made.items()},
        "agent_id": agent,
        "pathway_id": await world.pathway(name=MARK),
        "call_id": call,
        "sequence_id": reminders["sequenceId"],
        "campaign_id": campaign["campaignId"],
        "webhook_id": webhook["webhookId"],
        "attempt": 1,
        "number": 1,
        "delivery_id": 1,
        "review_id": 1,
        # `tests/api/carriers` asks for one that is there.
        "carrier_account_id": new_id(),
    }


def operations(app: FastAPI) -> Iterator[tuple[str, str, str]]:
    """Method, path and name of all that the document tells of and that is asked with a key."""
    for route in iter_route_contexts(app.routes):
        path = route.path_format or ""
        if path.startswith(V1) and not any(one in path for one in _SHARED):
            for method in sorted(route.methods or ()):
                yield method, path, str(route.name)


def pages(app: FastAPI) -> Iterator[tuple[str, str]]:
    for route in iter_route_contexts(app.routes):
        path = route.path_format or ""
        if path.startswith(HOME) and not any(one in path for one in _SHARED):
            for method in sorted(route.methods or ()):
                yield method, path


def marks(own: Json) -> list[str]:
    """What no answer to another account may hold."""
    ids = [one for one in own.values() if isinstance(one, str)]
    return [MARK, NUMBER, "212-555-0123", "(212) 555-0123", *ids]


def leaks(text: str, own: Json, said: str) -> list[str]:
    """What an answer tells that the request did not."""
    return [one for one in marks(own) if one in text and one not in said]


async def seen_by_owner(world: World, own: Json) -> list[str]:
    """All that can be looked up of it by id."""
    found = []
    for path in ("agents/{agent_id}", "calls/{call_id}", "calls/sequences/{sequence_id}",
                 "campaigns/{campaign_id}", "campaigns/{campaign_id}/contacts",
                 "webhooks/{webhook_id}", "pathways/{pathway_id}", "keys/{key_id}",
                 "suppressions/{suppression_id}", "consents/{consent_id}",
                 "people/{member_id}", "single-sign-on"):  # fmt: skip
        answer = await world.http.get(f"{V1}/{path.format(**own)}")
        assert answer.status_code == 200, path
        found.append(answer.text)
    return found


def body_of(name: str) -> Json:
    if "upload" in name or "import" in name:
        return {"content": CSV, "headers": {"Content-Type": "text/csv"}}
    return {"json": BODIES[name], "headers": {}} if name in BODIES else {"headers": {}}


async def test_what_another_account_has_cannot_be_read_changed_or_told_of(
    world: World, application: FastAPI
):
    own, other = await owned(world), await stranger(world)
    before = await seen_by_owner(world, own)
    asked = 0
    for method, template, name in operations(application):
        if "{" not in template:
            continue
        path, sent = template.format(**own) + QUERIES.get(name, ""), body_of(name)
        headers = {**sent.pop("headers"), **other}
        answer = await world.http.request(method, path, headers=headers, **sent)
        assert answer.status_code == 404, (method, template, answer.text)
        assert leaks(answer.text, own, path) == [], (method, template)
        asked += 1
    assert asked >= 45
    assert await seen_by_owner(world, own) == before


async def test_lists_exports_and_sums_hold_nothing_of_another_account(
    world: World, application: FastAPI
):
    own, other = await owned(world), await stranger(world)
    about = {
        "agentId": own["agent_id"],
        "campaignId": own["campaign_id"],
        "callId": own["call_id"],
        "endpoint": NUMBER,
        "from": "2026-11-01T00:00:00Z",
        "to": "2026-12-01T00:00:00Z",
        "fromDate": "2026-11-01T00:00:00Z",
        "toDate": "2026-12-01T00:00:00Z",
    }
    asked = 0
    for method, path, _ in operations(application):
        if method != "GET" or "{" in path or path.endswith("/stream"):
            continue
        known = {one["name"] for one in _parameters(application, path)}
        of_ours = {name: value for name, value in about.items() if name in known}
        for query in ({}, of_ours):
            answer = await world.http.get(path, params=query, headers=other)
            assert answer.status_code in {200, 404, 422}, (path, answer.text)
            assert leaks(answer.text, own, str(query)) == [], (path, answer.text)
            asked += 1
    assert asked >= 40


def _parameters(app: FastAPI, path: str) -> list[Json]:
    found: list[Json] = app.openapi()["paths"][path]["get"].get("parameters", [])
    return found


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("calls", {"agentId": "{agent_id}", "endpoint": "+12125550160"}, "agentId"),
        ("campaigns", {"name": "x", "agentId": "{agent_id}"}, "agentId"),
        ("agents", {"name": "x", "pathwayId": "{pathway_id}"}, "pathwayId"),
    ],
)
async def test_what_another_account_has_cannot_be_named_in_a_request(
    world: World, path: str, body: Json, field: str
):
    own, other = await owned(world), await stranger(world)
    said = {name: value.format(**own) for name, value in body.items()}
    answer = await world.http.post(f"{V1}/{path}", json=said, headers=other)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert leaks(answer.text, own, "") == []


async def test_a_stream_tells_of_no_other_account(world: World, application: FastAPI):
    own, other = await owned(world), await stranger(world)
    sent: list[bytes] = []
    for key, tells in ((KEY, True), (other["Authorization"][7:], False)):
        sent.clear()
        await _streamed(application, key, sent)
        assert (own["call_id"].encode() in b"".join(sent)) is tells


async def _streamed(app: FastAPI, key: str, sent: list[bytes]) -> None:
    """What a stream tells from the beginning of time on, until it has nothing more to tell."""
    gone = asyncio.Event()
    asked: list[Any] = [{"type": "http.request"}]

    async def receive() -> Any:
        if asked:
            return asked.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))
        if len(sent) == 2:
            asyncio.get_running_loop().call_later(0.5, gone.set)

    scope = {
        "type": "http",
        "method": "GET",
        "path": f"{V1}/events/stream",
        "query_string": b"after=0-0",
        "headers": [(b"authorization", f"Bearer {key}".encode())],
    }
    await app(scope, receive, send)


async def test_no_page_shows_or_changes_what_another_account_has(
    browser: Browser, application: FastAPI
):
    world = browser.world
    own, other = await owned(world), await stranger(world)
    before = await seen_by_owner(world, own)
    await browser.sign_in(other["Authorization"][7:])
    token, asked = await browser.token(), 0
    for method, template in pages(application):
        # Whoever signs in belongs to nobody yet: `tests/dashboard/people` asks.
        if "/sign-in" in template or template.endswith(("/dashboard/sign-out", "/events")):
            continue
        path = template.format(**own)
        form = {"token": token, "decision": "dismissed", "call": own["call_id"],
                "number": NUMBER, "agent": own["agent_id"], "through": "99",
                "seen": "2026-01-01T00:00:00Z", "url": "https://example.com/x",
                "role": "viewer", "auth_token": "a" * 32}  # fmt: skip
        if method == "POST":
            answer = await browser.http.post(path, data=form)
        else:
            answer = await browser.http.get(path)
        if "{" in template:
            assert answer.status_code == 404, (method, template, answer.status_code)
        assert answer.status_code < 500, (method, template)
        said = path if method == "GET" else path + str(form)
        assert leaks(answer.text, own, said) == [], (method, template)
        asked += 1
    assert asked >= 50
    assert await seen_by_owner(world, own) == before


def test_every_operation_of_the_document_is_among_those_that_are_asked(application: FastAPI):
    documented = {
        (method.upper(), path)
        for path, methods in application.openapi()["paths"].items()
        for method in methods
        if path.startswith(V1) and not any(one in path for one in _SHARED)
    }
    assert documented == {(method, path) for method, path, _ in operations(application)}
