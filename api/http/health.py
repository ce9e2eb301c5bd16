"""/healthz and /readyz"""

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import ConfigDict

from api.http.deps import Services, Uses
from api.http.problems import RETRY_AFTER
from api.http.schema import View

router = APIRouter(tags=["health"])


PING_LIMIT = 3.0


class Health(View):
    """`ok`, for as long as there is an answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: str


class Ready(View):
    """Each part is `ok` or `away`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"database": "ok", "temporal": "ok", "worker": "away"}]}
    )

    database: str
    temporal: str
    worker: str


@router.get("/healthz")
@router.head("/healthz", include_in_schema=False)
@router.get("/twilio/healthz", include_in_schema=False)
async def healthz() -> Health:
    """The process is alive. Workers ask it where the carrier would: below /twilio/."""
    return Health(status="ok")


@router.get(
    "/readyz",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "Something is away"}},
)
@router.head("/readyz", include_in_schema=False)
async def readyz(uses: Uses) -> JSONResponse:
    """Whether calls can be accepted and carried out: database, Temporal, a polling worker."""
    database, temporal = await asyncio.gather(_database(uses), uses.calls.readiness())
    parts = {
        "database": database,
        "temporal": temporal.temporal,
        "worker": temporal.worker,
    }
    body = {name: "ok" if there else "away" for name, there in parts.items()}
    if all(parts.values()):
        return JSONResponse(body)
    return JSONResponse(body, 503, RETRY_AFTER)


async def _database(uses: Services) -> bool:
    try:
        async with asyncio.timeout(PING_LIMIT):
            await uses.db.ping()
    except Exception:  # whatever it is, the database is not ready
        return False
    return True
