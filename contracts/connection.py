"""How every process connects to Temporal."""

from datetime import timedelta

from temporalio.client import Client, GrpcCompression, RetryConfig

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
        grpc_compression=GrpcCompression.NONE if is_here else GrpcCompression.GZIP,
    )
