"""Every change leaves an entry of who, what and which fields, and nothing of what they hold."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.http.actor import LOOKS
from api.http.auth import KeyFirst, KeyWithin
from storage.accounts import audit_log
from tests.api.world import Json, World

LOG = "/api/v1/audit-log"
CSV = {"Content-Type": "text/csv"}


async def entries(world: World, **query: Any) -> list[Json]:
    answer = await world.http.get(LOG, params={"take": 1000, **query})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["entries"])


async def test_a_change_is_kept_with_who_made_it_and_the_names_of_its_fields(world: World):
    agent_id = await world.agent()
    body = {"name": "Secret Service", "maxConcurrent": 3}
    await world.http.patch(f"/api/v1/agents/{agent_id}", json=body)
    newest = (await entries(world))[0]
    assert (newest["actor"], newest["via"]) == ("key bootstrap", "api")
    assert (newest["action"], newest["objectId"]) == ("change_agent", agent_id)
    assert newest["fields"] == ["maxConcurrent", "name"]
    assert newest["at"] == "2026-11-23T15:00:00Z"
    assert "Secret" not in (await world.http.get(LOG)).text


async def test_what_was_made_is_named_by_its_new_id(world: World):
    agent_id = await world.agent()
    assert (await entries(world, action="create_agent"))[0]["objectId"] == agent_id
    key = await world.post("/api/v1/keys", {"name": "x", "scopes": ["*"]})
    assert (await entries(world, objectId=key["keyId"]))[0]["action"] == "create_key"


async def test_what_was_refused_or_only_tried_leaves_no_entry(world: World):
    agent_id = await world.agent()
    before = len(await entries(world))
    await world.http.patch(f"/api/v1/agents/{agent_id}", json={"timezone": "Mars/Base"})
    await world.http.patch(f"/api/v1/agents/{agent_id}?dryRun=true", json={"name": "x"})
    await world.http.delete("/api/v1/agents/nobody")
    await world.http.post("/api/v1/keys", json={"name": "x"})
    await world.http.post("/api/v1/agents", json={}, headers={"Authorization": "Bearer no"})
    assert len(await entries(world)) == before


async def test_an_entry_and_its_change_are_written_together_or_not_at_all(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    agent_id = await world.agent()

    async def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(audit_log, "record", full)
    answer = await world.http.patch(f"/api/v1/agents/{agent_id}", json={"name": "other"})
    assert answer.status_code == 503
    assert (await world.http.get(f"/api/v1/agents/{agent_id}")).json()["name"] == "tests"


async def test_no_phone_number_gets_into_the_log(world: World):
    await world.agent()
    await world.post("/api/v1/suppressions", {"endpoint": "+12025550142", "reason": "Ada asked"})
    await world.post("/api/v1/consents", {
        "endpoint": "+12025550142", "tier": "written", "method": "web form of Ada"
    })  # fmt: skip
    text = (await world.http.get(LOG)).text + (await world.http.get(f"{LOG}.csv")).text
    assert "5550142" not in text
    assert "Ada" not in text
    assert "add_suppression" in text


async def test_the_log_is_read_page_by_page_and_with_filters(world: World):
    for number in range(5):
        world.clock.pass_(minutes=1)
        await world.post("/api/v1/keys", {"name": f"k{number}", "scopes": ["calls:read"]})
    seen: list[int] = []
    cursor = ""
    while cursor is not None:
        query: Any = {"take": 2, **({"cursor": cursor} if cursor else {})}
        answer = (await world.http.get(LOG, params=query)).json()
        seen += [one["entryId"] for one in answer["entries"]]
        cursor = answer["nextCursor"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == answer["total"] == 5
    since = "2026-11-23T15:04:00Z"
    assert len(await entries(world, since=since)) == 2
    assert len(await entries(world, until=since)) == 3
    assert await entries(world, actorId="nobody") == []
    assert (await world.http.get(LOG, params={"cursor": "!"})).status_code == 422


async def test_old_entries_are_forgotten_a_page_at_a_time(world: World):
    for _ in range(3):
        await world.post("/api/v1/keys", {"name": "k", "scopes": ["calls:read"]})
    async with world.db.write() as session:
        assert await audit_log.purge(session, world.clock.now, 2) == 0
        world.clock.pass_(seconds=1)
        assert await audit_log.purge(session, world.clock.now, 2) == 2
    assert len(await entries(world)) == 1


def changing(app: FastAPI) -> dict[str, type]:
    """The operations of the document that may change something, with the kinds of their routes."""
    found = {}
    for route in iter_route_contexts(app.routes):
        methods = set(route.methods or ()) - {"GET", "HEAD", "OPTIONS"}
        if methods and (route.path_format or "").startswith("/api/v1"):
            found[str(route.name)] = type(getattr(route, "original_route", route))
    return found


#: They need what takes long to make: of these only the kind of the route is looked at.
NOT_WALKED = {
    *("change_sequence", "cancel_sequence", "redial_campaign", "decide_review", "erase_person"),
    *("test_webhook", "replay", "replay_delivery", "promise_call", "transfer_call"),
    *("create_carrier_account", "change_carrier_account", "delete_carrier_account"),
    *("rotate_carrier_token", "disable_carrier_account", "enable_carrier_account", "send_waiting"),
    *("return_caller_id", "ask_campaign_clearances"),
    *("replace_split", "delete_split", "replace_steps", "delete_steps"),
}
#: One request for each operation, made in this order. What they need of others stands in braces.
WALK: tuple[tuple[str, str, str, Json | None], ...] = (
    ("create_pathway", "POST", "pathways", {"name": "p", "kind": "script", "definition": {
        "variables": [], "start": "bye",
        "nodes": {"bye": {"kind": "hang_up", "text": "Goodbye."}}}}),
    ("replace_pathway", "PUT", "pathways/{create_pathway}", {"name": "q", "kind": "script",
        "definition": {"variables": [], "start": "bye",
        "nodes": {"bye": {"kind": "hang_up", "text": "Goodbye."}}}}),
    ("change_pathway", "PATCH", "pathways/{create_pathway}", {"name": "r"}),
    ("create_transfer_target", "POST", "transfer-targets",
        {"name": "desk", "endpoint": "+12125550140"}),
    ("change_transfer_target", "PATCH", "transfer-targets/{create_transfer_target}",
        {"ringSeconds": 30}),
    ("delete_transfer_target", "DELETE", "transfer-targets/{create_transfer_target}", None),
    ("create_agent", "POST", "agents", {"name": "a", "callerIds": ["+12025550100"]}),
    ("replace_agent", "PUT", "agents/{create_agent}", {"name": "b"}),
    ("renew_last_word_secret", "POST", "agents/{create_agent}/last-word-secret", None),
    ("change_agent", "PATCH", "agents/{create_agent}", {"name": "c"}),
    ("change_account", "PATCH", "account", {"name": "ours"}),
    ("try_dialing_now", "POST", "account/dialing/probe", None),
    ("create_key", "POST", "keys", {"name": "k", "scopes": ["calls:read"]}),
    ("rotate_key", "POST", "keys/{create_key}/rotate", {}),
    ("revoke_key", "DELETE", "keys/{create_key}", None),
    ("invite_person", "POST", "people", {"email": "ada@example.com", "role": "viewer"}),
    ("change_person", "PATCH", "people/{invite_person}", {"role": "operator"}),
    ("disable_person", "POST", "people/{invite_person}/disable", None),
    ("enable_person", "POST", "people/{invite_person}/enable", None),
    ("reset_person", "POST", "people/{invite_person}/reset", None),
    ("sign_person_out", "POST", "people/{invite_person}/sign-out", None),
    ("delete_person", "DELETE", "people/{invite_person}", None),
    ("set_single_sign_on", "PUT", "single-sign-on",
        {"issuer": "https://login.example.com", "clientId": "trunkline"}),
    ("remove_single_sign_on", "DELETE", "single-sign-on", None),
    ("create_webhook", "POST", "webhooks", {"url": "https://example.com/hook"}),
    ("change_webhook", "PATCH", "webhooks/{create_webhook}", {"description": "d"}),
    ("rotate_secret", "POST", "webhooks/{create_webhook}/rotate-secret", {}),
    ("delete_webhook", "DELETE", "webhooks/{create_webhook}", None),
    ("create_campaign", "POST", "campaigns", {"name": "c", "agentId": "{agent}"}),
    ("change_campaign", "PATCH", "campaigns/{create_campaign}", {"name": "d"}),
    ("add_contacts", "POST", "campaigns/{create_campaign}/contacts",
        {"contacts": [{"endpoint": "+12125550151"}]}),
    ("upload_contacts", "POST", "campaigns/{create_campaign}/contacts/upload", None),
    ("correct_contacts", "POST", "campaigns/{create_campaign}/contacts/corrections",
        {"drop": []}),
    ("drop_rejected_contacts", "DELETE",
        "campaigns/{create_campaign}/contacts/rejected?through=1", None),
    ("start_campaign", "POST", "campaigns/{create_campaign}/start", None),
    ("pause_campaign", "POST", "campaigns/{create_campaign}/pause", None),
    ("resume_campaign", "POST", "campaigns/{create_campaign}/resume", None),
    ("duplicate_campaign", "POST", "campaigns/{create_campaign}/duplicate", None),
    ("delete_campaign", "DELETE", "campaigns/{duplicate_campaign}", None),
    ("cancel_campaign", "POST", "campaigns/{create_campaign}/cancel", None),
    ("create_calls", "POST", "calls/bulk", {"calls": [
        {"agentId": "{agent}", "endpoint": "+12125550152", "context": {"name": "Ada"}}]}),
    ("change_call", "PATCH", "calls/{call}", {"priority": 7}),
    ("reschedule_call", "POST", "calls/{call}/reschedule",
        {"notBefore": "2026-12-01T15:00:00Z"}),
    ("hang_up_call", "POST", "calls/{live}/hangup", None),
    ("report_outcome", "POST", "calls/{live}/outcome", {"outcome": "confirmed"}),
    ("cancel_call", "DELETE", "calls/{call}", None),
    ("add_suppression", "POST", "suppressions", {"endpoint": "+12025550153"}),
    ("remove_suppression", "DELETE", "suppressions/{add_suppression}", None),
    ("import_suppressions", "POST", "suppressions/import", None),
    ("import_registry", "PUT",
        "suppressions/registries/gb.tps?scrubbedTime=2026-11-20T00:00:00Z", None),
    ("add_consent", "POST", "consents",
        {"endpoint": "+12025550154", "tier": "written", "method": "web form"}),
    ("revoke_consent", "POST", "consents/{add_consent}/revoke", {"method": "letter"}),
    ("import_consents", "POST", "consents/import?tier=written&method=form", None),
    ("add_overlay", "POST", "compliance/overlays", {"id": "storm", "kind": "blackout",
        "jurisdiction": "US-FL", "startsAt": "2026-11-24T00:00:00-05:00",
        "endsAt": "2026-11-25T00:00:00-05:00"}),
    ("remove_overlay", "DELETE", "compliance/overlays/{add_overlay}", None),
    ("add_waiver", "POST", "compliance/waivers",
        {"rule": "calling_hours", "reason": "only our own phones"}),
    ("end_waiver", "DELETE", "compliance/waivers/calling_hours", None),
    ("add_acknowledgement", "POST", "compliance/acknowledgements",
        {"prerequisite": "in.dlt", "reference": "1101"}),
    ("withdraw_acknowledgement", "DELETE", "compliance/acknowledgements/in.dlt", None),
    ("delete_pathway", "DELETE", "pathways/{create_pathway}", None),
    ("delete_agent", "DELETE", "agents/{create_agent}", None),
    # Last: what the carrier does not list is not dialed from any more.
    ("import_caller_ids", "POST", "caller-ids/import", {}),
)  # fmt: skip


_IDS = ("agentId", "pathwayId", "keyId", "webhookId", "campaignId", "suppressionId", "consentId",
        "overlayId", "memberId", "targetId")  # fmt: skip


def filled(what: Any, made: Json) -> Any:
    """With the ids that were made before in place of their names."""
    if isinstance(what, dict):
        return {name: filled(value, made) for name, value in what.items()}
    if isinstance(what, list):
        return [filled(value, made) for value in what]
    return what.format(**made) if isinstance(what, str) else what


def id_in(name: str, answer: Any) -> str:
    """Of what was made: the id that its own noun has."""
    noun = name.rpartition("_")[2].replace("person", "member")
    wanted = [one for one in _IDS if one == f"{noun}Id"]
    return str(next((answer[one] for one in wanted if one in answer), ""))


async def test_every_operation_that_changes_something_is_logged(world: World, application: FastAPI):
    kinds = changing(application)
    walked = [name for name, *_ in WALK]
    assert kinds.keys() == {*walked, *NOT_WALKED, *LOOKS, "create_call"}
    await world.run_loops()
    agent, live = await world.agent(), await world.call(endpoint="+12125550155")
    made: Json = {
        "agent": agent,
        "live": live,
        "call": await world.call(agentId=agent, endpoint="+12125550156"),
    }
    attempt = await world.dial(live)
    await world.callback("status", attempt.token, CallStatus="in-progress")
    for name, method, path, body in WALK:
        url = f"/api/v1/{path.format(**made)}"
        is_file = ("import" in name or "upload" in name) and body is None
        sent: Any = {"content": "phone\n+12025550157", "headers": CSV} if is_file else {}
        if body is not None:
            sent = {"json": filled(body, made)}
        answer = await world.http.request(method, url, **sent)
        assert answer.status_code < 300, (name, answer.text)
        newest = (await entries(world))[0]
        assert newest["action"] == name
        if body is not None and name != "create_calls":
            assert newest["fields"] == sorted(body)
        made[name] = id_in(name, answer.json() if answer.content else {})


async def test_the_one_route_without_entries_tells_of_itself_by_an_event(application: FastAPI):
    kinds = changing(application)
    assert {name for name, kind in kinds.items() if issubclass(kind, KeyWithin)} == {"create_call"}
    assert all(issubclass(kind, KeyFirst) for kind in kinds.values())


@pytest.mark.parametrize("said", ["17", "1.5", "1.2325161328020643e-38", ".5", "-2E3"])
async def test_a_number_is_no_time(world: World, said: str):
    answer = await world.http.get("/api/v1/audit-log.csv", params={"until": said})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "until"
