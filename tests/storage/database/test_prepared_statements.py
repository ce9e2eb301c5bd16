"""Statements that SQLite is handed without SQLAlchemy answer what SQLAlchemy would.

Where a test here fails after an update of SQLAlchemy, compare what
`storage/database/sqlite/prepared_statements.py` takes of a compiled statement with
`DefaultExecutionContext._init_compiled` in `sqlalchemy/engine/default.py`.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import (
    Column,
    Enum,
    Integer,
    MetaData,
    Select,
    Table,
    bindparam,
    func,
    insert,
    literal,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from storage.database.core import rows_of, send
from storage.database.engine import Database
from storage.database.failures import is_full
from storage.database.sqlite import prepared_statements
from storage.tables.types import Json, UtcDateTime
from tests.statements import statements

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


class Shade(StrEnum):
    RED = "red"
    BLUE = "blue"


THINGS = Table(
    "thing",
    MetaData(),
    Column("thing_id", Integer, primary_key=True),
    Column("at", UtcDateTime()),
    Column("said", Json),
    Column("shade", Enum(Shade, native_enum=False)),
    Column("made", Integer, default=lambda: 7),
)
WHOLE = {"thing_id": 1, "at": NOON, "said": {"a": [1]}, "shade": Shade.RED, "made": 3}
INSERT = insert(THINGS).inline()
ALL = select(THINGS.c.thing_id, THINGS.c.at, THINGS.c.said, THINGS.c.shade, THINGS.c.made)
OF_SHADE = ALL.where(THINGS.c.shade == bindparam("shade"), THINGS.c.made > 1)
PAINT = (
    update(THINGS)
    .where(THINGS.c.thing_id == bindparam("own"), THINGS.c.shade != Shade.BLUE)
    .values(shade=Shade.BLUE, at=bindparam("now", type_=UtcDateTime()))
)
IN_LIST = select(THINGS.c.thing_id).where(THINGS.c.thing_id.in_(bindparam("ids", expanding=True)))
WITH_DEFAULT = insert(THINGS).inline().values(thing_id=bindparam("own"))
TWO = union_all(
    select(literal("a").label("kind"), func.count().label("number")).select_from(THINGS),
    select(literal("b"), bindparam("given", type_=Integer())),
)


@pytest_asyncio.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/prepared.db")
    async with opened.engine.begin() as connection:
        await connection.run_sync(THINGS.metadata.create_all)
    yield opened
    await opened.close()


@pytest.fixture
def went(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each statement was handed to SQLite as it is."""
    found: list[bool] = []
    real = prepared_statements.answer

    def noted(*args: Any) -> Any:
        answer = real(*args)
        found.append(answer is not None)
        return answer

    monkeypatch.setattr(prepared_statements, "answer", noted)
    return found


async def sent_thrice(db: Database, statement: Any, **given: Any) -> list[list[Any]]:
    async with db.write() as session:
        return [list(await rows_of(session, statement, given)) for _ in range(3)]


async def fill(db: Database) -> None:
    async with db.write() as session:
        await send(session, INSERT, WHOLE)


async def fill_the_disk(db: Database) -> None:
    async with db.write() as session:
        ((pages,),) = (await send(session, text("PRAGMA page_count"))).all()
        await send(session, text(f"PRAGMA max_page_count={pages + 8}"))
        for number in range(3, 100):
            await send(session, INSERT, {**WHOLE, "thing_id": number, "said": ["x" * 3_000]})


@pytest.mark.parametrize(
    ("statement", "given"),
    [
        pytest.param(ALL, {}, id="all"),
        pytest.param(OF_SHADE, {"shade": Shade.RED}, id="enum_in_and_out"),
        pytest.param(OF_SHADE, {"shade": Shade.BLUE}, id="nothing"),
        pytest.param(TWO, {"given": 4}, id="union"),
    ],
)
async def test_the_second_answer_is_the_first_ones(
    db: Database, went: list[bool], statement: Select[Any], given: dict[str, Any]
) -> None:
    await fill(db)
    went.clear()
    first, *others = await sent_thrice(db, statement, **given)
    assert [[tuple(row) for row in rows] for rows in others] == [[tuple(row) for row in first]] * 2
    assert [row._fields for rows in others for row in rows] == [row._fields for row in first] * 2
    assert went[-1]


