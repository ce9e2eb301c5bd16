"""Looking names up: one that nobody answers for holds a thread, and no other name back."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

#: So many names may be slow before others wait for them. A thread is made when one is needed.
THREADS = 256
_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
Infos = list[tuple[Any, ...]]


class DnsResolver(AbstractResolver):
    """Asks the system, in threads of its own: those of the event loop are few, and everybody's.

    Whoever asks for a name that is being looked up waits for that answer. So fifty requests to
    a zone that is dead hold one thread. No answer is kept for those who ask later.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="names")
        self._under_way: dict[tuple[str, int], asyncio.Future[Infos]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises OSError if there is no such name."""
        lookup = self._under_way.get((host, family)) or self._begin(host, family)
        # Who has no time left goes; the others still wait for the answer.
        infos = await asyncio.shield(lookup)
        return [_result(host, port, info) for info in infos]

    def _begin(self, host: str, family: socket.AddressFamily) -> asyncio.Future[Infos]:
        loop = asyncio.get_running_loop()
        lookup = loop.run_in_executor(self._threads, _look_up, host, family)
        self._under_way[host, family] = lookup

        def end(done: asyncio.Future[Infos]) -> None:
            del self._under_way[host, family]
            # Looked at, so that nobody complains if all who asked have gone.
            _ = done.cancelled() or done.exception()

        lookup.add_done_callback(end)
        return lookup

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, family: int) -> Infos:
    return socket.getaddrinfo(
        host, None, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )


def _result(host: str, port: int, info: tuple[Any, ...]) -> ResolveResult:
    family, _, proto, _, address = info
    # A link-local address of IPv6 is one only together with its interface.
    scope = f"%{address[3]}" if family == socket.AF_INET6 and address[3] else ""
    return ResolveResult(
        hostname=host,
        host=address[0] + scope,
        port=port,
        family=family,
        proto=proto,
        flags=_NUMERIC,
    )
