"""How every process connects to Temporal."""

import re
import socket
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from pydantic import SecretStr
from temporalio.client import Client, GrpcCompression, Interceptor, RetryConfig
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import TLSConfig

#: To the same machine, packing and unpacking costs more than it saves.
_HERE = ("127.", "localhost:", "[::1]:")


class Frontend(Protocol):
    """What is to be known of a Temporal: the settings of these names, certificates as PEM."""

    temporal_address: str
    temporal_namespace: str
    temporal_tls: bool
    temporal_api_key: SecretStr
    temporal_tls_server_name: str
    temporal_tls_ca: str
    temporal_tls_cert: str
    temporal_tls_key: SecretStr


async def connect(
    frontend: Frontend,
    *,
    connect_timeout: timedelta | None = None,
    retries: RetryConfig | None = None,
    lazy: bool = False,
    interceptors: Sequence[Interceptor] = (),
    runtime: Runtime | None = None,
) -> Client:
    """A client; a lazy one connects at its first use and again after Temporal was away.

    Raises RuntimeError where no connection comes about, also for certificates that are none.
    """
    is_here = frontend.temporal_address.startswith(_HERE)
    return await Client.connect(
        frontend.temporal_address,
        namespace=frontend.temporal_namespace,
        api_key=frontend.temporal_api_key.get_secret_value() or None,
        tls=tls_of(frontend),
        connect_timeout=connect_timeout,
        retry_config=retries,
        lazy=lazy,
        interceptors=interceptors,
        runtime=runtime,
        grpc_compression=GrpcCompression.NONE if is_here else GrpcCompression.GZIP,
    )


def complaint(error: RuntimeError) -> str:
    """Why no connection came about, in words; nothing of what was said is repeated.

    The SDK has one kind of error for all, and in its text what the library below it found.
    """
    text = str(error)
    refused = re.search(r"InvalidCertificate\((\w+)", text)
    if refused:
        return f"a certificate is not accepted ({refused[1]})"
    if "failed to parse" in text:
        return "the certificate or key of this client cannot be read"
    if "after connection" in text:
        return "what answers there does not take our TLS, certificate or key"
    return "nothing answers there"


def tls_of(frontend: Frontend) -> TLSConfig | bool:
    """False: in the clear."""
    if not frontend.temporal_tls:
        return False
    return TLSConfig(
        server_root_ca_cert=_pem(frontend.temporal_tls_ca),
        domain=frontend.temporal_tls_server_name or None,
        client_cert=_pem(frontend.temporal_tls_cert),
        client_private_key=_pem(frontend.temporal_tls_key.get_secret_value()),
    )


def _pem(text: str) -> bytes | None:
    return text.encode() if text else None


def measured_runtime() -> tuple[Runtime, str]:
    """The SDK with metrics of its own, and where to read them: on this machine only."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    metrics = PrometheusConfig(bind_address=address, durations_as_seconds=True)
    return Runtime(telemetry=TelemetryConfig(metrics=metrics)), f"http://{address}/metrics"
