"""How large a body may be: a size for each kind of route, whether or not it is announced."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from api.http.body_limits import MAX_BODY, MAX_BULK, MAX_CALLBACK, MAX_CONTACTS, MAX_FILE
from server import create_server
from settings import Settings
from tests.api.world import World

LARGER = {
    ("POST", "/api/v1/campaigns"): MAX_CONTACTS,
    ("POST", "/api/v1/campaigns/{campaign_id}/contacts"): MAX_CONTACTS,
    ("POST", "/api/v1/campaigns/{campaign_id}/contacts/upload"): MAX_FILE,
    ("POST", "/api/v1/calls/bulk"): MAX_BULK,
    ("POST", "/api/v1/consents/import"): MAX_FILE,
    ("POST", "/api/v1/suppressions/import"): MAX_FILE,
    ("PUT", "/api/v1/suppressions/registries/{registry}"): MAX_FILE,
    ("POST", "/dashboard/campaigns/new"): MAX_FILE,
    ("POST", "/dashboard/campaigns/{campaign_id}/add"): MAX_FILE,
    **{
        ("POST", f"/dashboard/{page}/import{what}"): MAX_FILE
        for page in ("do-not-call", "compliance/registries", "compliance/consents")
        for what in ("", "/rejected.csv")
    },
}
JSON, FORM, CSV = "application/json", "application/x-www-form-urlencoded", "text/csv"
# Not the bytes of a spreadsheet, though it begins like one: refused without a look at its rows.
NO_FILE = b"PK\x03\x04"


def test_every_route_has_a_limit_and_only_lists_and_files_a_large_one() -> None:
    found = {
        (method, str(route.path)): route.max_body_size
        for route in iter_route_contexts(create_server(Settings()).routes)
        if isinstance(route.original_route, APIRoute)
        for method in route.methods or ()
    }
    carriers = {key for key in found if key[1].startswith("/twilio/") and key[0] == "POST"}
    others = found.keys() - LARGER.keys() - carriers
    assert {key: found[key] for key in LARGER} == LARGER
    assert {found[key] for key in carriers} == {MAX_CALLBACK}
    assert {found[key] for key in others} == {MAX_BODY}


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 1 << 20):
        yield body[start : start + (1 << 20)]


async def ask(world: World, method: str, path: str, kind: str, body: bytes, way: str) -> Any:
    content: Any = body if way == "announced" else in_chunks(body)
    headers = {"Content-Type": kind}
    answer = await world.http.request(method, path, content=content, headers=headers)
    sent = answer.request.headers
    assert ("content-length" in sent) is (way == "announced")
    return answer


@pytest.mark.parametrize("way", ["announced", "chunked"])
@pytest.mark.parametrize(
    ("method", "path", "kind", "limit", "at_limit"),
    [
        ("POST", "/twilio/status/campaigns", FORM, MAX_CALLBACK, "bad_signature"),
        ("POST", "/twilio/voice/contacts", FORM, MAX_CALLBACK, "bad_signature"),
        ("POST", "/twilio/inbound/sms", FORM, MAX_CALLBACK, "bad_signature"),
        ("POST", "/api/v1/pathways", JSON, MAX_BODY, "invalid_json"),
        ("PATCH", "/api/v1/campaigns/x", JSON, MAX_BODY, "invalid_json"),
        ("POST", "/api/v1/suppressions", JSON, MAX_BODY, "invalid_json"),
        ("POST", "/api/v1/campaigns", JSON, MAX_CONTACTS, "invalid_json"),
        ("POST", "/api/v1/campaigns/x/contacts", JSON, MAX_CONTACTS, "invalid_json"),
        ("POST", "/api/v1/calls/bulk", JSON, MAX_BULK, "invalid_json"),
        ("POST", "/api/v1/suppressions/import", CSV, MAX_FILE, "unreadable_file"),
    ],
)
async def test_a_body_may_be_as_large_as_its_route_says_and_not_a_byte_larger(
    world: World, method: str, path: str, kind: str, limit: int, at_limit: str, way: str
) -> None:
    most = NO_FILE.ljust(limit) if kind == CSV else b" " * limit
    answer = await ask(world, method, path, kind, most, way)
    assert answer.json()["code"] == at_limit
    answer = await ask(world, method, path, kind, most + b" ", way)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:trunkline:problem:body_too_large",
        "title": answer.json()["title"],
        "status": 413,
        "detail": f"The body is larger than {limit} bytes.",
        "code": "body_too_large",
        "instance": path,
        "errors": [],
    }
    assert answer.status_code == 413


async def test_what_is_done_without_its_body_is_not_called_too_large(world: World) -> None:
    made = await world.post("/api/v1/suppressions", {"endpoint": "+12125550123"})
    path = f"/api/v1/suppressions/{made['suppressionId']}"
    answer = await ask(world, "DELETE", path, JSON, b" " * (MAX_BODY + 1), "announced")
    assert answer.status_code == 200, answer.text
    assert (await world.http.get("/api/v1/suppressions?inForce=true")).json()["total"] == 0
