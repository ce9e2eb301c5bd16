"""Keys over the API: made, listed, ended and replaced, and never with more than one has oneself."""

from datetime import timedelta
from typing import Any

import pytest

from storage.accounts import accounts
from storage.tables import Account, ApiKey
from tests.api.world import KEY, World

KEYS = "/api/v1/keys"
Json = dict[str, Any]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def made(world: World, *scopes: str, **said: Any) -> Json:
    return await world.post(KEYS, {"name": "ci", "scopes": list(scopes), **said})


async def status(world: World, key: str, path: str = "/api/v1/agents") -> int:
    return (await world.http.get(path, headers=bearer(key))).status_code


async def listed(world: World, **query: Any) -> list[Json]:
    answer = await world.http.get(KEYS, params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["keys"])


async def test_a_new_key_may_do_what_it_was_made_for_and_nothing_else(world: World):
    key = await made(world, "agents:read")
    assert await status(world, key["secret"]) == 200
    assert await status(world, key["secret"], "/api/v1/calls") == 403
    assert key["createdBy"] == "key bootstrap"


async def test_the_secret_is_shown_once_and_its_beginning_always(world: World):
    key = await made(world, "calls:read")
    answer = await world.http.get(f"{KEYS}/{key['keyId']}")
    assert answer.json()["prefix"] == key["secret"][:10]
    for text in (answer.text, (await world.http.get(KEYS)).text):
        assert key["secret"] not in text
        assert accounts.hash_key(key["secret"]) not in text


@pytest.mark.parametrize("more", ["*", "campaigns:*", "campaigns:write", "privacy:read"])
async def test_no_key_makes_one_that_may_do_more(world: World, more: str):
    asking = await made(world, "keys:write", "calls:*", "campaigns:read")
    body = {"name": "more", "scopes": ["calls:read", more]}
    answer = await world.http.post(KEYS, json=body, headers=bearer(asking["secret"]))
    assert (answer.status_code, answer.json()["code"]) == (422, "beyond_own_scopes")
    assert answer.json()["errors"][0]["field"] == "scopes"
    assert "more" not in {one["name"] for one in await listed(world)}
    rotated = await world.http.post(
        f"{KEYS}/{(await made(world, more))['keyId']}/rotate", headers=bearer(asking["secret"])
    )
    assert rotated.status_code == 403


async def test_making_keys_needs_a_scope_of_its_own(world: World):
    asking = await made(world, "account:*", "calls:*", "keys:read")
    body = {"name": "x", "scopes": ["calls:read"]}
    answer = await world.http.post(KEYS, json=body, headers=bearer(asking["secret"]))
    assert answer.json()["code"] == "missing_scope"


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"name": "x", "scopes": []}, "too_short", "scopes"),
        ({"name": "x", "scopes": ["calls:dial"]}, "unknown_value", "scopes.0"),
        ({"name": "x", "scopes": ["*"], "expiresTime": "2026-01-01T00:00:00Z"},
         "out_of_range", "expiresTime"),
        ({"scopes": ["*"]}, "required", "name"),
    ],
)  # fmt: skip
async def test_a_key_that_makes_no_sense_is_refused(
    world: World, said: Json, code: str, field: str
):
    answer = await world.post(KEYS, said, 422)
    assert [(one["code"], one["field"]) for one in answer["errors"]] == [(code, field)]
    assert len(await listed(world)) == 1


async def test_a_revoked_key_opens_nothing_from_then_on_and_stays_on_record(world: World):
    key = await made(world, "agents:read")
    assert await status(world, key["secret"]) == 200
    for _ in range(2):
        answer = await world.http.delete(f"{KEYS}/{key['keyId']}")
        assert answer.json()["revokedTime"] is not None
    assert await status(world, key["secret"]) == 401
    assert key["keyId"] not in {one["keyId"] for one in await listed(world)}
    assert key["keyId"] in {one["keyId"] for one in await listed(world, includeEnded="true")}


async def test_a_key_is_over_at_its_time(world: World):
    body = await world.body()
    until = (world.clock.now + timedelta(hours=1)).isoformat()
    key = await made(world, "*", expiresTime=until)
    sent: Any = {"json": body, "headers": bearer(key["secret"])}
    assert (await world.http.post("/api/v1/calls", **sent)).status_code == 202
    world.clock.pass_(hours=1)
    assert await status(world, key["secret"]) == 401
    assert (await world.http.post("/api/v1/calls", **sent)).status_code == 401


async def test_the_last_key_that_may_make_keys_stays(world: World):
    [only] = await listed(world)
    answer = await world.http.delete(f"{KEYS}/{only['keyId']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_key")
    await made(world, "keys:write")
    assert (await world.http.delete(f"{KEYS}/{only['keyId']}")).status_code == 200
    assert await status(world, KEY) == 401


async def test_of_a_rotated_key_both_work_until_the_overlap_is_over(world: World):
    until = (world.clock.now + timedelta(days=30)).isoformat()
    old = await made(world, "agents:read", expiresTime=until)
    world.clock.pass_(days=1)
    new = await world.post(f"{KEYS}/{old['keyId']}/rotate", {"overlap": "PT2H"})
    assert (new["name"], new["scopes"]) == (old["name"], old["scopes"])
    assert [await status(world, one["secret"]) for one in (old, new)] == [200, 200]
    world.clock.pass_(hours=2)
    assert [await status(world, one["secret"]) for one in (old, new)] == [401, 200]
    world.clock.pass_(days=29, hours=22)
    assert await status(world, new["secret"]) == 401, "it lives as long as the old one was to"


async def test_a_key_has_one_successor_at_most(world: World):
    old = await made(world, "agents:read")
    await world.post(f"{KEYS}/{old['keyId']}/rotate", {})
    problem = await world.post(f"{KEYS}/{old['keyId']}/rotate", {}, 409)
    assert problem["code"] == "already_rotated"


async def test_a_rotation_lengthens_no_life(world: World):
    until = (world.clock.now + timedelta(hours=1)).isoformat()
    old = await made(world, "agents:read", expiresTime=until)
    await world.post(f"{KEYS}/{old['keyId']}/rotate", {"overlap": "P7D"})
    world.clock.pass_(hours=1)
    assert await status(world, old["secret"]) == 401


async def test_when_a_key_was_used_last_costs_no_write_and_is_told(world: World):
    key = await made(world, "agents:read")
    await status(world, key["secret"])
    shown = (await world.http.get(f"{KEYS}/{key['keyId']}")).json()
    assert shown["lastUsedTime"] == "2026-11-23T15:00:00Z"
    services = world.http._transport.app.state.services  # type: ignore[attr-defined]
    async with world.db.read() as session:
        row = await session.get_one(ApiKey, key["keyId"])
        assert row.used_time is None
    await services.key_uses.write(world.db)
    async with world.db.read() as session:
        row = await session.get_one(ApiKey, key["keyId"])
        assert row.used_time == world.clock.now


async def test_another_accounts_keys_do_not_exist(world: World):
    [own] = await listed(world)
    async with world.db.write() as session:
        other = Account(name="other", created_time=world.clock.now)
        session.add(other)
        await session.flush()
        _, secret = await accounts.new_key(
            session, other.account_id, "other", ["*"], world.clock.now
        )
    stranger = bearer(secret)
    assert (await world.http.get(KEYS, headers=stranger)).json()["total"] == 1
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/rotate")):
        answer = await world.http.request(method, f"{KEYS}/{own['keyId']}{path}", headers=stranger)
        assert answer.status_code == 404
