"""`trunkline attributes`: Trunkline's search attributes in the Temporal namespace."""

import asyncio
import os
import sys
import time
from datetime import timedelta
from typing import NoReturn

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from cli.configured import configured
from cli.errors import Unusable, in_one_sentence, say
from contracts.connection import complaint, connect
from contracts.names import SEARCH_ATTRIBUTES
from settings import Settings

_TYPES = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
}
_CALL_TIMEOUT = timedelta(seconds=5)


async def ensure_search_attributes(client: Client, *, patience: float = 30) -> list[str]:
    """Create those that are missing; returns their names. Waits for a server that is starting."""
    end = time.monotonic() + patience
    while True:
        try:
            return await _add_missing(client)
        except (RPCError, RuntimeError) as error:
            if time.monotonic() > end or not _will_pass(error):
                raise
            await asyncio.sleep(0.1)


def _will_pass(error: RPCError | RuntimeError) -> bool:
    # The SDK's first connection fails with a plain RuntimeError. Another process may create
    # the same attributes at the same moment.
    return isinstance(error, RuntimeError) or error.status in _PASSING


_PASSING = {
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.NOT_FOUND,
    RPCStatusCode.ALREADY_EXISTS,
    RPCStatusCode.RESOURCE_EXHAUSTED,
}


async def _add_missing(client: Client) -> list[str]:
    operator = client.operator_service
    listed = await operator.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=_CALL_TIMEOUT
    )
    missing = [name for name in SEARCH_ATTRIBUTES if name not in listed.custom_attributes]
    if missing:
        wanted = {name: _TYPES[SEARCH_ATTRIBUTES[name]] for name in missing}
        await operator.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=wanted),
            timeout=_CALL_TIMEOUT,
        )
    return missing


async def create(settings: Settings, *, patience: float = 30) -> list[str]:
    """The names of those that were missing; raises Unusable where Temporal cannot be used."""
    client = await connect(
        settings,
        # The server may still be starting: the first request waits for it.
        lazy=True,
    )
    try:
        return await ensure_search_attributes(client, patience=patience)
    except (RPCError, RuntimeError) as error:
        where = f"{settings.temporal_address}, namespace {settings.temporal_namespace},"
        raise Unusable(f"Temporal at {where} cannot be used: {_reason(error)}.") from error


def _reason(error: RPCError | RuntimeError) -> str:
    if isinstance(error, RPCError) and error.status is not RPCStatusCode.UNAVAILABLE:
        return error.message.rstrip(".")
    return complaint(error) if isinstance(error, RuntimeError) else "nothing answers there"


def main() -> None:
    """Create what is missing and say what was."""
    leave(run())


def run() -> int:
    """Create what is missing and say what was; the exit code of a process that `leave`s next."""
    settings = configured()
    try:
        created = asyncio.run(create(settings))
    except Unusable as error:
        say(error)
        return 2
    sys.stdout.write(f"created: {', '.join(created) or 'none were missing'}\n")
    return 0


def leave(code: int) -> NoReturn:
    """End a process that has talked to Temporal."""
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of Temporal's SDK may still want the interpreter while it is torn down, which
    # would abort a process that has done its work.
    os._exit(code)


if __name__ == "__main__":
    in_one_sentence(main)
