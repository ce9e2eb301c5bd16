"""What a request costs before it is known whose it is: never more than in proportion to its size.

Processor time is compared at two sizes, four times apart: work that grows with the square would
take sixteen times as long.
"""

import time
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import Request
from starlette.types import Message

from api.http.body_limits import MAX_BODY
from api.http.connection import MAX_HEAD
from api.http.middleware import drop_escapes
from telephony.twilio.callbacks import valid_signature
from tests.api.world import PUBLIC_URL, World, sign

FORM = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data; boundary=b"
APART = 4
MOST = 9
#: Below this (in seconds) a measurement is noise.
NOISE = 0.06


def names(size: int) -> bytes:
    return b"&".join(b"n%d=" % n for n in range(size // 9))


def parts(size: int) -> bytes:
    part = b'--b\r\nContent-Disposition: form-data; name="n%d"\r\n\r\nv\r\n'
    return b"".join(part % n for n in range(size // 64)) + b"--b--\r\n"


BODIES: dict[str, tuple[bytes, Callable[[int], bytes]]] = {
    "names": (FORM, names),
    "one name": (FORM, lambda size: b"a" * size),
    "separators": (FORM, lambda size: b"&" * size),
    "escapes": (FORM, lambda size: b"a=" + b"%41" * (size // 3)),
    "parts": (MULTIPART, parts),
    "brackets": (b"application/json", lambda size: b"[" * size),
}
HEADS: dict[str, Callable[[int], tuple[bytes, bytes]]] = {
    "cookies": lambda size: (b"cookie", b"; ".join(b"n%d=v" % n for n in range(size // 10))),
    "one cookie": lambda size: (b"cookie", b'trunkline-said="' + b"\\1" * (size // 2) + b'"'),
    "key": lambda size: (b"authorization", b"Bearer " + b"x " * (size // 2)),
    "type": lambda size: (b"content-type", b"multipart/form-data" + b"; a=b" * (size // 5)),
    "signature": lambda size: (b"x-twilio-signature", b"=" * size),
    "accept": lambda size: (b"accept", b"text/html;q=0.1," * (size // 16)),
}


async def cost(
    app: FastAPI,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    header: tuple[bytes, bytes] | None = None,
    body: bytes = b"",
) -> tuple[float, int]:
    """Seconds of the processor and the status of a request without a key or signature."""
    status = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode(), "root_path": "",
        "query_string": query, "headers": [header] if header else [],
        "client": ("127.0.0.1", 1), "server": ("api", 80), "state": {},
    }  # fmt: skip
    began = time.process_time()
    await app(scope, receive, send)
    return time.process_time() - began, status


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    found = {
        (method, "/".join("x" if "{" in part else part for part in str(route.path).split("/")))
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute)
        for method in route.methods or ()
    }
    return sorted(found | {("GET", "/nowhere"), ("PATCH", "/healthz"), ("GET", "/openapi.json")})


async def _assert_in_proportion(asking: Callable[[int], dict[str, object]], size: int) -> None:
    for _ in range(3):
        small, _status = await cost(**asking(size // APART))  # type: ignore[arg-type]
        large, status = await cost(**asking(size))  # type: ignore[arg-type]
        assert status not in {0, 500}
        if large < max(NOISE, MOST * small):
            return
    raise AssertionError(f"{large:.3f} s for {size} bytes, {small:.3f} s for a quarter")


@pytest.mark.parametrize("shape", BODIES)
async def test_a_strangers_body(world: World, application: FastAPI, shape: str) -> None:
    kind, build = BODIES[shape]
    for method, path in routes_of(application):
        if method in {"POST", "PUT", "PATCH", "DELETE"}:

            def asking(size: int, method: str = method, path: str = path) -> dict[str, object]:
                header = (b"content-type", kind)
                about = {"app": application, "method": method, "path": path}
                return {**about, "header": header, "body": build(size)}

            await _assert_in_proportion(asking, MAX_BODY // 2)


@pytest.mark.parametrize("shape", HEADS)
async def test_a_strangers_header(world: World, application: FastAPI, shape: str) -> None:
    for method, path in routes_of(application):

        def asking(size: int, method: str = method, path: str = path) -> dict[str, object]:
            about = {"app": application, "method": method, "path": path}
            return {**about, "header": HEADS[shape](size)}

        await _assert_in_proportion(asking, MAX_HEAD)


async def test_a_strangers_address(world: World, application: FastAPI) -> None:
    for method, path in routes_of(application):

        def asked(size: int, method: str = method, path: str = path) -> dict[str, object]:
            return {"app": application, "method": method, "path": path, "query": names(size)}

        def longer(size: int, method: str = method, path: str = path) -> dict[str, object]:
            return {"app": application, "method": method, "path": path + "/a" * (size // 2)}

        await _assert_in_proportion(asked, MAX_HEAD)
        await _assert_in_proportion(longer, MAX_HEAD)


def seconds_to_check(names: int) -> float:
    pairs = [(f"n{n}", "") for n in range(names)]
    began = time.process_time()
    assert not valid_signature("token", "https://api/twilio/status/x", pairs, "no")
    return time.process_time() - began


def test_checking_a_signature_costs_as_much_as_the_form_is_long() -> None:
    small = min(seconds_to_check(2_000) for _ in range(3))
    large = min(seconds_to_check(8_000) for _ in range(3))
    assert large < max(NOISE, MOST * small)


def test_a_cookie_without_escapes_is_read_beside_one_that_has_them() -> None:
    cookie = b'a="\\073"; trunkline-zone="America/New_York"; b="\\""'
    scope = {"type": "http", "headers": [(b"cookie", cookie), (b"x", b"\\1")]}
    drop_escapes(scope)
    assert Request(scope).cookies == {"trunkline-zone": "America/New_York"}
    assert Request(scope).headers["x"] == "\\1"


async def test_a_form_of_too_many_names_is_not_even_checked(world: World) -> None:
    fields = {f"n{n}": "" for n in range(201)}
    path = "/twilio/status/x"
    signed = {"X-Twilio-Signature": sign(PUBLIC_URL + path, fields)}
    answer = await world.raw_callback(path, fields, signed)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_callback")
    assert "200 fields" in answer.json()["detail"]


async def test_a_repeated_name_counts_in_the_signature(world: World) -> None:
    body = urlencode([("CallSid", "CA1"), ("A", "2"), ("A", "1")])
    signature = sign(PUBLIC_URL + "/twilio/status/x", {"A": "1A2", "CallSid": "CA1"})
    headers = {"Content-Type": FORM.decode(), "X-Twilio-Signature": signature}
    answer = await world.http.post("/twilio/status/x", content=body, headers=headers)
    assert answer.json()["code"] == "bad_callback"
