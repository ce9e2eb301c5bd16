"""Idempotency-Key: the same answer to the same request, however often it is sent."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.json_body import fingerprint, fingerprint_of
from api.http.problems import conflict
from api.http.schema import JsonObject
from storage import idempotency

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Repeats of a request with this key get the first answer for 24 hours.",
        examples=["reminder-C-1017-2027-03-02"],
    ),
]


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request's key, if it has one, and then the fingerprint of what it says."""

    key: str | None
    body_sha256: str

    async def answered(
        self, session: AsyncSession, account_id: str, now: datetime
    ) -> JSONResponse | None:
        """The answer given before. Holds the key until the transaction's end."""
        if self.key is None:
            return None
        kept = await idempotency.find(session, account_id, self.key, now)
        if kept is None:
            return None
        if kept.body_sha256 != self.body_sha256:
            detail = "This Idempotency-Key was used for something else."
            raise conflict("idempotency_key_reused", detail)
        headers = {**kept.headers, "Idempotent-Replayed": "true"}
        return JSONResponse(kept.response, kept.status_code, headers)

    async def keep(
        self,
        session: AsyncSession,
        account_id: str,
        status_code: int,
        response: JsonObject | str,
        headers: dict[str, str],
        now: datetime,
    ) -> None:
        """Remember this answer, which may be JSON text, in the transaction of what it tells."""
        if self.key is not None:
            said: JsonObject = json.loads(response) if isinstance(response, str) else response
            await idempotency.keep(
                session,
                account_id,
                self.key,
                self.body_sha256,
                status_code,
                said,
                headers,
                now,
            )


async def _repeatable(request: Request, key: KeyHeader = None) -> IdempotentRequest:
    return IdempotentRequest(key, "" if key is None else await _said(request))


async def _said(request: Request) -> str:
    """Fingerprint of the body, and of what the address says it is for: the same contacts may go
    into two campaigns."""
    body = await fingerprint(request)
    named = request.path_params
    return fingerprint_of(f"{body} {sorted(named.items())}".encode(), None) if named else body


MaybeRepeated = Annotated[IdempotentRequest, Depends(_repeatable)]
