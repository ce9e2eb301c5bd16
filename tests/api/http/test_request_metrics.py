"""Requests are counted by templates, and each has an id that its asker may choose."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from api.http import middleware
from observability import metrics
from observability.logs import configure_logging
from tests.api.world import World


@pytest.fixture
def logged() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging("INFO", "json")
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def routes_seen() -> set[str]:
    return {
        sample.labels["route"] for family in metrics.REQUESTS.collect() for sample in family.samples
    }


async def test_a_route_is_a_template_whatever_the_path_says(world: World):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.http.get(f"/api/v1/calls/{call_id}")
    await world.http.get("/api/v1/calls/+12025550123")
    await world.http.get("/nothing/+12025550123")
    await world.http.request("BREW", f"/api/v1/calls/{call_id}")
    for step in (7, 8):
        await world.callback(f"gather/{attempt.token}", str(step), Digits="1")
    seen = routes_seen()
    assert "/api/v1/calls/{call_id}" in seen
    assert "/twilio/gather/{token}/{step}" in seen
    shown = " ".join(seen)
    assert not any(secret in shown for secret in (call_id, attempt.token, "5550123", "/7"))
    methods = {
        sample.labels["method"]
        for family in metrics.REQUESTS.collect()
        for sample in family.samples
    }
    assert "BREW" not in methods


async def test_a_forged_callback_is_counted(world: World):
    before = metrics.CALLBACKS_REFUSED.labels("signature")._value.get()
    answer = await world.http.post("/twilio/status/abc", data={"CallSid": "CA1"})
    assert answer.status_code == 403
    assert metrics.CALLBACKS_REFUSED.labels("signature")._value.get() == before + 1


async def test_a_label_has_no_more_routes_than_a_number(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(middleware, "_routes", {"/a"})
    monkeypatch.setattr(middleware, "MOST_ROUTES", 2)
    assert [middleware._label(route) for route in ("/a", "/b", "/c")] == ["/a", "/b", "(other)"]


async def test_a_request_is_named_by_its_asker_or_by_us(world: World):
    given = await world.http.get("/api/v1/account", headers={"X-Request-Id": "shop-42.a_B"})
    assert given.headers["x-request-id"] == "shop-42.a_B"
    own = [(await world.http.get("/api/v1/account")).headers["x-request-id"] for _ in range(2)]
    assert len(set(own)) == 2
    assert all(len(one) == 16 for one in own)


@pytest.mark.parametrize("text", ["", "a" * 65, "a b", "+12025550123", 'x"y', "a,b", "sip:bob@x"])
async def test_a_name_that_is_none_is_replaced(world: World, text: str):
    answer = await world.http.get("/api/v1/nothing", headers={"X-Request-Id": text})
    assert answer.status_code == 404
    assert len(answer.headers["x-request-id"]) == 16


async def test_the_lines_of_a_request_hold_its_id_and_what_it_is_about(
    world: World, logged: None, capfd: pytest.CaptureFixture[str]
):
    call_id = await world.call()
    capfd.readouterr()
    await world.http.get(f"/api/v1/calls/{call_id}", headers={"X-Request-Id": "mine"})
    await world.http.get("/api/v1/calls/2025550123")
    first, second = (json.loads(line) for line in capfd.readouterr().err.splitlines())
    assert (first["request_id"], first["call_id"]) == ("mine", call_id)
    assert first["event"] == "request"
    assert "call_id" not in second
    assert second["request_id"] != "mine"
