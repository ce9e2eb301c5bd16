"""The same stack on PostgreSQL, as in production."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.e2e.conftest import QUICK
from tests.e2e.stack import Stack
from tests.storage.database.pooler import needs_pooler, running_pooler
from tests.storage.database.postgres import Postgres

pytestmark = pytest.mark.e2e

HUMAN = {"answer": {"after": 0.5, "by": "human", "digits": "1"}}


@pytest.fixture(params=["direct", pytest.param("pooler", marks=needs_pooler)])
def settings(
    request: pytest.FixtureRequest, postgres: Postgres, tmp_path: Path
) -> Iterator[dict[str, str]]:
    """Which database, and how it is reached: by itself, or through a pooler in transaction mode."""
    name = postgres.create_database()
    if request.param == "direct":
        yield {"TRUNKLINE_DATABASE_URL": postgres.url(name)}
        return
    folder = tmp_path / "pooler"
    folder.mkdir()
    with running_pooler(postgres, folder, 8) as url:
        yield {"TRUNKLINE_DATABASE_URL": url + name, "TRUNKLINE_DATABASE_POOLER": "true"}


def test_calls_are_placed_retried_and_counted_on_postgresql(
    settings: dict[str, str], tmp_path: Path
) -> None:
    url = settings["TRUNKLINE_DATABASE_URL"]
    stack = Stack(tmp_path, {**QUICK, **settings}).start()
    try:
        agent = stack.agent(maxConcurrent=2)
        stack.script("+12065550160", "busy", HUMAN)
        numbers = [f"+1206555016{digit}" for digit in range(5)]
        for number in numbers[1:]:
            stack.script(number, HUMAN)
        views = stack.wait_for_ends([stack.submit(agent, one) for one in numbers])
        with psycopg.connect(url) as database:
            kept = database.execute("SELECT count(*) FROM call").fetchone()
    finally:
        assert stack.stop() == 0
    assert kept == (5,)
    assert not (tmp_path / "trunkline.db").exists()
    assert {view["outcome"] for view in views} == {"confirmed"}
    assert [view["attemptCount"] for view in views] == [2, 1, 1, 1, 1]
