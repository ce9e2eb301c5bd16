"""What docs/webhooks.md has people copy: it runs, and takes what is genuine and nothing else."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.test_docs import ROOT, WEBHOOKS, blocks
from webhooks.signature import new_secret, signed_headers


def verifiers() -> list[Callable[[str, dict[str, str], bytes], Any]]:
    """The two ways to verify, as the page has them."""
    names: dict[str, Any] = {}
    for block in blocks(WEBHOOKS, "python"):
        exec(block, names)
    return [names["event_of"], names["is_genuine"]]


@pytest.mark.parametrize("verify", verifiers())
def test_each_way_to_verify_tells_what_is_genuine(verify: Callable[..., Any]):
    holding, body = [new_secret(), new_secret()], '{"id":"evt_17"}'
    headers = signed_headers(holding, "evt_17", datetime.now(UTC), body)
    old = signed_headers(holding, "evt_17", datetime.now(UTC) - timedelta(hours=1), body)
    assert all(verify(secret, headers, body.encode()) for secret in holding)
    for secret, said, text in (
        (new_secret(), headers, body),
        (holding[0], headers, body + " "),
        (holding[0], old, body),
    ):
        assert not passes(verify, secret, said, text.encode())


def passes(verify: Callable[..., Any], *said: object) -> bool:
    try:
        return bool(verify(*said))
    except Exception:
        return False


def test_the_example_receiver_takes_what_is_signed_once_and_nothing_else():
    secret, event = new_secret(), json.loads(blocks(WEBHOOKS, "json")[0])
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    command = [sys.executable, "examples/webhook_receiver.py", str(port)]
    environment = {**os.environ, "WEBHOOK_SECRET": secret}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as receiver:
        try:
            body = json.dumps(event)
            signed = signed_headers([secret], event["id"], datetime.now(UTC), body)
            forged = signed_headers([new_secret()], event["id"], datetime.now(UTC), body)
            answers = [sent_to(port, body, headers) for headers in (signed, forged, {}, signed)]
        finally:
            receiver.terminate()
        printed = receiver.communicate()[0].decode().splitlines()
    assert answers == [204, 401, 401, 204]
    assert [line.split()[:2] for line in printed] == [["evt_11", "b11921e3"], ["evt_11", "again"]]


def sent_to(port: int, body: str, headers: dict[str, str]) -> int:
    """The status of the answer; waits for a server that is just starting."""
    for _ in range(100):
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", "/", body, headers)
            return connection.getresponse().status
        except ConnectionRefusedError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError("the receiver did not start")
