"""No request reaches an address that is not the public Internet's, however it is spelled."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from webhooks.public_addresses import is_public
from webhooks.sender import Sender

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # the metadata of clouds
    "168.63.129.16",  # Azure's platform
    "192.0.0.192",  # Oracle's metadata
    "100.100.100.200",  # Alibaba's
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "fec0::1",  # site-local
    "feff:ffff::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:168.63.129.16",
    "64:ff9b::7f00:1",
    "64:ff9b::a83f:8110",  # NAT64 of 168.63.129.16
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",  # Teredo of 10.0.0.1
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_known_as_such(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "168.63.129.17", "192.0.1.1", "2606:4700::1111", "::ffff:8.8.8.8"],
)
def test_a_public_address_is_one(address: str) -> None:
    assert is_public(address)


@pytest.fixture
async def listener() -> AsyncIterator[tuple[int, list[Any]]]:
    """A port of this machine, and whoever has connected to it."""
    met: list[Any] = []

    async def meet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append(writer.get_extra_info("peername"))
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], met
    server.close()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",  # the same as one number
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "127.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
    ],
)
async def test_no_spelling_of_this_machine_is_connected_to(
    host: str, listener: tuple[int, list[Any]]
) -> None:
    port, met = listener
    sender = Sender()
    sent = await sender.post(f"https://{host}:{port}/", {}, "{}")
    await sender.close()
    assert sent.answer.status is None
    assert sent.answer.error is not None
    assert met == []


async def test_a_name_that_turns_private_after_it_was_checked_is_not_connected_to(
    listener: tuple[int, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the first answer is public, the one that is connected to is not."""
    port, met = listener
    answers = iter(["93.184.215.14", "127.0.0.1", "127.0.0.1"])

    def resolve(*_args: Any, **_kwargs: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    assert is_public(resolve()[0][4][0])
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    sender = Sender()
    sent = await sender.post(f"https://rebinding.example:{port}/", {}, "{}")
    await sender.close()
    assert sent.answer.error == "the address is not a public one"
    assert met == []


async def test_plain_http_is_not_spoken_outside_development(
    listener: tuple[int, list[Any]],
) -> None:
    port, met = listener
    sender = Sender()
    sent = await sender.post(f"http://93.184.215.14:{port}/", {}, "{}")
    await sender.close()
    assert sent.answer.error is not None
    assert met == []
