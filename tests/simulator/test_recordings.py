"""Recordings: real sounds at the address that is reported, for who has the credentials."""

import io
import wave
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from simulator.calls.recordings import part_of
from tests.simulator.harness import ACCOUNT, TOKEN, Application, Simulator

TO = "+12025550100"


async def recorded(simulator: Simulator, application: Application) -> str:
    """The address that the callback tells, on the simulator that runs here."""
    callback = f"{application.root}/recording"
    await simulator.run(TO, Record="true", RecordingStatusCallback=callback)
    return simulator.root + urlsplit(application.at("/recording")[0].fields["RecordingUrl"]).path


async def get(simulator: Simulator, url: str, token: str = TOKEN, **headers: str) -> Any:
    return await simulator.http.get(url, auth=(ACCOUNT, token), headers=headers)


async def test_the_reported_address_has_a_sound_as_long_as_the_call(
    simulator: Simulator, application: Application
):
    url = await recorded(simulator, application)
    heard = await get(simulator, url)
    with wave.open(io.BytesIO(heard.content)) as file:
        seconds = file.getnframes() / file.getframerate()
    assert str(round(seconds)) == application.at("/recording")[0].fields["RecordingDuration"]
    assert heard.headers["content-type"] == "audio/x-wav"
    assert heard.headers["accept-ranges"] == "bytes"
    assert (await get(simulator, f"{url}.wav")).content == heard.content


async def test_without_the_credentials_nobody_hears_it(
    simulator: Simulator, application: Application
):
    url = await recorded(simulator, application)
    assert (await get(simulator, url, "wrong")).status_code == 401
    bare: httpx2.Response = await simulator.http.get(url)
    assert bare.status_code == 401


async def test_a_part_of_it_can_be_had(simulator: Simulator, application: Application):
    url = await recorded(simulator, application)
    whole = (await get(simulator, url)).content
    part = await get(simulator, url, Range="bytes=4-11")
    assert (part.status_code, part.content) == (206, whole[4:12])
    assert part.headers["content-range"] == f"bytes 4-11/{len(whole)}"
    beyond = await get(simulator, url, Range=f"bytes={len(whole)}-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(whole)}")


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=5-", (5, 10)),
        ("bytes=5-99", (5, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=1-2,4-5", None),
        ("x", None),
        (None, None),
    ],
)
def test_a_range_is_read_as_http_says(header: str | None, part: tuple[int, int] | None):
    assert part_of(10, header) == part
