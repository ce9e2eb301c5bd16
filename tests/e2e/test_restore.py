"""A backup brought back after more calls were made: what is missing is found, nobody called twice.

So, too, where a database fails over to a replica that lags, under running workers.
"""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from cli.recovery.restore import put_back
from tests.e2e.conftest import QUICK
from tests.e2e.stack import Json, Stack
from tests.wait import wait_until

pytestmark = pytest.mark.e2e

HUMAN = {"answer": {"after": 0.5, "by": "human", "digits": "1"}}
OPTS_OUT = {"answer": {"after": 0.5, "by": "human", "digits": "9"}}
DECLINED = 4


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    running = Stack(tmp_path / "stack", QUICK).start()
    yield running
    assert running.stop() == 0


def command(stack: Stack, *said: str) -> subprocess.CompletedProcess[str]:
    """`trunkline …` on the stack's own database, Temporal and carrier."""
    kept = json.loads((stack.data_dir / "secrets.json").read_text())
    told = {
        "DATABASE_URL": database_url(stack),
        "TEMPORAL_ADDRESS": stack.ready["temporal"],
        "TWILIO_ACCOUNT_SID": kept["account_sid"],
        "TWILIO_AUTH_TOKEN": kept["auth_token"],
        "TWILIO_API_URL": stack.ready["carrier"],
    }
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *said],
        env={**os.environ, **{f"TRUNKLINE_{name}": value for name, value in told.items()}},
        capture_output=True,
        text=True,
        check=False,
    )


def database_url(stack: Stack) -> str:
    return f"sqlite+aiosqlite:///{stack.data_dir / 'trunkline.db'}"


class Calls:
    """One made before the backup, some accepted before and made after it, one unknown to it."""

    early, later, stops, lost = (f"+1646555010{n}" for n in range(4))
    sleeping = "+16465550104"

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._agent = stack.agent()
        for number in (self.early, self.later, self.lost, self.sleeping):
            stack.script(number, HUMAN)
        stack.script(self.stops, OPTS_OUT)
        self.ids: dict[str, str] = {}

    def before(self) -> None:
        self._submit(self.early)
        self._stack.wait_for_end(self.ids[self.early])
        for number in (self.later, self.stops):
            self._submit(number, is_for_now=False)
        self._submit(self.sleeping, is_for_now=False)

    def after(self) -> None:
        for number in (self.later, self.stops):
            path = f"/api/v1/calls/{self.ids[number]}/reschedule"
            self._stack.api.post(path, json={"notBefore": _in(seconds=1)}).raise_for_status()
        self._submit(self.lost)
        self._stack.wait_for_ends([self.ids[one] for one in (self.later, self.stops, self.lost)])

    def _submit(self, number: str, *, is_for_now: bool = True) -> None:
        changes = {} if is_for_now else {"schedule": {"notBefore": _in(days=1)}}
        self.ids[number] = self._stack.submit(self._agent, number, **changes)

    def each_was_dialed_once(self) -> None:
        dialed = Counter(leg["to"] for leg in self._stack.legs())
        assert dialed == dict.fromkeys((self.early, self.later, self.stops, self.lost), 1)

    def view(self, number: str) -> Json:
        return self._stack.call(self.ids[number])


def _in(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


def test_after_a_restore_all_is_found_again_and_nobody_is_dialed_twice(
    stack: Stack, tmp_path: Path
) -> None:
    calls, copy = Calls(stack), tmp_path / "copy.db"
    calls.before()
    done = command(stack, "backup", str(copy))
    assert done.returncode == 0, done.stderr
    assert command(stack, "backup", str(copy)).returncode == 2
    calls.after()

    refused = command(stack, "restore", str(copy))
    assert refused.returncode == DECLINED, refused.stderr
    worker = stack.pids()["worker"]
    os.kill(worker, signal.SIGSTOP)
    wait_until(lambda: command(stack, "restore", str(copy)).returncode == 0, "restored")
    assert calls.view(calls.later)["status"] in ("Created", "Queued")

    done = command(stack, "reconcile", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["lost_calls"] == [calls.ids[calls.lost]]
    assert (found["legs"], found["found_calls"], found["ended"]) == (3, 1, 2)
    again = json.loads(command(stack, "reconcile", "--json").stdout)
    assert (again["legs"], again["found_calls"], again["decisions"]) == (0, 0, 0)

    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: stack.pids().get("worker") not in (None, worker), "another worker")
    wait_until(stack.all_ready, "everything ready again")
    assert calls.view(calls.later)["outcome"] == "confirmed"
    assert calls.view(calls.stops)["outcome"] == "opted_out"
    assert calls.stops in stack.api.get("/api/v1/suppressions").text
    listed = stack.api.get("/api/v1/calls", params={"endpoint": calls.lost}).json()
    [kept] = listed["calls"]
    assert (kept["outcome"], kept["reason"]) == ("completed", "found_after_restore")
    assert calls.view(calls.sleeping)["status"] in ("Created", "Queued")
    new = stack.submit(stack.agent(), "+16465550109")
    assert stack.wait_for_end(new)["outcome"]
    assert stack.legs("+16465550109")
    assert Counter(leg["to"] for leg in stack.legs())[calls.later] == 1
    legs = Counter(leg["to"] for leg in stack.legs())
    assert set(legs.values()) == {1}


def test_a_replica_that_lags_takes_over_and_nobody_is_dialed_twice(
    stack: Stack, tmp_path: Path
) -> None:
    calls, copy = Calls(stack), tmp_path / "copy.db"
    calls.before()
    assert command(stack, "backup", str(copy)).returncode == 0
    calls.after()
    put_back(make_url(database_url(stack)), copy)
    wait_until(stack.all_ready, "everything ready again")
    new = stack.submit(stack.agent(), "+16465550108")
    assert stack.wait_for_end(new)["outcome"]
    # Long enough for the starter and the sweep to come to the calls that seem to be left.
    stack.settle(12)
    legs = Counter(leg["to"] for leg in stack.legs())
    assert set(legs.values()) == {1}
    done = command(stack, "reconcile", "--json")
    assert done.returncode == 0, done.stderr
    wait_until(lambda: calls.view(calls.later)["outcome"] == "confirmed", "the call ended")
    assert set(Counter(leg["to"] for leg in stack.legs()).values()) == {1}
