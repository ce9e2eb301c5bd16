"""People over the API: invited, given roles, kept out and let in, never by who may less."""

from typing import Any

import pytest

from policy.accounts.roles import SCOPES_OF, Role
from storage.tables import Member
from tests.api.world import Json, World

PEOPLE = "/api/v1/people"


def bearer(key: Json) -> dict[str, str]:
    return {"Authorization": f"Bearer {key['secret']}"}


async def invited(world: World, role: str = "operator", email: str = "ada@example.com") -> Json:
    return await world.post(PEOPLE, {"email": email, "role": role})


async def key(world: World, *scopes: str) -> Json:
    return await world.post("/api/v1/keys", {"name": "few", "scopes": list(scopes)})


async def one(world: World, person: Json) -> Json:
    answer = await world.http.get(f"{PEOPLE}/{person['memberId']}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_an_invitation_gives_a_link_that_is_shown_this_once(world: World):
    answer = await world.http.post(PEOPLE, json={"email": "Ada@Example.com", "role": "viewer"})
    made = answer.json()
    assert answer.headers["location"] == f"{PEOPLE}/{made['memberId']}"
    assert answer.headers["cache-control"] == "no-store"
    assert made["link"].startswith("https://calls.example.com/dashboard/sign-in/link/")
    assert (made["email"], made["name"], made["status"]) == ("ada@example.com", "ada", "invited")
    assert made["createdBy"] == "key bootstrap"
    secret = made["link"].rpartition("/")[2]
    texts = [
        (await world.http.get(f"{PEOPLE}{path}")).text for path in ("", f"/{made['memberId']}")
    ]
    assert not any(secret in text for text in texts)
    async with world.db.read() as session:
        row = await session.get(Member, made["memberId"])
    assert row is not None
    assert secret not in str(row.model_dump())


async def test_an_address_is_invited_once_an_account(world: World):
    await invited(world)
    answer = await world.http.post(PEOPLE, json={"email": "ADA@example.com", "role": "viewer"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0] == {
        "field": "email",
        "code": "taken",
        "message": "Somebody with this address is here already.",
    }


@pytest.mark.parametrize(
    "email", ["ada", "ada@", "@example.com", "a b@example.com", "ada@localhost"]
)
async def test_what_is_no_address_is_refused(world: World, email: str):
    answer = await world.http.post(PEOPLE, json={"email": email, "role": "viewer"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "email"


@pytest.mark.parametrize(
    ("scopes", "role", "status"),
    [
        (["people:write", "operator"], "operator", 201),
        (["people:write", "operator"], "viewer", 201),
        (["people:write", "viewer"], "operator", 422),
        (["people:write", "operator"], "admin", 422),
        (["people:*", *sorted(SCOPES_OF[Role.VIEWER])], "viewer", 201),
        (["admin"], "admin", 201),
        (["*"], "admin", 201),
        (["operator"], "viewer", 403),
    ],
)
async def test_nobody_gives_a_role_that_may_do_more_than_they(
    world: World, scopes: list[str], role: str, status: int
):
    asking = bearer(await key(world, *scopes))
    answer = await world.http.post(
        PEOPLE, json={"email": "ada@example.com", "role": role}, headers=asking
    )
    assert answer.status_code == status, answer.text


async def test_who_may_less_neither_resets_nor_changes_an_admin(world: World):
    """By the link of a reset a key for people alone would come in as an admin."""
    admin = await invited(world, "admin")
    asking = bearer(await key(world, "people:write", "operator"))
    path = f"{PEOPLE}/{admin['memberId']}"
    asked = [("POST", f"{path}/reset"), ("POST", f"{path}/disable"), ("POST", f"{path}/enable")]
    for method, address in (*asked, ("PATCH", path)):
        answer = await world.http.request(
            method, address, headers=asking, json={"role": "viewer"} if method == "PATCH" else None
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope"), address
    assert (await one(world, admin))["role"] == "admin"


async def test_a_changed_role_and_name_are_shown(world: World):
    person = await invited(world)
    path = f"{PEOPLE}/{person['memberId']}"
    answer = await world.http.patch(path, json={"role": "viewer", "name": "Ada Novak"})
    assert (answer.json()["role"], answer.json()["name"]) == ("viewer", "Ada Novak")
    assert (await world.http.patch(path, json={"role": "owner"})).status_code == 422


async def test_whoever_is_disabled_is_not_listed_and_has_no_link(world: World):
    person = await invited(world)
    path = f"{PEOPLE}/{person['memberId']}"
    for _ in range(2):
        answer = await world.http.post(f"{path}/disable")
        assert answer.json()["status"] == "disabled"
        assert answer.json()["linkEndsTime"] is None
    assert (await world.http.get(PEOPLE)).json()["people"] == []
    everybody = (await world.http.get(PEOPLE, params={"includeDisabled": True})).json()
    assert everybody["total"] == 1
    refused = await world.http.post(f"{path}/reset")
    assert (refused.status_code, refused.json()["code"]) == (409, "disabled")
    assert (await world.http.post(f"{path}/enable")).json()["status"] == "invited"
    assert "link" in (await world.http.post(f"{path}/reset")).json()


async def test_whoever_is_deleted_is_gone_and_their_address_may_be_invited_again(world: World):
    ada = await invited(world)
    path = f"{PEOPLE}/{ada['memberId']}"
    assert (await world.http.delete(path)).status_code == 204
    assert (await world.http.get(path)).status_code == 404
    assert (await world.http.delete(path)).status_code == 404
    assert (await world.http.post(f"{path}/sign-out")).status_code == 404
    assert (await invited(world))["memberId"] != ada["memberId"]
    entries = (await world.http.get("/api/v1/audit-log")).json()["entries"]
    named = [one["action"] for one in entries if one["objectId"] == ada["memberId"]]
    assert named == ["delete_person", "invite_person"]


async def test_keys_that_stand_for_people_are_in_no_list_of_keys(world: World):
    await invited(world)
    keys = (await world.http.get("/api/v1/keys", params={"includeEnded": True})).json()
    assert [one["name"] for one in keys["keys"]] == ["bootstrap"]


@pytest.mark.parametrize(
    ("scopes", "role"), [(["operator"], "operator"), (["calls:read"], None), (["*"], None)]
)
async def test_whoever_asks_is_told_who_they_are(world: World, scopes: list[str], role: str | None):
    made = await key(world, *scopes)
    me = (await world.http.get("/api/v1/me", headers=bearer(made))).json()
    assert (me["kind"], me["id"], me["name"]) == ("key", made["keyId"], "few")
    assert (me["role"], me["scopes"], me["account"]["name"]) == (role, scopes, "default")


async def test_a_key_with_a_role_may_what_the_role_may(world: World):
    asking = bearer(await key(world, "operator"))
    assert (await world.http.get("/api/v1/calls", headers=asking)).status_code == 200
    body = {"endpoint": "+12125550123"}
    assert (
        await world.http.post("/api/v1/suppressions", json=body, headers=asking)
    ).status_code == 201
    for path in ("keys", "people", "audit-log", "carrier-accounts"):
        assert (await world.http.get(f"/api/v1/{path}", headers=asking)).status_code == 403, path


async def test_carrier_accounts_are_seen_by_a_key_for_them_alone(world: World):
    asking = bearer(await key(world, "carriers:read"))
    assert (await world.http.get("/api/v1/carrier-accounts", headers=asking)).status_code == 200


# -- single sign-on

SIGN_ON = "/api/v1/single-sign-on"
PROVIDER: dict[str, Any] = {"issuer": "https://login.example.com", "clientId": "trunkline"}


async def test_the_provider_is_kept_shown_and_given_up(world: World):
    assert (await world.http.get(SIGN_ON)).status_code == 404
    made = (await world.http.put(SIGN_ON, json={**PROVIDER, "domain": "Example.com"})).json()
    assert made["domain"] == "example.com"
    assert made["redirectUri"] == "https://calls.example.com/dashboard/sign-in/callback"
    assert made["signInUrl"].endswith(f"/dashboard/sign-in/with/{made['signOnId']}")
    again = (await world.http.put(SIGN_ON, json=PROVIDER)).json()
    assert (again["signOnId"], again["domain"]) == (made["signOnId"], None)
    assert (await world.http.delete(SIGN_ON)).status_code == 204
    assert (await world.http.delete(SIGN_ON)).status_code == 404


async def test_a_secret_is_kept_only_where_it_can_be_sealed(world: World):
    body = {**PROVIDER, "clientSecret": "a-secret-of-the-provider"}
    answer = await world.http.put(SIGN_ON, json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_secret_key")


async def test_only_who_may_everything_says_which_provider_vouches_for_people(world: World):
    """Who says that can come in as anybody."""
    asking = bearer(await key(world, "people:*", "operator"))
    for method in ("PUT", "DELETE"):
        answer = await world.http.request(
            method, SIGN_ON, json=PROVIDER if method == "PUT" else None, headers=asking
        )
        assert answer.status_code == 403


async def test_a_provider_is_asked_over_https(world: World):
    body = {**PROVIDER, "issuer": "http://login.example.com"}
    answer = await world.http.put(SIGN_ON, json=body)
    assert answer.json()["errors"][0]["code"] == "https_required"
