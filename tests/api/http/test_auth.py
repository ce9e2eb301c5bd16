"""API keys, scopes and accounts that do not see each other."""

import pytest
from sqlmodel import select

from api.http.auth import allows
from storage.accounts import accounts
from storage.tables import Account, Call
from tests.api.world import KEY, World


async def key_with(world: World, scopes: list[str], *, name: str = "other") -> str:
    async with world.db.write() as session:
        account = Account(name=name, created_time=world.clock.now)
        session.add(account)
        await session.flush()
        _, key = await accounts.new_key(
            session, account.account_id, "test", scopes, world.clock.now
        )
    return key


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer nonsense", "Basic dXNlcjpwYXNz"])
@pytest.mark.parametrize("path", ["calls", "agents", "pathways", "calls/x"])
async def test_without_a_known_key_nothing_is_shown(world: World, header: str, path: str):
    answer = await world.http.get(f"/api/v1/{path}", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "unauthorized"


async def test_a_scope_allows_what_it_names_and_no_more(world: World):
    key = await key_with(world, ["agents:read", "calls:*"])
    for path, status in [("agents", 200), ("calls", 200), ("pathways", 403)]:
        answer = await world.http.get(f"/api/v1/{path}", headers=bearer(key))
        assert answer.status_code == status
    answer = await world.http.post("/api/v1/agents", json={"name": "a"}, headers=bearer(key))
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (["*"], True),
        (["calls:*"], True),
        (["calls:write"], True),
        (["calls:read"], False),
        (["agents:*"], False),
        ([], False),
    ],
)
def test_scopes_as_a_table(scopes: list[str], allowed: bool):
    assert allows(scopes, "calls:write") is allowed


async def revoke(world: World, key: str) -> None:
    async with world.db.write() as session:
        found = await accounts.find_by_key(session, key, world.clock.now)
        assert found is not None
        found[1].revoked_time = world.clock.now


@pytest.mark.parametrize("method_and_path", ["GET calls", "POST calls", "GET agents"])
async def test_a_revoked_key_stops_at_once(world: World, method_and_path: str):
    method, path = method_and_path.split()
    body = await world.body() if method == "POST" else None
    repeated = {"Idempotency-Key": "a", "Authorization": f"Bearer {KEY}"}
    answer = await world.http.request(method, f"/api/v1/{path}", json=body, headers=repeated)
    assert answer.status_code in {200, 202}
    await revoke(world, KEY)
    others = [body, {**body, "endpoint": "+12125550177"}, {"endpoint": 7}] if body else [None]
    for said in others:
        answer = await world.http.request(method, f"/api/v1/{path}", json=said)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    answer = await world.http.request(method, f"/api/v1/{path}", json=body, headers=repeated)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    async with world.db.read() as session:
        assert len((await session.exec(select(Call))).all()) == (body is not None)


async def test_a_scope_that_was_taken_away_is_gone_at_once(world: World):
    body = await world.body()
    await world.post("/api/v1/calls", body, 202)
    async with world.db.write() as session:
        found = await accounts.find_by_key(session, KEY, world.clock.now)
        assert found is not None
        found[1].scopes = ["calls:read"]
    answer = await world.http.post("/api/v1/calls", json={**body, "endpoint": "+12125550177"})
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


async def test_what_another_account_has_does_not_exist(world: World):
    agent_id, pathway_id = await world.agent(), await world.pathway()
    call_id = await world.call(agentId=agent_id)
    stranger = bearer(await key_with(world, ["*"]))
    paths = [
        *(f"calls/{call_id}", f"agents/{agent_id}", f"pathways/{pathway_id}"),
    ]
    for path in paths:
        for method in ("GET", "DELETE"):
            answer = await world.http.request(method, f"/api/v1/{path}", headers=stranger)
            assert answer.status_code == 404, path
    for action, body in [("reschedule", {"notBefore": "2026-12-01T10:00Z"}), ("hangup", None)]:
        answer = await world.http.post(
            f"/api/v1/calls/{call_id}/{action}", json=body, headers=stranger
        )
        assert answer.status_code == 404
    for noun in ("calls", "agents", "pathways"):
        answer = await world.http.get(f"/api/v1/{noun}", headers=stranger)
        assert answer.json()["total"] == 0
    body = await world.body(agentId=agent_id)
    answer = await world.http.post("/api/v1/calls", json=body, headers=stranger)
    assert answer.json()["code"] == "unknown_agent"


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("POST", "calls", b"{not json"),
        ("POST", "calls", b'{"nothing": "known"}'),
        ("POST", "calls", b" " * 2_000_000),
        ("POST", "agents", b'"\\u0000"'),
        ("GET", "calls?colour=red", b""),
        ("GET", "agents?take=many", b""),
        ("GET", "calls/queue/list?cursor=mine", b""),
    ],
)
async def test_a_stranger_learns_nothing_of_what_is_wrong_with_a_request(
    world: World, method: str, path: str, content: bytes
):
    headers = bearer("nonsense") | {"Content-Type": "application/json"}
    answer = await world.http.request(method, f"/api/v1/{path}", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