async def test_what_was_written_is_read_as_it_was(db: Database, went: list[bool]) -> None:
    for number in (1, 2, 3):
        async with db.write() as session:
            await send(session, INSERT, {**WHOLE, "thing_id": number})
    assert went[1:] == [True, True]
    found = (await sent_thrice(db, ALL))[0]
    assert [dict(zip(row._fields, row, strict=True)) for row in found] == [
        {**WHOLE, "thing_id": number} for number in (1, 2, 3)
    ]


async def test_how_many_rows_were_changed_is_told(db: Database, went: list[bool]) -> None:
    await fill(db)
    given = {"own": 1, "now": NOON}
    async with db.write() as session:
        assert [(await send(session, PAINT, given)).rowcount for _ in range(3)] == [1, 0, 0]
    assert went[-1]


@pytest.mark.parametrize(
    ("statement", "given", "answer"),
    [
        pytest.param(IN_LIST, {"ids": [1, 2]}, [(1,)], id="a_list"),
        pytest.param(text("SELECT count(*) FROM thing"), {}, [(1,)], id="text"),
    ],
)
async def test_what_has_no_such_form_goes_the_usual_way(
    db: Database, went: list[bool], statement: Any, given: dict[str, Any], answer: list[Any]
) -> None:
    await fill(db)
    assert await sent_thrice(db, statement, **given) == [answer] * 3
    assert not any(went[-3:])


async def test_a_default_that_python_makes_is_made_each_time(db: Database) -> None:
    async with db.write() as session:
        for number in (4, 5, 6):
            await send(session, WITH_DEFAULT, {"own": number})
        assert [row.made for row in await rows_of(session, ALL)] == [7, 7, 7]


async def test_a_statement_that_is_derived_from_one_is_another(db: Database) -> None:
    await fill(db)
    base = select(THINGS.c.thing_id)
    await sent_thrice(db, base)
    assert await sent_thrice(db, base.where(THINGS.c.thing_id > 1)) == [[]] * 3
    assert await sent_thrice(db, base) == [[(1,)]] * 3


async def test_a_value_that_is_missing_is_told_as_usual(db: Database) -> None:
    await fill(db)
    await sent_thrice(db, OF_SHADE, shade=Shade.RED)
    async with db.write() as session:
        with pytest.raises(StatementError, match="shade"):
            await rows_of(session, OF_SHADE, {})


async def test_what_sqlite_refuses_is_sqlalchemys_error_and_the_transaction_goes_on(
    db: Database,
) -> None:
    async with db.write() as session:
        await send(session, INSERT, WHOLE)
        await send(session, INSERT, {**WHOLE, "thing_id": 2})
        with pytest.raises(IntegrityError) as refused:
            await send(session, INSERT, WHOLE)
        await send(session, INSERT, {**WHOLE, "thing_id": 3})
    assert "red" not in str(refused.value)
    assert [row.thing_id for row in (await sent_thrice(db, ALL))[0]] == [1, 2, 3]


async def test_of_a_transaction_for_which_there_is_no_room_nothing_is_kept(db: Database) -> None:
    """SQLite ends it by itself; what is sent after that would be kept at once."""
    for number in (1, 2):
        async with db.write() as session:
            await send(session, INSERT, {**WHOLE, "thing_id": number})
    with pytest.raises(OperationalError, match="full") as refused:
        await fill_the_disk(db)
    assert is_full(refused.value)
    assert [row.thing_id for row in (await sent_thrice(db, ALL))[0]] == [1, 2]


async def test_a_statement_that_fails_is_sent_once(db: Database) -> None:
    with statements(db) as sent:
        async with db.write() as session:
            await send(session, INSERT, WHOLE)
            await send(session, INSERT, {**WHOLE, "thing_id": 2})
            with pytest.raises(IntegrityError):
                await send(session, INSERT, WHOLE)
    assert len([one for one in sent if one.text.startswith("INSERT")]) == 3


async def test_a_value_that_its_type_refuses_is_told_as_usual(db: Database) -> None:
    given = {"own": 1, "now": NOON}
    await fill(db)
    async with db.write() as session:
        for _ in range(2):
            await send(session, PAINT, given)
        with pytest.raises(StatementError, match="naive") as refused:
            await send(session, PAINT, {**given, "now": NOON.replace(tzinfo=None)})
    assert "2026" not in str(refused.value)


async def test_those_who_listen_hear_of_each_statement(db: Database) -> None:
    with statements(db) as sent:
        await sent_thrice(db, OF_SHADE, shade=Shade.RED)
    asked = [one for one in sent if one.text.startswith("SELECT")]
    assert len(asked) == 3
    assert len({(one.text, tuple(one.values)) for one in asked}) == 1
