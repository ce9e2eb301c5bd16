"""Names are looked up side by side: one that nobody answers for holds up no other one."""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.wait import PATIENCE
from tests.webhooks.receiver import receiving
from webhooks.dns_resolver import DnsResolver
from webhooks.sender import Sender


class Zones:
    """Stands in for the system's resolver: `dead…` is answered only at the test's end."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.over = threading.Event()
        self._crowded, self._loop = asyncio.Event(), asyncio.get_running_loop()

    async def crowded(self) -> None:
        """Until thirty names are being looked up."""
        await self._crowded.wait()

    def getaddrinfo(self, host: str, port: Any, *_args: Any, **_more: Any) -> list[Any]:
        self.asked[host] += 1
        if len(self.asked) == 30:
            self._loop.call_soon_threadsafe(self._crowded.set)
        if host.startswith("dead"):
            self.over.wait(30)
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port or 0))]


@pytest.fixture
async def zones(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Zones]:
    made = Zones()
    monkeypatch.setattr(socket, "getaddrinfo", made.getaddrinfo)
    yield made
    made.over.set()


async def test_a_dead_zone_does_not_hold_up_a_receiver_whose_name_is_answered(
    zones: Zones,
) -> None:
    sender = Sender(private=True)
    async with receiving() as receiver, asyncio.timeout(PATIENCE):
        port = receiver.url.split(":")[2]
        dead = [
            asyncio.create_task(sender.post(f"http://dead{n % 30}.example:{n + 1}/", {}, "{}"))
            for n in range(90)
        ]
        await zones.crowded()
        sent = await sender.post(f"http://healthy.example:{port}", {}, "{}")
        zones.over.set()
        errors = {(await post).answer.error for post in dead}
        await sender.close()
    assert sent.answer.is_good
    assert errors == {"the name cannot be resolved"}
    # One lookup a name, whatever the ports.
    assert {zones.asked[f"dead{n}.example"] for n in range(30)} == {1}


async def test_who_gives_up_leaves_the_answer_to_the_others(zones: Zones) -> None:
    names = DnsResolver()
    hasty, patient = (asyncio.create_task(names.resolve("dead.example", 80)) for _ in range(2))
    await asyncio.sleep(0.05)
    hasty.cancel()
    zones.over.set()
    with pytest.raises(OSError, match="no answer"):
        await patient
    await names.close()


async def test_an_answer_is_not_kept_for_those_who_ask_later(zones: Zones) -> None:
    names = DnsResolver()
    found = [await names.resolve("moved.example", port) for port in (80, 443)]
    assert [one[0]["port"] for one in found] == [80, 443]
    assert zones.asked["moved.example"] == 2
    await names.close()
