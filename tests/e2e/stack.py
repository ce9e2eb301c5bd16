"""The running stack as the end-to-end tests use it: `trunkline dev` in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx2

from tests.permits import IDENTITY
from tests.wait import PATIENCE, wait_until

CALLER_ID = "+12125550100"
#: Longer than any test waits, at the stack's usual speed of 10.
TALKS_FOR_LONG = {"answer": {"after": 0.5, "by": "human", "talk": 1700}}
#: So does its phone ring, for an agent with this time-out.
RINGS_FOR_LONG = {"answer": {"after": 590, "by": "human"}}
LONGEST_RING = 600
FINAL = {"Completed", "Failed", "Canceled"}
Json = dict[str, Any]


class Stack:
    """`trunkline dev` on free ports over `data_dir`; restartable on the same directory."""

    def __init__(self, data_dir: Path, settings: dict[str, str], *, speed: float = 10) -> None:
        self.data_dir = data_dir
        self._speed = speed
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self.ready: Json = {}

    def start(self) -> "Stack":
        url = self._settings.get("TRUNKLINE_DATABASE_URL")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "cli.main", "dev", "--json"),
                *("--data-dir", str(self.data_dir)),
                *("--api-port", "0", "--temporal-port", "0", "--ui-port", "0"),
                *("--carrier-port", "0", "--carrier-speed", str(self._speed)),
                *(("--database-url", url) if url else ()),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self._settings},
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"the stack did not start: {self._process.communicate()[1]}")
        self.ready = json.loads(line)
        self.api = httpx2.Client(
            base_url=self.ready["api"],
            headers={"Authorization": f"Bearer {self.ready['apiKey']}"},
            timeout=PATIENCE,
        )
        self.carrier = httpx2.Client(base_url=self.ready["carrier"], timeout=PATIENCE)
        return self

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(timeout=60)
        self.api.close()
        self.carrier.close()
        return code

    # -- processes

    def pids(self) -> dict[str, int]:
        pids: dict[str, int] = json.loads((self.data_dir / "pids.json").read_text())
        return pids

    def kill(self, part: str) -> None:
        """kill -9 one part, wait until another process has taken its place."""
        old = self.pids()[part]
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: self.pids().get(part) not in (None, old), f"{part} restarted")

    def all_ready(self) -> bool:
        return bool(self.api.get("/readyz").status_code == 200)

    # -- api

    def post(self, path: str, body: Json, status: int = 201) -> Json:
        response = self.api.post(path, json=body)
        assert response.status_code == status, response.text
        answer: Json = response.json()
        return answer

    def pathway(self) -> str:
        nodes = {
            "hello": {"kind": "say", "text": "Hello {{name|there}}.", "next": "ask"},
            "ask": {
                "kind": "gather",
                "text": "Press 1 to confirm, 2 to decline, 9 to opt out.",
                "input": ["digits", "speech"],
                "numDigits": 1,
                "timeout": 3,
                "branches": [
                    {"digits": "1", "next": "yes"},
                    {"speech": ["yes"], "next": "yes"},
                    {"digits": "2", "next": "no"},
                    {"digits": "9", "next": "stop"},
                ],
                "otherwise": "bye",
            },
            "yes": {"kind": "outcome", "outcome": "confirmed", "next": "bye"},
            "no": {"kind": "outcome", "outcome": "declined", "next": "bye"},
            "stop": {"kind": "outcome", "outcome": "opted_out", "next": "bye"},
            "bye": {"kind": "hang_up", "text": "Goodbye."},
        }
        body = {
            "name": "reminder",
            "kind": "script",
            "definition": {"start": "hello", "nodes": nodes, "variables": ["name"]},
        }
        return str(self.post("/api/v1/pathways", body)["pathwayId"])

    def talk(self) -> str:
        """A pathway that lasts as long as the scripted callee talks."""
        body = {
            "name": "agent",
            "kind": "stream",
            "definition": {"url": "wss://agent.example/stream"},
        }
        return str(self.post("/api/v1/pathways", body)["pathwayId"])

    def agent(self, **changes: Any) -> str:
        body = {
            "name": "tests",
            "timezone": "America/New_York",
            "callerIds": [CALLER_ID],
            "pathwayId": self.pathway(),
            "purpose": "reminder",
            "identity": IDENTITY,
            "retry": {
                "maxAttempts": 3,
                "busy": "PT1S",
                "noAnswer": "PT1S",
                "networkError": "PT1S",
            },
            "voicemail": {"action": "leave_message", "message": "Please call us back."},
            **changes,
        }
        return str(self.post("/api/v1/agents", body)["agentId"])

    def submit(self, agent_id: str, endpoint: str, **changes: Any) -> str:
        body = {"agentId": agent_id, "endpoint": endpoint, "context": {"name": "Ada"}, **changes}
        return str(self.post("/api/v1/calls", body, 202)["callId"])

    def call(self, call_id: str) -> Json:
        response = self.api.get(f"/api/v1/calls/{call_id}")
        response.raise_for_status()
        view: Json = response.json()
        return view

    def wait_for_end(self, call_id: str, seconds: float = PATIENCE) -> Json:
        def ended() -> Json | None:
            view = self.call(call_id)
            return view if view["status"] in FINAL else None

        return wait_until(ended, f"the end of call {call_id}", seconds)

    def wait_for_answer(self, call_id: str) -> Json:
        def answered() -> Json | None:
            view = self.call(call_id)
            return view if any(one["state"] == "answered" for one in view["attempts"]) else None

        return wait_until(answered, f"call {call_id} answered")

    def ringing_call(self, endpoint: str) -> str:
        """A call whose phone rings for long, and at the carrier does so now."""
        self.script(endpoint, RINGS_FOR_LONG)
        call_id = self.submit(self.agent(ringTimeout=LONGEST_RING), endpoint)
        wait_until(
            lambda: any(one["state"] == "ringing" for one in self.call(call_id)["attempts"]),
            f"call {call_id} rings",
        )
        return call_id

    def wait_for_ends(self, call_ids: Iterable[str], seconds: float = PATIENCE) -> list[Json]:
        end = time.monotonic() + seconds
        return [self.wait_for_end(one, max(1.0, end - time.monotonic())) for one in call_ids]

    # -- the simulated carrier

    def script(self, number: str, *entries: Any) -> None:
        answer = self.carrier.put(f"/_sim/numbers/{number}", json={"script": list(entries)})
        answer.raise_for_status()

    def faults(self, **faults: Any) -> None:
        self.carrier.put("/_sim/faults", json=faults).raise_for_status()

    @staticmethod
    def settle(seconds: float) -> None:
        """Let time pass in which nothing is to happen."""
        time.sleep(seconds)

    def legs(self, number: str | None = None) -> list[Json]:
        """The ledger of every leg ever created: the ground truth."""
        legs: list[Json] = self.carrier.get("/_sim/calls").json()["calls"]
        return [leg for leg in legs if number is None or leg["to"] == number]

    # -- temporal's own command line

    def signal(self, call_id: str, name: str) -> None:
        """As an operator does it, who waits for no worker."""
        self.temporal("workflow", "signal", "--workflow-id", f"call-{call_id}", "--name", name)

    def temporal(self, *args: str) -> str:
        binary = Path(sys.executable).with_name("temporal")
        done = subprocess.run(
            [str(binary), *args, "--address", self.ready["temporal"]],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout
