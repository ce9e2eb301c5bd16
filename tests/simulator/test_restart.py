"""Nothing created is lost by a kill: the journal rebuilds it and every call gets its end."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import httpx2
import pytest

from tests.simulator.harness import ACCOUNT, TOKEN, Application, Simulator, simulating
from tests.wait import PATIENCE, until

TO = "+14155552671"
LONG = '<Response><Pause length="600"/></Response>'


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "simulator.jsonl"


async def test_ledger_scripts_faults_and_speed_are_rebuilt(application: Application, journal: Path):
    async with simulating(application, state=journal) as simulator:
        await simulator.script(TO, "busy", {"answer": {"digits": ["1", "2"]}})
        await simulator.run(TO, Record="true")
        await simulator.run(TO, Record="true")
        await simulator.create("+12025550168")
        await simulator.faults(callbacks={"lost": 0.5})
        await simulator.speed(77)
        before = await _everything(simulator)
    async with simulating(application, state=journal) as simulator:
        assert await _everything(simulator) == before


async def _everything(simulator: Simulator) -> list[object]:
    paths = ("calls", "faults", "health", f"numbers/{TO}", "numbers/+12025550168")
    return [(await simulator.http.get(f"{simulator.root}/_sim/{path}")).json() for path in paths]


async def test_a_ringing_call_rings_again_and_keeps_its_sequence(
    application: Application, journal: Path
):
    async with simulating(application, state=journal, speed=1.0) as simulator:
        await simulator.script(TO, {"answer": {"after": 10}})
        sid = (await simulator.create(TO)).json()["sid"]
        await application.until(lambda: len(application.at("/status")) == 2)
    async with simulating(application, state=journal):
        last = await application.terminal(sid)
    assert (last.fields["CallStatus"], last.fields["SequenceNumber"]) == ("completed", "3")


async def test_a_call_in_progress_ends_at_once(application: Application, journal: Path):
    async with simulating(application, state=journal) as simulator:
        sid = (await simulator.create(TO, Twiml=LONG)).json()["sid"]
        await application.until(lambda: len(application.at("/status")) == 3)
    async with simulating(application, state=journal) as simulator:
        last = await application.terminal(sid)
        (call,) = await simulator.ledger(TO)
    assert last.fields["CallStatus"] == call["status"] == "completed"


async def test_a_terminal_callback_that_was_under_way_is_sent_again(
    application: Application, journal: Path
):
    application.slow["/status"] = 0.5
    async with simulating(application, state=journal) as simulator:
        sid = (await simulator.create(TO, StatusCallbackEvent="completed")).json()["sid"]

        async def ended() -> bool:
            return bool((await simulator.ledger(TO))[0]["status"] == "completed")

        await until(ended, "the call has ended")
    application.slow.clear()
    application.hits.clear()
    async with simulating(application, state=journal) as simulator:
        await application.terminal(sid)
        await simulator.settled()
        (call,) = await simulator.ledger(TO)
    assert [c["outcome"] for c in call["callbacks"]] == ["delivered"]


async def test_delivered_callbacks_are_not_sent_again(application: Application, journal: Path):
    async with simulating(application, state=journal) as simulator:
        await simulator.run(TO, Record="true", RecordingStatusCallback=f"{application.root}/r")
    application.hits.clear()
    async with simulating(application, state=journal) as simulator:
        await simulator.settled()
    assert application.hits == []


async def test_a_half_written_line_is_forgotten(application: Application, journal: Path):
    async with simulating(application, state=journal) as simulator:
        await simulator.run(TO)
    with journal.open("a") as file:
        file.write('{"kind":"created","ca')
    async with simulating(application, state=journal) as simulator:
        await simulator.run(TO)
    async with simulating(application, state=journal) as simulator:
        assert len(await simulator.ledger(TO)) == 2


async def test_reset_empties_the_journal(application: Application, journal: Path):
    async with simulating(application, state=journal) as simulator:
        await simulator.run(TO)
        await simulator.http.post(f"{simulator.root}/_sim/reset")
    async with simulating(application, state=journal) as simulator:
        assert await simulator.ledger() == []


async def test_a_killed_process_loses_no_call(application: Application, journal: Path):
    """The real thing: kill -9 while calls are queued, ringing and in progress."""
    numbers = [f"+120255501{n:02}" for n in range(20)]
    process, root = await _start(journal, "--speed", "1", "--cps", "20")
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        simulator = Simulator(root, http, application)
        for number in numbers:
            assert (await simulator.create(number, Twiml=LONG)).status_code == 201
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        process, root = await _start(journal, "--speed", "2000")
        simulator = Simulator(root, http, application)
        await simulator.settled()
        calls = await simulator.ledger()
        process.terminate()
        await process.wait()
    assert sorted(call["to"] for call in calls) == numbers
    assert {call["status"] for call in calls} == {"completed"}
    ended = {h.fields["CallSid"] for h in application.hits if "CallDuration" in h.fields}
    assert ended == {call["sid"] for call in calls}


async def _start(journal: Path, *args: str) -> tuple[asyncio.subprocess.Process, str]:
    port = _free_port()
    fixed = ["--port", str(port), "--account-sid", ACCOUNT, "--auth-token", TOKEN]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", *fixed, "--state", str(journal), *args
    )
    root = f"http://127.0.0.1:{port}"
    async with asyncio.timeout(PATIENCE), httpx2.AsyncClient(trust_env=False, verify=False) as http:
        while True:
            try:
                await http.get(f"{root}/_sim/health")
            except httpx2.ConnectError:
                await asyncio.sleep(0.05)
            else:
                return process, root


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
