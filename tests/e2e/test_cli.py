"""The command line on the running stack: what a person types, to its end."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.e2e.stack import Stack
from tests.wait import PATIENCE, wait_until
from trunkline_client import event_of
from webhooks.signature import new_secret

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
SECRET = new_secret()


def command(stack: Stack, *words: str) -> subprocess.Popen[str]:
    environment = {"TRUNKLINE_URL": stack.ready["api"], "TRUNKLINE_KEY": stack.ready["apiKey"]}
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def typed(stack: Stack, *words: str, code: int = 0) -> str:
    """What a command says that ends so."""
    running = command(stack, *words)
    out, err = running.communicate(timeout=PATIENCE)
    assert running.returncode == code, err
    return out


@pytest.fixture
def agent(stack: Stack) -> str:
    return stack.agent(name="typed")


def test_a_call_is_watched_to_its_end_and_the_exit_code_says_how_it_was(
    stack: Stack, agent: str
) -> None:
    well = typed(stack, "call", "+12065550110", "--agent", agent, "--set", "name=Ada", "--watch")
    assert "rings" in well
    assert "said: confirmed" in well
    assert well.splitlines()[-1].startswith("confirmed: ")
    busy = ("call", "+12065550160", "--agent", agent, "--watch", "--json")
    lines = [json.loads(line) for line in typed(stack, *busy, code=1).splitlines()]
    assert [one["sequence"] for one in lines[:-1]] == list(range(1, len(lines)))
    assert lines[-1]["outcome"] == "busy"
    assert typed(stack, "calls", "watch", lines[-1]["callId"], "--quiet", code=1) == "busy\n"


def test_a_number_on_the_list_ends_the_call_that_waits_for_it(stack: Stack, agent: str) -> None:
    call = ("call", "+12065550111", "--agent", agent, "--at", "+1d", "--quiet")
    call_id = typed(stack, *call).strip()
    assert json.loads(typed(stack, "dnc", "add", "+12065550111", "--json"))["stoppedCalls"] == [
        call_id
    ]
    assert "suppressed" in typed(stack, "calls", "watch", call_id, code=1)
    assert stack.legs("+12065550111") == []


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[str]]]:
    """Takes genuine events only: its address, and the types that it took."""
    taken: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append(event_of(SECRET, dict(self.headers), body).type)
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


def test_events_are_passed_on_as_they_happen(
    stack: Stack, agent: str, receiver: tuple[str, list[str]]
) -> None:
    address, taken = receiver
    call_id = stack.submit(
        agent,
        "+12065550112",
        schedule={"notBefore": (datetime.now(UTC) + timedelta(days=1)).isoformat()},
    )
    listening = command(
        stack,
        *("webhooks", "listen", "--call", call_id, "--since", "2026-01-01T00:00:00Z"),
        *("--forward", address, "--secret", SECRET),
    )
    try:
        wait_until(lambda: "call.created" in taken, "the past is passed on")
        typed(stack, "calls", "cancel", call_id)
        wait_until(lambda: "call.canceled" in taken, "the present is passed on")
    finally:
        listening.terminate()
        out, _ = listening.communicate(timeout=PATIENCE)
    assert "→ 204" in out


def test_the_doctor_finds_the_stack_of_this_folder_well(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / ".trunkline").symlink_to(stack.data_dir)
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "doctor", "--json"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    found = {one["name"]: one["state"] for one in json.loads(done.stdout)}
    assert done.returncode == 0, found
    # A local stack is told of what only a carrier knows that it was not looked at.
    assert found.pop("caller IDs") == found.pop("from outside") == "skipped"
    assert set(found.values()) == {"well"}
