"""/healthz and /readyz"""

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field

from api.http.deps import Services, Uses
from api.http.problems import RETRY_AFTER
from api.http.schema import View
from contracts import names
from storage import loop_leases
from storage.database.engine import DatabaseBusy, is_full, is_read_only

router = APIRouter(tags=["health"])


PING_LIMIT = 3.0


class Health(View):
    """`ok`, for as long as there is an answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: str


class Ready(View):
    """Each part is `ok` or `away`; a database without writes is `full` or `read-only`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"database": "ok", "temporal": "ok", "worker": "away", "loops": "away"},
            ]
        }
    )

    database: str
    temporal: str
    worker: str
    loops: str
    replica: str | None = Field(
        None, description="Whether lists are read from the read replica: `ok` or `behind`."
    )


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
    """Whether calls can be accepted and carried out: database, Temporal, a polling worker, and a
    worker for each of the loops.
    """
    database, temporal, loops = await asyncio.gather(
        _database(uses), uses.calls.readiness(), _loops(uses)
    )
    others = {"temporal": temporal.temporal, "worker": temporal.worker, "loops": loops}
    body = {"database": database} | {
        name: "ok" if there else "away" for name, there in others.items()
    }
    is_ready = set(body.values()) == {"ok"}
    if uses.db.replica is not None:
        # Nothing waits for it.
        body["replica"] = "ok" if await uses.db.replica.is_near() else "behind"
    return JSONResponse(body) if is_ready else JSONResponse(body, 503, RETRY_AFTER)


async def _loops(uses: Services) -> bool:
    """Whether each is run by somebody."""
    try:
        async with asyncio.timeout(PING_LIMIT), uses.db.read() as session:
            return not await loop_leases.neglected(session, names.VITAL_LOOPS)
    except Exception:  # whatever it is, nobody knows
        return False


async def _database(uses: Services) -> str:
    try:
        async with asyncio.timeout(PING_LIMIT):
            await uses.db.ping()
    except Exception:  # whatever it is, the database is not ready
        return "away"
    try:
        async with asyncio.timeout(PING_LIMIT):
            await uses.db.probe()
    except (TimeoutError, DatabaseBusy):
        # Others are writing, so it can be written to.
        return "ok"
    except Exception as exc:
        if is_read_only(exc):
            return "read-only"
        return "full" if is_full(exc) else "away"
    return "ok"
