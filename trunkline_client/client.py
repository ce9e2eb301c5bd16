"""The two clients: all operations over one connection pool."""

from collections.abc import AsyncIterator, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

import httpx2

from trunkline_client import async_operations as awaited
from trunkline_client import event_stream
from trunkline_client import operations as waited
from trunkline_client.event_stream import StreamedEvent
from trunkline_client.retries import Retries

#: A test of a webhook is waited for up to 20 seconds by the server itself.
TIMEOUT = 60.0


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "User-Agent": "trunkline-client"}


class Trunkline(waited.Operations):
    """Waits for each answer. Use it in one thread at a time, and close it, or use it with `with`.

    `url` is where the API is, such as `https://calls.example.com`; `key` an API key. Proxies of the
    environment are used only with `trust_env`. `transport` is for tests.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = TIMEOUT,
        retries: Retries | None = None,
        trust_env: bool = False,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.retries = retries or Retries()
        self.http = httpx2.Client(
            base_url=url,
            headers=_headers(key),
            timeout=timeout,
            trust_env=trust_env,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self.http.close()

    def stream_events(
        self,
        *,
        after: str | None = None,
        type: Sequence[str] | None = None,
        agent_id: str | None = None,
        campaign_id: str | None = None,
        call_id: str | None = None,
        mask_numbers: bool = False,
    ) -> Iterator[StreamedEvent]:
        """Events as they happen, without end; after a broken connection it goes on where it was.

        `after` is a place: of a `StreamedEvent`, or `next` of `list_events`. Without it the stream
        begins now. Raises Away or Problem where it cannot begin, or may not go on.
        """
        filters = _filters(type, agent_id, campaign_id, call_id, mask_numbers)
        return event_stream.events(self.http, filters, after)


class AsyncTrunkline(awaited.Operations):
    """As `Trunkline`, and every method is awaited."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = TIMEOUT,
        retries: Retries | None = None,
        trust_env: bool = False,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self.retries = retries or Retries()
        self.http = httpx2.AsyncClient(
            base_url=url,
            headers=_headers(key),
            timeout=timeout,
            trust_env=trust_env,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self.http.aclose()

    def stream_events(
        self,
        *,
        after: str | None = None,
        type: Sequence[str] | None = None,
        agent_id: str | None = None,
        campaign_id: str | None = None,
        call_id: str | None = None,
        mask_numbers: bool = False,
    ) -> AsyncIterator[StreamedEvent]:
        """As `Trunkline.stream_events`."""
        filters = _filters(type, agent_id, campaign_id, call_id, mask_numbers)
        return event_stream.async_events(self.http, filters, after)


def _filters(
    type: Sequence[str] | None,
    agent_id: str | None,
    campaign_id: str | None,
    call_id: str | None,
    mask_numbers: bool,
) -> dict[str, Any]:
    return {
        "type": type,
        "agentId": agent_id,
        "campaignId": campaign_id,
        "callId": call_id,
        "maskNumbers": mask_numbers or None,
    }
