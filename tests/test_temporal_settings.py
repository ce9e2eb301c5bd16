"""How Temporal is reached: what is half given is refused, and a client gets all that was said."""

from typing import Any

import pytest
from pydantic import ValidationError
from temporalio.client import Client

import worker
from api.app import connect_lazily
from contracts.connection import complaint, connect
from settings import PREFIX, Settings

CERT = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
KEY = "-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----"
CLOUD = {
    "TEMPORAL_ADDRESS": "calls.a1b2c.tmprl.cloud:7233",
    "TEMPORAL_NAMESPACE": "calls.a1b2c",
    "TEMPORAL_TLS": "true",
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the SDK's client was made with; nothing is connected."""
    said: dict[str, Any] = {}

    async def connect(address: str, **how: Any) -> None:
        said.update(how, address=address)

    monkeypatch.setattr(Client, "connect", connect)
    return said


def told(monkeypatch: pytest.MonkeyPatch, **settings: str) -> Settings:
    for name, value in settings.items():
        monkeypatch.setenv(PREFIX + name, value)
    return Settings()


@pytest.mark.parametrize("made", [worker.connect, connect_lazily])
async def test_an_api_key_goes_over_tls(
    made: Any, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    await made(told(monkeypatch, **CLOUD, TEMPORAL_API_KEY="k3y"))

    assert asked["address"] == "calls.a1b2c.tmprl.cloud:7233"
    assert asked["namespace"] == "calls.a1b2c"
    assert asked["api_key"] == "k3y"
    assert asked["tls"].client_cert is None


@pytest.mark.parametrize("made", [worker.connect, connect_lazily])
async def test_a_client_shows_its_certificate_and_checks_the_servers(
    made: Any, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    pair = {"TEMPORAL_TLS_CERT": CERT, "TEMPORAL_TLS_KEY": KEY}
    server = {"TEMPORAL_TLS_CA": CERT, "TEMPORAL_TLS_SERVER_NAME": "temporal.example"}
    await made(told(monkeypatch, **CLOUD, **pair, **server))

    tls = asked["tls"]
    assert (tls.client_cert, tls.client_private_key) == (CERT.encode(), KEY.encode())
    assert (tls.server_root_ca_cert, tls.domain) == (CERT.encode(), "temporal.example")
    assert asked["api_key"] is None


async def test_without_tls_nothing_of_it_is_said(asked: dict[str, Any]):
    await connect_lazily(Settings())

    assert asked["tls"] is False
    assert asked["api_key"] is None


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"TEMPORAL_API_KEY": "k3y"}, "temporal_api_key"),
        ({"TEMPORAL_TLS_SERVER_NAME": "temporal.example"}, "temporal_tls_server_name"),
        ({"TEMPORAL_TLS_CA": CERT}, "temporal_tls_ca"),
        ({**CLOUD, "TEMPORAL_TLS_CERT": CERT}, "temporal_tls_key"),
        ({**CLOUD, "TEMPORAL_TLS_KEY": KEY}, "temporal_tls_key"),
        ({**CLOUD, "TEMPORAL_TLS_CA": "/etc/ca.pem"}, "temporal_tls_ca"),
        ({**CLOUD, "TEMPORAL_TLS_CERT": CERT, "TEMPORAL_TLS_KEY": "BBBB"}, "temporal_tls_key"),
        ({"TEMPORAL_ADDRESS": "https://temporal.example:7233"}, "temporal_address"),
        ({"TEMPORAL_NAMESPACE": ""}, "temporal_namespace"),
    ],
)
def test_what_is_half_given_is_refused_by_name(
    given: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(ValidationError) as refused:
        told(monkeypatch, **given)

    assert [error["loc"] for error in refused.value.errors()] == [(named,)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Failed client connect: Server connection error: tonic::transport::Error(Transport, "
            "ConnectError(Custom { kind: InvalidData, error: InvalidCertificate(UnknownIssuer) }))",
            "a certificate is not accepted (UnknownIssuer)",
        ),
        (
            "Failed client connect: `get_system_info` call error after connection: Status { code: "
            'Unknown, message: "transport error" }',
            "what answers there does not take our TLS, certificate or key",
        ),
        (
            "Failed client connect: Server connection error: tcp connect error",
            "nothing answers there",
        ),
    ],
)
def test_why_no_connection_came_about_is_told_in_words(said: str, told: str):
    assert complaint(RuntimeError(said)) == told


async def test_a_key_that_is_none_is_told_from_a_server_that_is_away(
    monkeypatch: pytest.MonkeyPatch,
):
    pair = {"TEMPORAL_TLS_CERT": CERT, "TEMPORAL_TLS_KEY": KEY}
    here = {**CLOUD, **pair, "TEMPORAL_ADDRESS": "127.0.0.1:1"}
    with pytest.raises(RuntimeError) as refused:
        await connect(told(monkeypatch, **here))

    assert complaint(refused.value) == "the certificate or key of this client cannot be read"


def test_keys_are_not_shown(monkeypatch: pytest.MonkeyPatch):
    pair = {"TEMPORAL_TLS_CERT": CERT, "TEMPORAL_TLS_KEY": KEY, "TEMPORAL_API_KEY": "k3y"}
    shown = repr(told(monkeypatch, **CLOUD, **pair))

    assert "BBBB" not in shown
    assert "k3y" not in shown
