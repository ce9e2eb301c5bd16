"""Webhooks by command; and events as they happen, passed on so that a receiver takes them."""

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

import api.events.routes
import api.webhooks.routes
from tests.cli.remote.conftest import SAID, Terminal
from trunkline_client import Trunkline, event_of
from trunkline_client.event_stream import StreamedEvent
from trunkline_client.models import EventPayload
from webhooks.signature import new_secret

NUMBER = "+12025550123"
SECRET = new_secret()


@pytest.fixture
def received() -> Iterator[tuple[str, list[EventPayload]]]:
    """A receiver that verifies what it gets: its address, and what it took."""
    taken: list[EventPayload] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append(event_of(SECRET, dict(self.headers), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", taken
    server.shutdown()
    thread.join()
    server.server_close()


def test_events_are_printed_and_passed_on_signed(
    terminal: Terminal, received: tuple[str, list[EventPayload]]
) -> None:
    calls = [terminal.id("call", f"+120255501{number}", *SAID) for number in (20, 21)]
    address, taken = received
    since = ("--since", "2026-01-01T00:00:00Z", "--count", "2")
    forward = ("--forward", address, "--secret", SECRET)
    assert terminal("webhooks", "listen", *since, *forward) == 0
    assert [one.call_id for one in taken] == calls
    assert terminal.out.count("call.created") == 2
    assert terminal.out.count("→ 204") == 2


def test_what_has_happened_is_followed_by_what_happens(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third comes by the stream, once the two before it were read from the list."""
    monkeypatch.setattr(api.events.routes, "LOOK_SECONDS", 0.01)
    for number in (20, 21):
        terminal.id("call", f"+120255501{number}", *SAID)
    since = ("--since", "2026-01-01T00:00:00Z", "--count", "3", "--json")
    real = Trunkline.stream_events

    def stream(client: Trunkline, **said: Any) -> Iterator[StreamedEvent]:
        client.add_suppression({"endpoint": NUMBER})
        return real(client, **said)

    monkeypatch.setattr(Trunkline, "stream_events", stream)
    assert terminal("webhooks", "listen", *since) == 0
    events = [json.loads(line) for line in terminal.out.splitlines()]
    assert [one["type"] for one in events[:2]] == ["call.created", "call.created"]
    assert events[2]["type"] == "number.suppressed"


def test_without_a_secret_people_are_shown_one_of_this_run_and_programs_are_refused(
    terminal: Terminal, received: tuple[str, list[EventPayload]], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.monkeypatch.delenv("WEBHOOK_SECRET", raising=False)
    monkeypatch.setattr(secrets, "token_bytes", lambda _size: base64.b64decode(SECRET[6:]))
    terminal.id("call", "+12025550120", *SAID)
    address, taken = received
    forward = ("--forward", address, "--since", "2026-01-01T00:00:00Z", "--count", "1")
    assert terminal("webhooks", "listen", *forward) == 0
    assert SECRET in terminal.out
    assert len(taken) == 1
    assert terminal("webhooks", "listen", *forward, "--quiet") == 2
    assert "--secret" in terminal.err


def test_a_webhook_is_made_tested_changed_and_deleted(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.webhooks.routes, "TEST_SECONDS", 0.0)
    url = "https://example.com/hook"
    made: dict[str, Any] = terminal.json("webhooks", "create", url, "--event", "call.completed")
    hook = made["webhookId"]
    assert made["secret"].startswith("whsec_")
    assert terminal("webhooks", "list") == 0
    assert hook in terminal.out
    assert terminal("webhooks", "test", hook) == 1
    assert "webhook.test" in terminal.out
    [delivery] = terminal.json("webhooks", "deliveries", hook)
    assert terminal("webhooks", "deliveries", hook, "--delivery", str(delivery["deliveryId"])) == 0
    assert "POST https://example.com/hook" in terminal.out
    assert terminal("webhooks", "replay", hook, "--delivery", str(delivery["deliveryId"])) == 0
    assert terminal("webhooks", "replay", hook) == 0
    assert terminal("webhooks", "rotate", hook) == 0
    assert "whsec_" in terminal.out
    assert terminal("webhooks", "change", hook, "--disable") == 0
    assert terminal.json("webhooks", "show", hook)["isEnabled"] is False
    assert terminal("webhooks", "test", hook) == 4
    assert terminal("webhooks", "delete", hook) == 0
    assert terminal("webhooks", "show", hook) == 3
