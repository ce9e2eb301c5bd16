"""One POST: what comes of it is told, whatever a stranger's server does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from tests.wait import PATIENCE
from tests.webhooks.receiver import Json, Receiver, receiving
from webhooks import sender as module
from webhooks.sender import EXCERPT, Sender


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    made = Sender(private=True)
    yield made
    await made.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


async def test_the_body_and_the_headers_arrive_as_they_were_given(
    sender: Sender, receiver: Receiver
) -> None:
    sent = await sender.post(receiver.url, {"X-Team": "crm"}, '{"id":"größer"}')
    assert (sent.answer.status, sent.answer.is_good) == (204, True)
    assert receiver.got[0].body == '{"id":"größer"}'
    assert receiver.got[0].headers["X-Team"] == "crm"


async def test_a_redirect_is_an_answer_and_is_not_followed(
    sender: Sender, receiver: Receiver
) -> None:
    receiver.answering = lambda _: web.Response(status=307, headers={"Location": receiver.url})
    sent = await sender.post(receiver.url, {}, "{}")
    assert sent.answer.status == 307
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("9" * 20, 10**9),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("9" * 5000, None),  # more digits than Python makes a number of
        ("²", None),
        ("Fri, 01 Jan 2027 00:00:00 +99999999999", None),
    ],
)
async def test_retry_after_in_seconds_is_read(
    sender: Sender, receiver: Receiver, said: str, seconds: int | None
) -> None:
    receiver.answering = lambda _: web.Response(status=503, headers={"Retry-After": said})
    asked = (await sender.post(receiver.url, {}, "{}")).answer.retry_after
    assert asked == (None if seconds is None else timedelta(seconds=seconds))


async def test_a_good_answer_is_one_whatever_its_retry_after_says(
    sender: Sender, receiver: Receiver
) -> None:
    receiver.answering = lambda _: web.Response(status=200, headers={"Retry-After": "9" * 5000})
    assert (await sender.post(receiver.url, {}, "{}")).answer.is_good


async def test_retry_after_as_a_date_is_read(sender: Sender, receiver: Receiver) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    receiver.answering = lambda _: web.Response(status=503, headers={"Retry-After": at})
    asked = (await sender.post(receiver.url, {}, "{}")).answer.retry_after
    assert asked is not None
    assert timedelta(seconds=80) < asked <= timedelta(seconds=90)


async def test_only_the_beginning_of_a_long_answer_is_read(
    sender: Sender, receiver: Receiver
) -> None:
    receiver.answering = lambda _: web.Response(status=200, text="x" * 10_000_000)
    sent = await sender.post(receiver.url, {}, "{}")
    assert 0 < len(sent.body) <= EXCERPT


async def test_a_receiver_that_is_silent_is_waited_for_no_longer_than_the_limit(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.2)
    receiver.answering = lambda _: 30.0
    sender = Sender(private=True)
    async with asyncio.timeout(PATIENCE):
        sent = await sender.post(receiver.url, {}, "{}")
    await sender.close()
    assert sent.answer.error is not None
    assert sent.answer.error.startswith("no answer within")


async def test_receivers_that_hang_make_no_other_one_fail(
    sender: Sender, receiver: Receiver
) -> None:
    async with receiving() as hanging:
        crowded = asyncio.Event()

        def hang(_: Json) -> float:
            if len(hanging.got) == 200:
                crowded.set()
            return 60.0

        hanging.answering = hang
        posts = [asyncio.create_task(sender.post(hanging.url, {}, "{}")) for _ in range(250)]
        # Before the first of the hanging ones is given up.
        async with asyncio.timeout(module.TIMEOUT_SECONDS * 0.9):
            await crowded.wait()
            sent = await sender.post(receiver.url, {}, "{}")
        for post in posts:
            post.cancel()
    assert sent.answer.is_good


@pytest.mark.parametrize(("sharing", "share"), [(0, 100), (1, 100), (3, 33), (200, 1)])
def test_those_who_send_at_the_same_time_share_the_connections(sharing: int, share: int) -> None:
    sender = Sender(connections=100)
    with ExitStack() as stack:
        for _ in range(sharing):
            stack.enter_context(sender.sharing())
        assert sender.share == share
    assert sender.share == 100


async def test_a_receiver_that_is_not_there_is_told_apart(sender: Sender) -> None:
    async with receiving() as gone:
        url = gone.url
    assert (await sender.post(url, {}, "{}")).answer.error == "the connection was refused"


async def test_a_name_that_does_not_exist_is_told_apart(sender: Sender) -> None:
    sent = await sender.post("http://nobody.invalid/", {}, "{}")
    assert sent.answer.error == "the name cannot be resolved"


async def test_a_server_that_hangs_up_or_talks_nonsense_is_an_error_and_no_exception(
    sender: Sender,
) -> None:
    async def nonsense(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-hello\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sent = await sender.post(f"http://127.0.0.1:{port}/", {}, "{}")
    server.close()
    assert sent.answer.status is None
    assert sent.answer.error is not None
