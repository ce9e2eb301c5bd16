"""How every process connects to Temporal."""

import socket
from collections.abc import Sequence
from datetime import timedelta

from temporalio.client import Client, GrpcCompression, Interceptor, RetryConfig
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

#: To the same machine, packing and unpacking costs more than it saves.
_HERE = ("127.", "localhost:", "[::1]:")


async def connect(
    address: str,
    namespace: str,
    *,
    api_key: str = "",
    tls: bool = False,
    connect_timeout: timedelta | None = None,
    retries: RetryConfig | None = None,
    lazy: bool = False,
    interceptors: Sequence[Interceptor] = (),
    runtime: Runtime | None = None,
) -> Client:
    """A client; a lazy one connects at its first use and again after Temporal was away."""
    is_here = address.startswith(_HERE)
    return await Client.connect(
        address,
        namespace=namespace,
        api_key=api_key or None,
        tls=tls,
        connect_timeout=connect_timeout,
        retry_config=retries,
        lazy=lazy,
        interceptors=interceptors,
        runtime=runtime,
        grpc_compression=GrpcCompression.NONE if is_here else GrpcCompression.GZIP,
    )


def measured_runtime() -> tuple[Runtime, str]:
    """The SDK with metrics of its own, and where to read them: on this machine only."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    metrics = PrometheusConfig(bind_address=address, durations_as_seconds=True)
    return Runtime(telemetry=TelemetryConfig(metrics=metrics)), f"http://{address}/metrics"
