"""/healthz and /readyz"""

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import ConfigDict

from api.deps import Services, Uses
from api.schemas.common import View

router = APIRouter(tags=["health"])


PING_LIMIT = 3.0


class Health(View):
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
async def healthz() -> Health:
    """The process is alive."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Ready, "description": "Something is away"}})
async def readyz(uses: Uses) -> JSONResponse:
    """Whether calls can be accepted and carried out: database, Temporal, a polling worker."""
    database, temporal = await asyncio.gather(_database(uses), uses.calls.readiness())
    parts = {
        "database": database,
        "temporal": temporal.temporal,
        "worker": temporal.worker,
    }
    body = {name: "ok" if there else "away" for name, there in parts.items()}
    return JSONResponse(body, 200 if all(parts.values()) else 503)


async def _database(uses: Services) -> bool:
    try:
        async with asyncio.timeout(PING_LIMIT):
            await uses.db.ping()
    except Exception:  # whatever it is, the database is not ready
        return False
    return True
