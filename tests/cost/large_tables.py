"""Tables as they are after a year, on PostgreSQL: one call, made a hundred thousand times."""

from sqlalchemy import text
from sqlmodel import SQLModel

from storage.database.engine import Database
from storage.tables import Attempt, Call, DecisionRow, Event, Lease

ROWS = 100_000
#: How many calls wait for a slot.
WAITING = 20_000
#: Those that grow with every call.
LARGE = ("call", "attempt", "lease", "event", "decision")
_AT = "timestamptz '2026-01-01 09:00Z' + n * interval '60 s'"
#: Leases are kept for a day.
_TODAY = "now() - n * interval '0.8 s'"
_CALL = "'c' || lpad(n::text, 35, '0')"
_TO = "'+1212' || (2000000 + n)"
_ENDED: dict[type[SQLModel], dict[str, str]] = {
    Call: {
        "call_id": _CALL,
        "endpoint": _TO,
        "client_token": "NULL",
        "created_time": _AT,
        "completed_time": f"{_AT} + interval '60 s'",
    },
    Attempt: {
        "attempt_id": _CALL,
        "call_id": _CALL,
        "token": _CALL,
        "carrier_sid": _CALL,
        "to_endpoint": _TO,
        "dialed_at": _AT,
        "sent_at": _AT,
        "settled_at": f"{_AT} + interval '60 s'",
    },
    Lease: {
        "lease_id": _CALL,
        "call_id": _CALL,
        "granted_at": _TODAY,
        "taken_at": _TODAY,
        "expires_at": f"{_TODAY} + interval '60 s'",
        "released_at": f"{_TODAY} + interval '30 s'",
    },
    DecisionRow: {"call_id": _CALL, "at": _AT},
    Event: {"call_id": _CALL, "at": _AT},
}
_WAITING = {
    "call_id": "'w' || lpad(n::text, 35, '0')",
    "endpoint": _TO,
    "client_token": "NULL",
    "created_time": _AT,
    "queued_at": _AT,
    "completed_time": "NULL",
    "outcome": "NULL",
    "status": "'Queued'",
    "waiting_for": "'slot'",
    "priority": "n % 8 + 1",
    "account_id": ":account",
    "agent_id": ":agent",
}
#: Given by the database.
_OWN = ("event_id", "tx")


async def multiply(db: Database, call_id: str) -> None:
    """All that stands beside an ended call, again and again, over many weeks."""
    for table, changes in _ENDED.items():
        name = _name(table)
        async with db.write() as session:
            # References are sound, and ended calls need not be counted: half the time.
            await session.execute(text("SET LOCAL session_replication_role = replica"))
            source = {"source": call_id}
            (each,) = (
                await session.execute(
                    text(f"SELECT count(*) FROM {name} WHERE call_id = :source"), source
                )
            ).one()
            await session.execute(text(_copies(table, changes, ROWS // each)), source)


async def let_wait(db: Database, call_id: str, account_id: str, agent_id: str) -> None:
    """A queue of another account."""
    names = {"source": call_id, "account": account_id, "agent": agent_id}
    async with db.write() as session:
        await session.execute(text(_copies(Call, _WAITING, WAITING)), names)


async def look_at_all(db: Database) -> None:
    """What the server does by itself after a while."""
    async with db.engine.connect() as connection:
        free = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await free.execute(text("VACUUM ANALYZE"))


def _name(table: type[SQLModel]) -> str:
    return str(table.__tablename__)


def _copies(table: type[SQLModel], changes: dict[str, str], times: int) -> str:
    name = _name(table)
    columns = [one.name for one in table.metadata.tables[name].columns if one.name not in _OWN]
    given = ", ".join(changes.get(one, f"of.{one}") for one in columns)
    return (
        f"INSERT INTO {name} ({', '.join(columns)}) SELECT {given} "
        f"FROM {name} AS of, generate_series(1, {times}) AS n WHERE of.call_id = :source"
    )
