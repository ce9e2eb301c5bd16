"""How a database would go about a statement: which tables it would read to their end."""

import json
import re
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database.engine import Database
from storage.tables import Call
from tests.statements import Statement

_PLANNED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)


_SCAN = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")
PARTIAL = {
    str(index.name)
    for table in Call.metadata.sorted_tables
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}


async def scanned(db: Database, sent: list[Statement], tables: tuple[str, ...]) -> dict[str, str]:
    """By statement: the tables of these that it reads from one end to the other."""
    explain = _scanned_by_postgresql if db.dialect == "postgresql" else _scanned_by_sqlite
    found = {}
    async with db.engine.connect() as connection:
        for one in {planned.text: planned for planned in sent}.values():
            if _PLANNED.match(one.text):
                whole = {*await explain(connection, one)} & {*tables}
                if whole:
                    found[one.text] = ", ".join(sorted(whole))
    return found


async def _scanned_by_postgresql(connection: AsyncConnection, one: Statement) -> list[str]:
    values = one.values[0] if isinstance(one.values, list) else one.values
    rows = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {one.text}", values)
    plan = rows.scalar_one()
    return _sequential((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"])


def _sequential(node: dict[str, Any]) -> list[str]:
    own = [node["Relation Name"]] if node["Node Type"].endswith("Seq Scan") else []
    return own + [name for child in node.get("Plans", ()) for name in _sequential(child)]


async def _scanned_by_sqlite(connection: AsyncConnection, one: Statement) -> list[str]:
    values = one.values[0] if isinstance(one.values, list) else one.values
    rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one.text}", values)
    # An index that holds all that is asked for is read to its end, too: "SCAN x USING COVERING …".
    # A partial one, to which its condition leads, has a few rows only.
    scans = [_SCAN.match(row.detail) for row in rows]
    return [scan[1] for scan in scans if scan and scan[2] not in PARTIAL]
