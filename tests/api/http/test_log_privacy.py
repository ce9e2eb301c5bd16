"""No phone number, name, context or token in any log line."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from observability.logs import configure_logging, redact
from tests.api.world import World

PERSONAL = ["2125550123", "2125550100", "Lovelace", "C-1017", "bob@example.org"]


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


async def test_a_calls_whole_life_leaves_no_trace_of_the_person(
    world: World, restored: None, capfd: pytest.CaptureFixture[str]
):
    configure_logging("DEBUG", "json")
    call_id = await world.call(additionalData={"crm": "C-1017"})
    attempt = await world.dial(call_id)
    await world.voice(attempt.token, "held=3")
    await world.voice(attempt.token, CallSid="CA" + "9" * 32)
    await world.callback("gather", attempt.token, "node=ask", Digits="1")
    await world.callback("status", attempt.token, CallStatus="what?")
    world.gateway.away = True
    await world.status(attempt.token, "completed")
    await world.http.get("/api/v1/calls", params={"endpoint": "+12125550123"})
    await world.refusal(endpoint="+12125550123x")
    await world.http.post("/api/v1/calls", content=b'{"endpoint": "+12125550123"')
    await world.http.get("/+12125550123")
    written = capfd.readouterr().err
    assert written.count("/api/v1/calls") >= 3
    for secret in (*PERSONAL, attempt.token):
        assert secret not in written


@pytest.mark.parametrize(
    "text",
    [
        "+12125550123",
        "to=%2B12125550123&x",
        "+1 (212) 555-0123",
        "+44 20 7946 0018",
        "sip:bob@example.org",
        "<sips:bob@example.org;transport=tls>",
        "sip%3Abob%40example.org",
    ],
)
def test_whatever_looks_like_a_number_or_a_sip_address_is_redacted(text: str):
    shown = redact({"a": [f"call {text}"], "b": ValueError(text)})
    assert "[redacted]" in shown["a"][0]
    assert "[redacted]" in shown["b"]
    assert not any(secret in str(shown) for secret in ("555", "7946", "bob"))


@pytest.mark.parametrize(
    "text", ["2026-11-23T15:00:00+00:00", "CA" + "1" * 32, "call-9c1f5a2e-53c4", "200", "1+1=2"]
)
def test_times_and_ids_stay_readable(text: str):
    assert redact(text) == text


@pytest.mark.parametrize("format_", ["json", "console"])
def test_exceptions_are_redacted_with_their_tracebacks(
    restored: None, capfd: pytest.CaptureFixture[str], format_: str
):
    configure_logging("INFO", format_)  # type: ignore[arg-type]
    try:
        raise ValueError("no route to +12125550123")
    except ValueError:
        structlog.get_logger("trunkline").exception("failed", number="+12125550123")
        logging.getLogger("library").exception("failed for %s", "sip:bob@example.org")
    written = capfd.readouterr().err
    assert "Traceback" in written
    assert not any(secret in written for secret in PERSONAL)


def test_json_lines_can_be_read_by_machines(restored: None, capfd: pytest.CaptureFixture[str]):
    configure_logging("INFO", "json")
    structlog.get_logger("trunkline").info("hello", call_id="x", at=3)
    logging.getLogger("library").debug("too quiet to be heard")
    [line] = capfd.readouterr().err.splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["level"], entry["call_id"]) == ("hello", "info", "x")
